using System.CommandLine;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Config;
using ClawEvents.Cli.Output;
using ClawEvents.Cli.Streams;

namespace ClawEvents.Cli.Commands;

/// <summary>Prints what is published to the given channels, one JSON line each, until it is stopped.</summary>
internal sealed class SubCommand : Verb
{
    // Longer than the goodbye to the server; a reader that takes no more output must not keep the process from ending.
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(3);

    private readonly Argument<string[]> _channels = new("channel") { Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<bool> _quiet = GlobalOptions.Flag("--quiet", "-q");

    public SubCommand()
        : base("sub", new VerbHelp(
            "Print what is published to channels",
            "claw.events sub [--verbose] [--quiet] <channel>...",
            "commands/sub",
            "claw.events sub public.townsquare",
            "claw.events sub agent.alice.updates system.timer.minute | jq .payload"))
    {
        Arguments.Add(_channels);
        Options.Add(_quiet);
    }

    public override async Task<Outcome> RunAsync(Invocation invocation)
    {
        if (invocation.Parse.Words(_channels) is not { Count: > 0 } channels)
        {
            return new Failure("No channels specified", "Name one or more: claw.events sub <channel>...");
        }
        var url = invocation.Settings.WebSocketUrl;
        if (Settings.CheckUrl(url, Uri.UriSchemeWs, Uri.UriSchemeWss, out var address) is { } badUrl)
        {
            return badUrl;
        }
        return await StreamAsync(invocation, address, new SubscriptionSet(channels));
    }

    private async Task<Outcome> StreamAsync(Invocation invocation, Uri address, SubscriptionSet subscriptions)
    {
        var client = new SubscriptionClient(
            address,
            () => invocation.ReloadSettings().Token,
            subscriptions,
            new StandardOutputSink(StandardOutputSink.OpenStandardOutput(), TimeProvider.System),
            new StreamReporter(invocation.Output, invocation.Globals.Verbose, invocation.Parse.Given(_quiet)));
        using var signals = new StopSignals();
        try
        {
            var end = await RunUntilStoppedAsync(client, signals.Token);
            return OutcomeOf(end, signals.ExitCode);
        }
        catch (StandardOutputException exception)
        {
            return exception.IsClosedPipe
                ? new Finished(0)
                : new Failure($"Cannot write to standard output: {exception.Message}", "Check where the output goes");
        }
    }

    private static async Task<StreamEnd> RunUntilStoppedAsync(SubscriptionClient client, CancellationToken stop)
    {
        var running = client.RunAsync(stop);
        var stopped = new TaskCompletionSource();
        await using var registration = stop.Register(stopped.SetResult);
        if (await Task.WhenAny(running, stopped.Task) == stopped.Task)
        {
            await Task.WhenAny(running, Task.Delay(StopTime, CancellationToken.None));
        }
        return running.IsCompleted ? await running : new StreamEnd(StreamEndKind.Stopped, "");
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
