using System.Globalization;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Cli;

/// <summary>The end of the built <c>subexec</c>, and messages that its children are too slow for.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Platform(Exclude = "Win")]
internal sealed class SubexecEndProcessTests : IDisposable
{
    private readonly CliHome _home = new();

    public void Dispose() => _home.Dispose();

    [Test, CancelAfter(30_000)]
    public async Task Received_messages_are_handed_over_before_the_end(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var process = Start(server, "c", "--", "/bin/sh", "-c", "echo $CLAW_PAYLOAD; while [ -d \"$HOME\" ] && [ ! -e \"$HOME/go\" ]; do sleep 0.05; done");
        var connection = await server.WelcomeNextAsync(cancellation);
        await connection.SendAsync(string.Join('\n', Enumerable.Range(1, 3).Select(i => CliPublication.Push(Text(i)))), cancellation);
        Assert.That(await process.ReadLineAsync(cancellation), Is.EqualTo("1"));

        await process.SignalAsync("TERM", cancellation);
        await process.WaitForErrorAsync("Handing over 2 messages before exiting; another signal exits immediately\n", cancellation);
        await File.WriteAllTextAsync(Path.Combine(_home.Folder, "go"), "", cancellation);
        var result = await process.WaitAsync(cancellation);

        Assert.That((result.ExitCode, result.Output), Is.EqualTo((143, "2\n3\n")));
    }

    [Test, CancelAfter(30_000)]
    public async Task A_second_signal_ends_subexec_immediately(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var process = Start(server, "c", "--", "/bin/sh", "-c", "echo started >&2; exec >&- 2>&-; while [ -d \"$HOME\" ] && [ ! -e \"$HOME/go\" ]; do sleep 0.05; done");
        var connection = await server.WelcomeNextAsync(cancellation);
        await connection.SendAsync(CliPublication.Push("1") + "\n" + CliPublication.Push("2"), cancellation);
        await process.WaitForErrorAsync("started\n", cancellation);

        await process.SignalAsync("INT", cancellation);
        await process.WaitForErrorAsync("Handing over 1 message before exiting", cancellation);
        await process.SignalAsync("INT", cancellation);
        var exitCode = await process.WaitForExitAsync(cancellation);
        await File.WriteAllTextAsync(Path.Combine(_home.Folder, "go"), "", cancellation);

        Assert.That(exitCode, Is.EqualTo(130));
        await process.WaitForErrorAsync("Not handed over: 1 message\n", cancellation);
    }

    [Test, CancelAfter(60_000)]
    public async Task Commands_that_fall_far_behind_cost_a_connection_and_no_message(CancellationToken cancellation)
    {
        const int Count = 70;
        var payload = $"\"{new string('x', 1024 * 1024)}\"";
        await using var server = await CliServerDouble.StartAsync();
        using var process = Start(
            server, "--stdin", "c", "--", "/bin/sh", "-c", "while [ -d \"$HOME\" ] && [ ! -e \"$HOME/go\" ]; do sleep 0.05; done; wc -c");
        var first = await server.AcceptAsync(cancellation);
        await first.WelcomeAsync(cancellation, """{"recoverable":true,"epoch":"e"}""");
        await first.SendUntilLeftAsync(number => CliPublication.Push(payload, number), Count, cancellation);
        await process.WaitForErrorAsync("The commands are 64 MiB of messages behind: disconnected until half of that is handled\n", cancellation);

        await File.WriteAllTextAsync(Path.Combine(_home.Folder, "go"), "", cancellation);
        var second = await server.AcceptAsync(cancellation);
        var position = await second.WelcomeRecoveringAsync(cancellation);
        for (var offset = position + 1; offset <= Count; offset++)
        {
            await second.SendAsync(CliPublication.Push(payload, offset), cancellation);
        }

        Assert.That(position, Is.GreaterThan(50));
        Assert.That(
            await process.ReadLinesAsync(Count, cancellation), Is.All.EqualTo(Text(CliPublication.Line(payload).Length + 1)));
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private CliProcess Start(CliServerDouble server, params string[] arguments) =>
        CliProcess.Start(_home, ["-s", server.Url, "subexec", .. arguments]);
}
