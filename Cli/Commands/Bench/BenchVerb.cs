using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Bench;
using ClawEvents.Cli.Output;
using ClawEvents.Cli.Streams;

namespace ClawEvents.Cli.Commands.Bench;

/// <summary>Runs one benchmark and shows its figures. It fails if a message was lost, duplicated, misordered or refused.</summary>
internal sealed class BenchVerb : Verb
{
    private readonly BenchRole _role;
    private readonly BenchArguments _arguments;

    public BenchVerb(BenchRole role, string summary, string example)
        : base(NameOf(role), new VerbHelp(summary, $"claw.events bench {NameOf(role)} [options]", "commands/bench", example))
    {
        _role = role;
        _arguments = new BenchArguments(role);
        foreach (var option in _arguments.All)
        {
            Options.Add(option);
        }
    }

    public override async Task<Outcome> RunAsync(Invocation invocation)
    {
        var (options, failure) = _arguments.Read(invocation);
        if (failure is null)
        {
            (options, failure) = await _arguments.RegisterAsync(invocation, options!);
        }
        return failure ?? await RunAsync(invocation, options!);
    }

    private async Task<Outcome> RunAsync(Invocation invocation, BenchOptions options)
    {
        if (!invocation.Globals.Json)
        {
            // Programs read stderr, too.
            invocation.Output.WriteNotice($"This puts load on {options.WebSocket.Authority}: its other clients will notice.");
        }
        using var signals = new StopSignals();
        using var run = new BenchRun(options);
        try
        {
            using (ShowProgress(invocation, run))
            {
                await run.RunAsync(signals.Token);
            }
        }
        catch (BenchFailedException exception)
        {
            return new Failure(exception.Message, "Check the server's address, and that the client may use the channel: --token, --register or --key");
        }
        catch (OperationCanceledException)
        {
            return new Finished(signals.ExitCode);
        }
        return Show(invocation, options, new BenchResult(options, run));
    }

    private Outcome Show(Invocation invocation, BenchOptions options, BenchResult result)
    {
        if (!invocation.Globals.Json)
        {
            var title = $"bench {NameOf(_role)} on {options.Channel} of {options.WebSocket.Authority}: {string.Join(", ", result.Sides.Select(side => $"{side.Name} {side.Clients.Count}"))}, messages of {options.Size} bytes";
            invocation.Output.WriteRaw(System.Text.Encoding.UTF8.GetBytes(_arguments.WantsCsv(invocation) ? BenchText.Csv(result) : BenchText.Table(title, result)));
        }
        if (result.IsClean)
        {
            return invocation.Globals.Json ? new Success("Benchmark completed") { Data = result.Write } : new Finished(0);
        }
        return new Failure($"The benchmark is not clean: {BenchText.Losses(result)}", [.. FixesOf(result)])
        {
            Details = result.Failures.Count == 0 ? null : $"{result.Failures.Count} clients ended early: {result.Failures[0]}",
            Data = invocation.Globals.Json ? result.Write : null,
        };
    }

    private static IEnumerable<string> FixesOf(BenchResult result)
    {
        if (result.Refused > 0)
        {
            yield return "Publish within the server's limits: --rate, more publishers with --register, --key of the server API, or PublishesPerSecond on the server";
        }
        if (result.Lost > 0)
        {
            yield return "Lower --in-flight or --rate: a subscriber that cannot keep up is disconnected (MaxQueuedBytes), and a channel without history does not bring messages back";
        }
        if (result.Refused + result.Lost == 0)
        {
            yield return "Look into the server's log and metrics";
        }
    }

    private static BenchProgress? ShowProgress(Invocation invocation, BenchRun run) =>
        !invocation.Globals.Json && TextStyle.Detect(Environment.GetEnvironmentVariable).Waits ? new BenchProgress(run) : null;

    private static string NameOf(BenchRole role) => role switch
    {
        BenchRole.Pub => "pub",
        BenchRole.Sub => "sub",
        _ => "fanout",
    };
}
