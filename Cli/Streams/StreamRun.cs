using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Config;
using ClawEvents.Cli.Output;
using ClawEvents.Cli.Streams.Durable;

namespace ClawEvents.Cli.Streams;

/// <summary>Runs a stream command, from the first connect until everything is delivered.</summary>
internal static class StreamRun
{
    /// <summary>Runs until a signal, the server or the sink ends it.</summary>
    /// <param name="channels">At least one.</param>
    /// <param name="openSink">Creates the sink, after all checks of the settings; the consumer is null unless a durable one was named.</param>
    /// <param name="options">Those that all stream commands have.</param>
    /// <param name="deliveryTime">Time limit of the sink after a signal; a second signal exits immediately.</param>
    public static async Task<Outcome> RunAsync(
        Invocation invocation,
        IEnumerable<string> channels,
        StreamOptions options,
        Func<StreamReporter, DurableConsumer?, IPublicationSink> openSink,
        TimeSpan deliveryTime)
    {
        var requiresToken = options.RequiresToken(invocation.Parse);
        if (requiresToken && invocation.Settings.CheckToken() is { } badToken)
        {
            return badToken;
        }

        var url = invocation.Settings.WebSocketUrl;
        if (Settings.CheckUrl(url, Uri.UriSchemeWs, Uri.UriSchemeWss, out var address) is { } badUrl)
        {
            return badUrl;
        }
        if (invocation.Trust.Failure is { } badAuthorities)
        {
            return badAuthorities;
        }
        var token = new StreamToken(() => invocation.ReloadSettings().Token, isFixed: invocation.Settings.IsTokenGiven, requiresToken);
        using var signals = new StopSignals();
        var (consumer, notDurable) = options.OpenConsumer(invocation, address);
        using var owned = consumer;
        if (notDurable is not null)
        {
            return notDurable;
        }
        var start = options.Start(invocation.Parse, DateTimeOffset.UtcNow);
        var reporter = options.OpenReporter(invocation);
        var sink = openSink(reporter, consumer);
        var client = new SubscriptionClient(address, token, new SubscriptionSet(channels, channel => consumer?.StartOf(channel) ?? start), sink, reporter, invocation.Trust, options.Retries(invocation.Parse), TimeProvider.System);

        var end = await StreamAsync(client, sink, signals.Token);
        var sinkOutcome = await DeliverQueueAsync(sink, signals, deliveryTime);
        return sinkOutcome ?? OutcomeOf(end, address, signals.ExitCode);
    }

    private static async Task<StreamEnd> StreamAsync(SubscriptionClient client, IPublicationSink sink, CancellationToken signal)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(signal);
        var running = client.RunAsync(stop.Token);
        if (await Task.WhenAny(running, sink.Broken) != running)
        {
            await stop.CancelAsync();
        }
        return await running;
    }

    private static async Task<Outcome?> DeliverQueueAsync(IPublicationSink sink, StopSignals signals, TimeSpan deliveryTime)
    {
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(signals.Insist);
        await using var clock = signals.Token.Register(() => giveUp.CancelAfter(deliveryTime));
        return await sink.EndAsync(giveUp.Token);
    }

    private static Outcome OutcomeOf(StreamEnd end, Uri address, int signalExitCode) => end.Kind switch
    {
        StreamEndKind.Stopped => new Finished(signalExitCode),
        // Each refusal was shown when it arrived.
        StreamEndKind.NothingLeft => new Finished(1),
        StreamEndKind.Unusable => new Failure(
            $"Cannot connect to {address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped)}: {end.Reason}",
            [.. end.Fixes ?? [], "Keep trying all the same: --retry"]),
        _ => new Failure(
            $"Disconnected from WebSocket: {end.Reason}",
            "If the token is old, log in again: claw.events login --user <name>",
            "Show the current settings: claw.events config --show"),
    };
}
