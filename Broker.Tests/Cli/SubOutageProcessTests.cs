using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Cli;

/// <summary>Failures that the built <c>sub</c> survives, and failures that end it.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class SubOutageProcessTests : IDisposable
{
    private readonly CliHome _home = new();

    public void Dispose() => _home.Dispose();

    [Test, CancelAfter(30_000)]
    public async Task A_lost_connection_comes_back_with_its_subscriptions(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var process = CliProcess.Start(_home, ["-s", server.Url, "sub", "c"]);
        await (await server.WelcomeNextAsync(cancellation)).CloseAsync(3001, "shutdown", cancellation);
        (await server.WelcomeNextAsync(cancellation)).Abort();

        var third = await server.WelcomeNextAsync(cancellation);
        await third.SendAsync(CliPublication.Push("3"), cancellation);

        Assert.That(await process.ReadLineAsync(cancellation), Is.EqualTo(CliPublication.Line("3")));
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
        var connection = await server.WelcomeNextAsync(cancellation);
        await connection.SendAsync(CliPublication.Push("1"), cancellation);

        Assert.That(await process.ReadLineAsync(cancellation), Is.EqualTo(CliPublication.Line("1")));
    }

    [Test, CancelAfter(30_000)]
    public async Task Quiet_keeps_notices_off_stderr(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var process = CliProcess.Start(_home, ["-s", server.Url, "sub", "--quiet", "c"]);
        (await server.WelcomeNextAsync(cancellation)).Abort();

        await (await server.WelcomeNextAsync(cancellation)).CloseAsync(3500, "invalid token", cancellation);
        var result = await process.WaitAsync(cancellation);

        Assert.That(result.Error, Does.StartWith("✗ Error: Disconnected from WebSocket: invalid token\nHow to fix:\n"));
        Assert.That(result.ExitCode, Is.EqualTo(1));
    }

    [TestCase("""{"id":1,"error":{"code":101,"message":"unauthorized"}}""")]
    [CancelAfter(30_000)]
    public async Task A_refused_connect_ends_sub(string reply, CancellationToken cancellation)
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
    public async Task A_temporary_connect_error_is_tried_again(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var process = CliProcess.Start(_home, ["-s", server.Url, "sub", "c"]);
        var connection = await server.AcceptAsync(cancellation);
        await connection.ReceiveAsync(cancellation);
        await connection.SendAsync("""{"id":1,"error":{"code":111,"message":"too many requests","temporary":true}}""", cancellation);

        var second = await server.WelcomeNextAsync(cancellation);
        await second.SendAsync(CliPublication.Push("1"), cancellation);

        Assert.That(await process.ReadLineAsync(cancellation), Is.EqualTo(CliPublication.Line("1")));
    }

    [Test, CancelAfter(30_000)]
    public async Task A_refused_channel_leaves_the_others_and_the_last_one_ends_sub(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var process = CliProcess.Start(_home, ["-s", server.Url, "sub", "locked", "c"]);
        var connection = await server.AcceptAsync(cancellation);
        await connection.ReceiveAsync(cancellation);
        await connection.SendAsync("""{"id":1,"connect":{"client":"c"}}""", cancellation);
        await connection.ReceiveAsync(cancellation);

        await connection.SendAsync("""{"id":2,"error":{"code":403,"message":"permission denied"}}""", cancellation);
        await connection.SendAsync("""{"id":3,"subscribe":{}}""" + "\n" + CliPublication.Push("1"), cancellation);
        var line = await process.ReadLineAsync(cancellation);
        await connection.SendAsync("""{"push":{"channel":"c","unsubscribe":{"code":2000,"reason":"revoked"}}}""", cancellation);
        var result = await process.WaitAsync(cancellation);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(line, Is.EqualTo(CliPublication.Line("1")));
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
        var connection = await server.WelcomeNextAsync(cancellation);

        await connection.SendAsync("""{"push":{"channel":"c","unsubscribe":{"code":2500,"reason":"insufficient state"}}}""", cancellation);

        Assert.That(await connection.ReceiveAsync(cancellation), Is.EqualTo("""{"id":3,"subscribe":{"channel":"c","recoverable":true}}"""));
    }

    [Test, CancelAfter(30_000)]
    public async Task A_signal_ends_sub_while_it_waits_for_a_server(CancellationToken cancellation)
    {
        using var process = CliProcess.Start(_home, ["-s", "http://127.0.0.1:9", "sub", "c"]);
        await process.WaitForErrorAsync("trying again", cancellation);

        await process.SignalAsync("INT", cancellation);

        Assert.That((await process.WaitAsync(cancellation)).ExitCode, Is.EqualTo(130));
    }
}
