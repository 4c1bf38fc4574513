using System.Globalization;
using System.Text;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Cli.Arguments;

namespace ClawEvents.Broker.Tests.Cli;

/// <summary>The built <c>sub</c> against a scripted server.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class SubProcessTests : IDisposable
{
    private readonly CliHome _home = new();

    public void Dispose() => _home.Dispose();

    [Test, CancelAfter(30_000)]
    public async Task Channels_share_one_connection_each_named_once_with_the_token(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var process = CliProcess.Start(_home, ["-s", server.Url, "-t", "tok", "sub", "public.a", "public.b", "public.a"]);

        var connection = await server.AcceptAsync(cancellation);
        var (connect, subscribe) = await connection.WelcomeAsync(cancellation);

        Assert.That(connect, Is.EqualTo("""{"id":1,"connect":{"token":"tok","name":"claw.events","version":""" + $"\"{ProgramVersion.Text}\"}}}}"));
        Assert.That(subscribe, Is.EqualTo("""
            {"id":2,"subscribe":{"channel":"public.a","recoverable":true}}
            {"id":3,"subscribe":{"channel":"public.b","recoverable":true}}
            """));
    }

    [Test, CancelAfter(30_000)]
    public async Task Publications_become_lines_however_they_are_packed(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var process = CliProcess.Start(_home, ["-s", server.Url, "sub", "c"]);
        var connection = await server.AcceptAsync(cancellation);
        var (connect, _) = await connection.WelcomeAsync(cancellation);
        var large = new string('x', 1024 * 1024);

        await connection.SendAsync($"{CliPublication.Push("1")}\n{CliPublication.Push("2")}\n", cancellation);
        await connection.SendFragmentedAsync(CliPublication.Push("\"three\""), cancellation);
        await connection.SendAsync(CliPublication.Push($"\"{large}\""), cancellation);

        var lines = new List<string?>();
        for (var i = 0; i < 4; i++)
        {
            lines.Add(await process.ReadLineAsync(cancellation));
        }
        Assert.That(connect, Does.Not.Contain("token"));
        Assert.That(lines, Is.EqualTo([CliPublication.Line("1"), CliPublication.Line("2"), CliPublication.Line("\"three\""), CliPublication.Line($"\"{large}\"")]));
    }

    [Test, CancelAfter(30_000)]
    public async Task Pings_are_answered_when_the_server_asks_for_it(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var process = CliProcess.Start(_home, ["-s", server.Url, "sub", "c"]);
        var connection = await server.AcceptAsync(cancellation);
        await connection.ReceiveAsync(cancellation);
        await connection.SendAsync("""{"id":1,"connect":{"client":"c","ping":25,"pong":true}}""", cancellation);
        await connection.ReceiveAsync(cancellation);

        await connection.SendAsync("{}", cancellation);

        Assert.That(await connection.ReceiveAsync(cancellation), Is.EqualTo("{}"));
    }

    [TestCase("INT", 130)]
    [TestCase("TERM", 143)]
    [CancelAfter(30_000)]
    public async Task A_signal_ends_sub_with_a_close_frame(string signal, int exitCode, CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var process = CliProcess.Start(_home, ["-s", server.Url, "sub", "c"]);
        var connection = await server.WelcomeNextAsync(cancellation);

        await process.SignalAsync(signal, cancellation);

        Assert.That(await connection.ReceiveAsync(cancellation), Is.Null);
        Assert.That(connection.ClientCloseCode, Is.EqualTo(1000));
        await connection.CloseAsync(1000, "", cancellation);
        Assert.That(await process.WaitAsync(cancellation), Is.EqualTo(new CliResult(exitCode, "", "")));
    }

    [Test, CancelAfter(30_000)]
    public async Task A_reader_that_has_enough_ends_sub_quietly(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var process = CliProcess.Start(_home, ["-s", server.Url, "sub", "c"]);
        var connection = await server.WelcomeNextAsync(cancellation);
        await connection.SendAsync(CliPublication.Push("1"), cancellation);
        await process.ReadLineAsync(cancellation);

        process.CloseOutput();
        var exit = process.WaitForExitAsync(cancellation);

        // A program that another test starts at this moment may still hold the reading end of the pipe, so one message may go through.
        await Eventually.IsTrueAsync(async () => await Task.WhenAny(exit, connection.SendAsync(CliPublication.Push("2"), cancellation)) == exit);
        Assert.That(await exit, Is.Zero);
    }

    [Test, CancelAfter(30_000)]
    public async Task Verbose_reports_the_steps_on_stderr(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var process = CliProcess.Start(_home, ["-s", server.Url, "sub", "-vvv", "c"]);
        await server.WelcomeNextAsync(cancellation);

        await process.WaitForErrorAsync(
            "Connecting to WebSocket...\nConnected to WebSocket\nSubscribing to c...\nSubscribed to c\n", cancellation);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_burst_arrives_whole_and_in_order(CancellationToken cancellation)
    {
        const int Count = 50_000;
        await using var server = await CliServerDouble.StartAsync();
        using var process = CliProcess.Start(_home, ["-s", server.Url, "sub", "c"]);
        var connection = await server.WelcomeNextAsync(cancellation);

        var sending = SendBurstAsync(connection, Count, cancellation);
        for (var i = 0; i < Count; i++)
        {
            var line = await process.ReadLineAsync(cancellation);
            Assert.That(line, Is.EqualTo(CliPublication.Line(i.ToString(CultureInfo.InvariantCulture))));
        }
        await sending;
    }

    [Test, CancelAfter(30_000)]
    public async Task A_burst_that_ends_with_the_connection_is_printed_to_its_last_line(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var process = CliProcess.Start(_home, ["-s", server.Url, "sub", "c"]);
        var connection = await server.WelcomeNextAsync(cancellation);

        await SendBurstAsync(connection, 1_000, cancellation);
        await connection.CloseAsync(3500, "the end", cancellation);
        var result = await process.WaitAsync(cancellation);

        Assert.That(result.Output.Split('\n'), Has.Length.EqualTo(1_001));
        Assert.That(result.Output, Does.EndWith(CliPublication.Line("999") + "\n"));
    }

    private static async Task SendBurstAsync(CliConnectionDouble connection, int count, CancellationToken cancellation)
    {
        for (var i = 0; i < count; i += 10)
        {
            var message = new StringBuilder();
            for (var j = i; j < i + 10; j++)
            {
                message.Append(CliPublication.Push(j.ToString(CultureInfo.InvariantCulture))).Append('\n');
            }
            await connection.SendAsync(message.ToString(), cancellation);
        }
    }
}
