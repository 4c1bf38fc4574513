using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Cli;

/// <summary>Recovery of messages that were published while the built <c>sub</c> was away.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class SubRecoveryProcessTests : IDisposable
{
    private readonly CliHome _home = new();

    public void Dispose() => _home.Dispose();

    [Test, CancelAfter(30_000)]
    public async Task Missed_messages_come_first_and_in_order(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var process = CliProcess.Start(_home, ["-s", server.Url, "sub", "c"]);
        var first = await server.AcceptAsync(cancellation);
        await first.WelcomeAsync(cancellation, """{"recoverable":true,"epoch":"e","offset":6,"positioned":true}""");
        await first.SendAsync(CliPublication.Push("7", offset: 7), cancellation);
        Assert.That(await process.ReadLineAsync(cancellation), Is.EqualTo(CliPublication.Line("7")));
        first.Abort();

        var second = await server.AcceptAsync(cancellation);
        var missed = $"{CliPublication.Stored("8", 8)},{CliPublication.Stored("9", 9)}";
        var (_, subscribe) = await second.WelcomeAsync(
            cancellation,
            $$"""{"recoverable":true,"epoch":"e","publications":[{{missed}}],"recovered":true,"offset":7,"positioned":true,"was_recovering":true}""");
        await second.SendAsync(CliPublication.Push("10", offset: 10), cancellation);
        var lines = await process.ReadLinesAsync(3, cancellation);
        second.Abort();
        var (_, third) = await (await server.AcceptAsync(cancellation)).WelcomeAsync(cancellation);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(subscribe, Is.EqualTo(Recover("e", 7)));
            Assert.That(lines, Is.EqualTo([CliPublication.Line("8"), CliPublication.Line("9"), CliPublication.Line("10")]));
            Assert.That(third, Is.EqualTo(Recover("e", 10)));
        }
        await process.WaitForErrorAsync("Recovered 2 messages of c\n", cancellation);
    }

    [TestCase(
        """{"recoverable":true,"epoch":"e","offset":400,"was_recovering":true}""",
        "Could not recover c: its history no longer contains 393 messages that you missed\n")]
    [TestCase(
        """{"recoverable":true,"epoch":"other","offset":0,"was_recovering":true}""",
        "Could not recover c: its history was reset\n")]
    [TestCase("""{"was_recovering":true}""", "Could not recover c: it has no history to recover from\n")]
    [CancelAfter(30_000)]
    public async Task Lost_messages_are_reported(string result, string notice, CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var process = CliProcess.Start(_home, ["-s", server.Url, "sub", "c"]);
        var first = await server.AcceptAsync(cancellation);
        await first.WelcomeAsync(cancellation, """{"recoverable":true,"epoch":"e","offset":7,"positioned":true}""");
        await first.CloseAsync(3001, "shutdown", cancellation);

        var second = await server.AcceptAsync(cancellation);
        var (_, subscribe) = await second.WelcomeAsync(cancellation, result);
        if (result.Contains("400", StringComparison.Ordinal))
        {
            Assert.That(await second.ReceiveAsync(cancellation), Is.EqualTo("""{"id":3,"history":{"channel":"c","limit":300,"since":{"epoch":"e","offset":7}}}"""));
            await second.SendAsync("""{"id":3,"history":{"epoch":"e","offset":400}}""", cancellation);
        }
        await second.SendAsync(CliPublication.Push("1", offset: 401), cancellation);

        Assert.That(subscribe, Is.EqualTo(Recover("e", 7)));
        await process.WaitForErrorAsync(notice, cancellation);
        Assert.That(await process.ReadLineAsync(cancellation), Is.EqualTo(CliPublication.Line("1")));
    }

    [Test, CancelAfter(30_000)]
    public async Task A_gap_without_a_history_is_reported(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var process = CliProcess.Start(_home, ["-s", server.Url, "sub", "c", "d"]);
        await (await server.WelcomeNextAsync(cancellation)).CloseAsync(3001, "shutdown", cancellation);

        var (_, subscribe) = await (await server.AcceptAsync(cancellation)).WelcomeAsync(cancellation);

        Assert.That(subscribe, Does.Not.Contain("\"recover\""));
        await process.WaitForErrorAsync("No history to recover from: messages published meanwhile are lost for c, d\n", cancellation);
    }

    [Test, CancelAfter(30_000)]
    public async Task A_position_the_server_lost_is_recovered_on_the_same_connection(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var process = CliProcess.Start(_home, ["-s", server.Url, "sub", "c"]);
        var connection = await server.AcceptAsync(cancellation);
        await connection.WelcomeAsync(cancellation, """{"recoverable":true,"epoch":"e","offset":7,"positioned":true}""");

        await connection.SendAsync("""{"push":{"channel":"c","unsubscribe":{"code":2500,"reason":"insufficient state"}}}""", cancellation);
        var subscribe = await connection.ReceiveAsync(cancellation);
        await connection.SendAsync(
            $$$"""{"id":3,"subscribe":{"recoverable":true,"epoch":"e","publications":[{{{CliPublication.Stored("8", 8)}}}],"recovered":true,"offset":7,"was_recovering":true}}""",
            cancellation);

        Assert.That(subscribe, Is.EqualTo(Recover("e", 7, id: 3)));
        Assert.That(await process.ReadLineAsync(cancellation), Is.EqualTo(CliPublication.Line("8")));
        await process.WaitForErrorAsync("interrupted: insufficient state; subscribing again\nRecovered 1 message of c\n", cancellation);
    }

    [Test, CancelAfter(30_000)]
    public async Task A_state_that_was_invalidated_is_not_recovered(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var process = CliProcess.Start(_home, ["-s", server.Url, "sub", "c"]);
        var first = await server.AcceptAsync(cancellation);
        await first.WelcomeAsync(cancellation, """{"recoverable":true,"epoch":"e","offset":7}""");
        await first.SendAsync("""{"push":{"channel":"c","unsubscribe":{"code":2502,"reason":"state invalidated"}}}""", cancellation);
        var again = await first.ReceiveAsync(cancellation);
        await first.SendAsync("""{"id":3,"subscribe":{"recoverable":true,"epoch":"f"}}""", cancellation);
        await first.CloseAsync(3014, "state invalidated", cancellation);

        var (_, second) = await (await server.AcceptAsync(cancellation)).WelcomeAsync(cancellation);

        Assert.That(again, Does.Not.Contain("\"recover\""));
        Assert.That(second, Does.Not.Contain("\"recover\""));
    }

    [Test, CancelAfter(30_000)]
    public async Task The_first_publication_of_a_history_names_it(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var process = CliProcess.Start(_home, ["-s", server.Url, "sub", "c"]);
        var first = await server.AcceptAsync(cancellation);
        await first.WelcomeAsync(cancellation, """{"recoverable":true,"positioned":true}""");
        await first.SendAsync("""{"push":{"channel":"c","pub":{"data":1,"offset":1,"epoch":"born"}}}""", cancellation);
        await process.ReadLineAsync(cancellation);
        first.Abort();

        var (_, subscribe) = await (await server.AcceptAsync(cancellation)).WelcomeAsync(cancellation);

        Assert.That(subscribe, Is.EqualTo(Recover("born", 1)));
    }

    [Test, CancelAfter(30_000)]
    public async Task Channels_nobody_asked_for_are_not_printed(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var process = CliProcess.Start(_home, ["-s", server.Url, "sub", "c"]);
        var connection = await server.AcceptAsync(cancellation);
        await connection.WelcomeAsync(cancellation, connected: ""","subs":{"#alice":{}}""");

        await connection.SendAsync("""{"push":{"channel":"#alice","pub":{"data":1}}}""", cancellation);
        await connection.SendAsync(CliPublication.Push("2"), cancellation);

        Assert.That(await process.ReadLineAsync(cancellation), Is.EqualTo(CliPublication.Line("2")));
    }

    // More than the client queues and pipes and sockets buffer: the reader is this test, which reads later.
    [Test, CancelAfter(60_000)]
    public async Task A_reader_that_falls_far_behind_costs_a_connection_and_no_message(CancellationToken cancellation)
    {
        const int Count = 70;
        var payload = $"\"{new string('x', 1024 * 1024)}\"";
        await using var server = await CliServerDouble.StartAsync();
        using var process = CliProcess.Start(_home, ["-s", server.Url, "sub", "c"]);
        var first = await server.AcceptAsync(cancellation);
        await first.WelcomeAsync(cancellation, """{"recoverable":true,"epoch":"e"}""");
        await first.SendUntilLeftAsync(number => CliPublication.Push(payload, number), Count, cancellation);
        await process.WaitForErrorAsync("The reader of standard output is 64 MiB behind: disconnected until half of that is handled\n", cancellation);

        var lines = process.ReadLinesAsync(Count, cancellation);
        var second = await server.AcceptAsync(cancellation);
        var position = await second.WelcomeRecoveringAsync(cancellation);
        for (var offset = position + 1; offset <= Count; offset++)
        {
            await second.SendAsync(CliPublication.Push(payload, offset), cancellation);
        }

        Assert.That(position, Is.GreaterThan(50));
        Assert.That(await lines, Has.Count.EqualTo(Count).And.All.EqualTo(CliPublication.Line(payload)));
    }

    private static string Recover(string epoch, int offset, int id = 2) =>
        $$$"""{"id":{{{id}}},"subscribe":{"channel":"c","recoverable":true,"recover":true,"epoch":"{{{epoch}}}","offset":{{{offset}}}}}""";
}
