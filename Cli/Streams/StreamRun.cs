using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Config;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Streams;

/// <summary>A stream command's run, from the first connect until everything is handed on.</summary>
internal static class StreamRun
{
    /// <summary>Runs until a signal, the server or the sink ends it.</summary>
    /// <param name="invocation">Gives the server and the token.</param>
    /// <param name="channels">What to subscribe to; at least one.</param>
    /// <param name="openSink">Makes the sink, once it is clear that the run can begin.</param>
    /// <param name="handOnTime">How long the sink may take after a signal; a second signal ends it at once.</param>
    /// <param name="reporter">Says on stderr what happens.</param>
    public static async Task<Outcome> RunAsync(
        Invocation invocation,
        IEnumerable<string> channels,
        Func<IPublicationSink> openSink,
        TimeSpan handOnTime,
        StreamReporter reporter)
    {
        var url = invocation.Settings.WebSocketUrl;
        if (Settings.CheckUrl(url, Uri.UriSchemeWs, Uri.UriSchemeWss, out var address) is { } badUrl)
        {
            return badUrl;
        }
        var token = new StreamToken(() => invocation.ReloadSettings().Token, isFixed: invocation.Globals.Token is not null);
        using var signals = new StopSignals();
        var sink = openSink();
        var client = new SubscriptionClient(address, token, new SubscriptionSet(channels), sink, reporter, TimeProvider.System);

        var end = await StreamAsync(client, sink, signals.Token);
        var sinkOutcome = await HandOnAsync(sink, signals, handOnTime);
        return sinkOutcome ?? OutcomeOf(end, signals.ExitCode);
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

    private static async Task<Outcome?> HandOnAsync(IPublicationSink sink, StopSignals signals, TimeSpan handOnTime)
    {
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(signals.Insist);
        await using var clock = signals.Token.Register(() => giveUp.CancelAfter(handOnTime));
        return await sink.EndAsync(giveUp.Token);
    }

    private static Outcome OutcomeOf(StreamEnd end, int signalExitCode) => end.Kind switch
    {
        StreamEndKind.Stopped => new Finished(signalExitCode),
        // Each refusal has been shown when it came.
        StreamEndKind.NothingLeft => new Finished(1),
        _ => new Failure(
            $"Disconnected from WebSocket: {end.Reason}",
            "If the token is old, log in again: claw.events login --user <name>",
            "See the settings in force: claw.events config --show"),
    };
}
