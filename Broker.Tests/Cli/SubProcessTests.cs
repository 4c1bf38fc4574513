using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Cli;

/// <summary>The built <c>sub</c> against a server that does exactly what the test says.</summary>
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

        Assert.That(connect, Is.EqualTo("""{"id":1,"connect":{"token":"tok","name":"claw.events","version":"0.1.0"}}"""));
        Assert.That(subscribe, Is.EqualTo("""
            {"id":2,"subscribe":{"channel":"public.a"}}
            {"id":3,"subscribe":{"channel":"public.b"}}
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

        await connection.SendAsync($"{Publication("1")}\n{Publication("2")}\n", cancellation);
        await connection.SendFragmentedAsync(Publication("\"three\""), cancellation);
        await connection.SendAsync(Publication($"\"{large}\""), cancellation);

        var lines = new List<string?>();
        for (var i = 0; i < 4; i++)
        {
            lines.Add(await process.ReadLineAsync(cancellation));
        }
        Assert.That(connect, Does.Not.Contain("token"));
        Assert.That(lines, Is.EqualTo([Line("1"), Line("2"), Line("\"three\""), Line($"\"{large}\"")]));
    }

    [Test, CancelAfter(30_000)]
    public async Task Pings_are_answered_when_the_server_wants_it(CancellationToken cancellation)
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

    [Test, CancelAfter(30_000)]
    public async Task A_lost_connection_comes_back_with_its_subscriptions(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var process = CliProcess.Start(_home, ["-s", server.Url, "sub", "c"]);
        await (await WelcomeNextAsync(server, cancellation)).CloseAsync(3001, "shutdown", cancellation);
        (await WelcomeNextAsync(server, cancellation)).Abort();

        var third = await WelcomeNextAsync(server, cancellation);
        await third.SendAsync(Publication("3"), cancellation);

        Assert.That(await process.ReadLineAsync(cancellation), Is.EqualTo(Line("3")));
        await process.WaitForErrorAsync("lost: shutdown; reconnecting\n", cancellation);
        await process.WaitForErrorAsync("Reconnected to ", cancellation);
    }

    [Test, CancelAfter(30_000)]
    public async Task A_server_that_is_not_there_yet_is_waited_for(CancellationToken cancellation)
    {
        // Bound but not listening: it refuses connections, and no other test gets this port meanwhile.
        using var reserved = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        reserved.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)reserved.LocalEndPoint!).Port;
        using var process = CliProcess.Start(_home, ["-s", $"http://127.0.0.1:{port}", "sub", "c"]);
        var address = string.Create(CultureInfo.InvariantCulture, $"ws://127.0.0.1:{port}/connection/websocket");
        await process.WaitForErrorAsync($"Cannot connect to {address}: Connection refused; trying again\n", cancellation);

        reserved.Dispose();
        await using var server = await CliServerDouble.StartAsync(port);
        var connection = await WelcomeNextAsync(server, cancellation);
        await connection.SendAsync(Publication("1"), cancellation);

        Assert.That(await process.ReadLineAsync(cancellation), Is.EqualTo(Line("1")));
    }

    [Test, CancelAfter(30_000)]
    public async Task Quiet_keeps_notices_off_stderr(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var process = CliProcess.Start(_home, ["-s", server.Url, "sub", "--quiet", "c"]);
        (await WelcomeNextAsync(server, cancellation)).Abort();

        await (await WelcomeNextAsync(server, cancellation)).CloseAsync(3500, "invalid token", cancellation);
        var result = await process.WaitAsync(cancellation);

        Assert.That(result.Error, Does.StartWith("✗ Error: Disconnected from WebSocket: invalid token\nHow to fix:\n"));
        Assert.That(result.ExitCode, Is.EqualTo(1));
    }

    [TestCase("""{"id":1,"error":{"code":101,"message":"unauthorized"}}""")]
    [CancelAfter(30_000)]
    public async Task A_refused_connect_ends_it(string reply, CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var process = CliProcess.Start(_home, ["-s", server.Url, "sub", "c"]);
        var connection = await server.AcceptAsync(cancellation);
        await connection.ReceiveAsync(cancellation);

        await connection.SendAsync(reply, cancellation);
        var result = await process.WaitAsync(cancellation);

        Assert.That((result.ExitCode, result.Output), Is.EqualTo((1, "")));
        Assert.That(result.Error, Does.StartWith("✗ Error: Disconnected from WebSocket: unauthorized\n"));
    }

    [Test, CancelAfter(30_000)]
    public async Task A_passing_connect_error_is_tried_again(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var process = CliProcess.Start(_home, ["-s", server.Url, "sub", "c"]);
        var connection = await server.AcceptAsync(cancellation);
        await connection.ReceiveAsync(cancellation);
        await connection.SendAsync("""{"id":1,"error":{"code":111,"message":"too many requests","temporary":true}}""", cancellation);

        var second = await WelcomeNextAsync(server, cancellation);
        await second.SendAsync(Publication("1"), cancellation);

        Assert.That(await process.ReadLineAsync(cancellation), Is.EqualTo(Line("1")));
    }

    [Test, CancelAfter(30_000)]
    public async Task A_refused_channel_leaves_the_others_and_the_last_one_ends_it(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var process = CliProcess.Start(_home, ["-s", server.Url, "sub", "locked", "c"]);
        var connection = await server.AcceptAsync(cancellation);
        await connection.ReceiveAsync(cancellation);
        await connection.SendAsync("""{"id":1,"connect":{"client":"c"}}""", cancellation);
        await connection.ReceiveAsync(cancellation);

        await connection.SendAsync("""{"id":2,"error":{"code":403,"message":"permission denied"}}""", cancellation);
        await connection.SendAsync("""{"id":3,"subscribe":{}}""" + "\n" + Publication("1"), cancellation);
        var line = await process.ReadLineAsync(cancellation);
        await connection.SendAsync("""{"push":{"channel":"c","unsubscribe":{"code":2000,"reason":"revoked"}}}""", cancellation);
        var result = await process.WaitAsync(cancellation);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(line, Is.EqualTo(Line("1")));
            Assert.That(result.ExitCode, Is.EqualTo(1));
            Assert.That(result.Error, Does.Contain("Unsubscribed from locked: permission denied\n"));
            Assert.That(result.Error, Does.Contain("Unsubscribed from c: revoked\n"));
        }
    }

    [Test, CancelAfter(30_000)]
    public async Task A_server_that_wants_a_new_subscription_gets_one(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var process = CliProcess.Start(_home, ["-s", server.Url, "sub", "c"]);
        var connection = await WelcomeNextAsync(server, cancellation);

        await connection.SendAsync("""{"push":{"channel":"c","unsubscribe":{"code":2500,"reason":"insufficient state"}}}""", cancellation);

        Assert.That(await connection.ReceiveAsync(cancellation), Is.EqualTo("""{"id":3,"subscribe":{"channel":"c"}}"""));
    }

    [TestCase("INT", 130)]
    [TestCase("TERM", 143)]
    [CancelAfter(30_000)]
    public async Task A_signal_ends_it_with_a_goodbye(string signal, int exitCode, CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var process = CliProcess.Start(_home, ["-s", server.Url, "sub", "c"]);
        var connection = await WelcomeNextAsync(server, cancellation);

        await process.SignalAsync(signal, cancellation);

        Assert.That(await connection.ReceiveAsync(cancellation), Is.Null);
        Assert.That(connection.ClientCloseCode, Is.EqualTo(1000));
        await connection.CloseAsync(1000, "", cancellation);
        Assert.That(await process.WaitAsync(cancellation), Is.EqualTo(new CliResult(exitCode, "", "")));
    }

    [Test, CancelAfter(30_000)]
    public async Task A_signal_ends_it_while_it_waits_for_a_server(CancellationToken cancellation)
    {
        using var process = CliProcess.Start(_home, ["-s", "http://127.0.0.1:9", "sub", "c"]);
        await process.WaitForErrorAsync("trying again", cancellation);

        await process.SignalAsync("INT", cancellation);

        Assert.That((await process.WaitAsync(cancellation)).ExitCode, Is.EqualTo(130));
    }

    [Test, CancelAfter(30_000)]
    public async Task A_reader_that_has_enough_ends_it_quietly(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var process = CliProcess.Start(_home, ["-s", server.Url, "sub", "c"]);
        var connection = await WelcomeNextAsync(server, cancellation);
        await connection.SendAsync(Publication("1"), cancellation);
        await process.ReadLineAsync(cancellation);

        process.CloseOutput();
        await connection.SendAsync(Publication("2"), cancellation);

        Assert.That(await process.WaitForExitAsync(cancellation), Is.Zero);
    }

    [Test, CancelAfter(30_000)]
    public async Task Verbose_tells_the_steps_on_stderr(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var process = CliProcess.Start(_home, ["-s", server.Url, "sub", "-vvv", "c"]);
        await WelcomeNextAsync(server, cancellation);

        await process.WaitForErrorAsync(
            "Connecting to WebSocket...\nConnected to WebSocket\nSubscribing to c...\nSubscribed to c\n", cancellation);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_burst_arrives_whole_and_in_order(CancellationToken cancellation)
    {
        const int Count = 50_000;
        await using var server = await CliServerDouble.StartAsync();
        using var process = CliProcess.Start(_home, ["-s", server.Url, "sub", "c"]);
        var connection = await WelcomeNextAsync(server, cancellation);

        var sending = SendBurstAsync(connection, Count, cancellation);
        for (var i = 0; i < Count; i++)
        {
            var line = await process.ReadLineAsync(cancellation);
            Assert.That(line, Is.EqualTo(Line(i.ToString(CultureInfo.InvariantCulture))));
        }
        await sending;
    }

    [Test, CancelAfter(30_000)]
    public async Task A_burst_that_ends_with_the_connection_is_printed_to_its_last_line(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var process = CliProcess.Start(_home, ["-s", server.Url, "sub", "c"]);
        var connection = await WelcomeNextAsync(server, cancellation);

        await SendBurstAsync(connection, 1_000, cancellation);
        await connection.CloseAsync(3500, "the end", cancellation);
        var result = await process.WaitAsync(cancellation);

        Assert.That(result.Output.Split('\n'), Has.Length.EqualTo(1_001));
        Assert.That(result.Output, Does.EndWith(Line("999") + "\n"));
    }

    private static async Task SendBurstAsync(CliConnectionDouble connection, int count, CancellationToken cancellation)
    {
        for (var i = 0; i < count; i += 10)
        {
            var message = new StringBuilder();
            for (var j = i; j < i + 10; j++)
            {
                message.Append(Publication(j.ToString(CultureInfo.InvariantCulture))).Append('\n');
            }
            await connection.SendAsync(message.ToString(), cancellation);
        }
    }

    private static async Task<CliConnectionDouble> WelcomeNextAsync(CliServerDouble server, CancellationToken cancellation)
    {
        var connection = await server.AcceptAsync(cancellation);
        await connection.WelcomeAsync(cancellation);
        return connection;
    }

    private static string Publication(string payload) =>
        """{"push":{"channel":"c","pub":{"data":{"_claw":{"sender":"alice","timestamp":17},"payload":""" + payload + "}}}}";

    private static string Line(string payload) => $$"""{"channel":"c","sender":"alice","payload":{{payload}},"timestamp":17}""";
}
