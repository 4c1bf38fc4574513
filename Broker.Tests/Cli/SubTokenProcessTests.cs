using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Cli;

/// <summary>The built <c>sub</c> when its token expires.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class SubTokenProcessTests : IDisposable
{
    private const string Expired = """{"id":1,"error":{"code":109,"message":"token expired"}}""";

    private readonly CliHome _home = new();

    public void Dispose() => _home.Dispose();

    [Test, CancelAfter(30_000)]
    public async Task A_login_elsewhere_keeps_the_connection(CancellationToken cancellation)
    {
        LogIn("old");
        await using var server = await CliServerDouble.StartAsync();
        using var process = CliProcess.Start(_home, ["-s", server.Url, "sub", "c"]);
        var connection = await server.AcceptAsync(cancellation);
        var (connect, _) = await connection.WelcomeAsync(cancellation, connected: ""","expires":true,"ttl":4""");
        LogIn("new");

        var refresh = await connection.ReceiveAsync(cancellation);
        await connection.SendAsync("""{"id":3,"refresh":{"client":"c","version":"v","expires":true,"ttl":2}}""", cancellation);
        LogIn("newer");

        Assert.That(connect, Does.Contain("\"token\":\"old\""));
        Assert.That(refresh, Does.Match("""^{"id":\d,"refresh":{"token":"new"}}$"""));
        Assert.That(await connection.ReceiveAsync(cancellation), Does.Contain("\"token\":\"newer\""));
    }

    [Test, CancelAfter(30_000)]
    public async Task The_end_of_a_token_is_announced_if_no_new_one_comes(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var process = CliProcess.Start(_home, ["-s", server.Url, "-t", "tok", "sub", "c"]);

        await (await server.AcceptAsync(cancellation)).WelcomeAsync(cancellation, connected: ""","expires":true,"ttl":2""");

        await process.WaitForErrorAsync("The token expires in 1 s: log in again to stay connected\n", cancellation);
    }

    [Test, CancelAfter(30_000)]
    public async Task A_start_with_an_expired_token_is_an_error_where_one_is_required(CancellationToken cancellation)
    {
        LogIn("old");
        await using var server = await CliServerDouble.StartAsync();
        using var process = CliProcess.Start(_home, ["-s", server.Url, "sub", "--require-token", "c"]);

        await RefuseNextAsync(server, Expired, cancellation);
        var result = await process.WaitAsync(cancellation);

        Assert.That((result.ExitCode, result.Output), Is.EqualTo((1, "")));
        Assert.That(result.Error, Does.StartWith("✗ Error: Disconnected from WebSocket: token expired\nHow to fix:\n  → If the token is old, log in again: "));
    }

    [Test, CancelAfter(30_000)]
    public async Task A_running_stream_that_requires_a_token_waits_for_the_next_login(CancellationToken cancellation)
    {
        LogIn("old");
        await using var server = await CliServerDouble.StartAsync();
        using var process = CliProcess.Start(_home, ["-s", server.Url, "sub", "--require-token", "c"]);
        await (await server.WelcomeNextAsync(cancellation)).CloseAsync(3005, "connection expired", cancellation);
        await RefuseNextAsync(server, Expired, cancellation);
        await process.WaitForErrorAsync("token expired; trying again\nLog in again to continue: claw.events login --user <name>\n", cancellation);

        LogIn("new");
        var (connect, _) = await WelcomeTokenAsync(server, "new", cancellation);

        Assert.That(connect, Does.Contain("\"token\":\"new\""));
    }

    [Test, CancelAfter(30_000)]
    public async Task A_running_stream_that_requires_a_token_of_its_own_ends_with_it(CancellationToken cancellation)
    {
        LogIn("stored");
        await using var server = await CliServerDouble.StartAsync();
        using var process = CliProcess.Start(_home, ["-s", server.Url, "-t", "own", "sub", "--require-token", "c"]);
        await (await server.WelcomeNextAsync(cancellation)).CloseAsync(3005, "connection expired", cancellation);

        await RefuseNextAsync(server, Expired, cancellation);

        Assert.That((await process.WaitAsync(cancellation)).ExitCode, Is.EqualTo(1));
    }

    [Test, CancelAfter(30_000)]
    public async Task A_token_that_a_login_has_replaced_is_replaced_here_too(CancellationToken cancellation)
    {
        LogIn("old");
        await using var server = await CliServerDouble.StartAsync();
        using var process = CliProcess.Start(_home, ["-s", server.Url, "sub", "c"]);
        var first = await server.WelcomeNextAsync(cancellation);
        LogIn("new");
        await first.CloseAsync(3500, "invalid token", cancellation);

        var (connect, _) = await (await server.AcceptAsync(cancellation)).WelcomeAsync(cancellation);

        Assert.That(connect, Does.Contain("\"token\":\"new\""));
    }

    [Test, CancelAfter(30_000)]
    public async Task A_required_token_that_is_missing_is_an_error(CancellationToken cancellation)
    {
        var result = await CliProcess.RunAsync(_home, cancellation, "-s", "http://127.0.0.1:1", "sub", "--require-token", "c");

        Assert.That((result.ExitCode, result.Output), Is.EqualTo((1, "")));
        Assert.That(result.Error, Does.StartWith("✗ Error: Authentication required\n"));
    }

    [Test, CancelAfter(30_000)]
    public async Task A_server_that_refuses_anonymous_subscribers_too_ends_the_stream(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var process = CliProcess.Start(_home, ["-s", server.Url, "-t", "own", "sub", "c"]);

        await RefuseNextAsync(server, Expired, cancellation);
        var second = await server.AcceptAsync(cancellation);
        var connect = await second.ReceiveAsync(cancellation);
        await second.CloseAsync(3501, "bad request", cancellation);
        var result = await process.WaitAsync(cancellation);

        Assert.That(connect, Does.Not.Contain("token"));
        Assert.That(result.ExitCode, Is.EqualTo(1));
        Assert.That(result.Error, Does.StartWith(
            "The token is not accepted (token expired): continuing without it, as an anonymous subscriber\n✗ Error: Disconnected from WebSocket: bad request\n"));
    }

    private static async Task RefuseNextAsync(CliServerDouble server, string reply, CancellationToken cancellation)
    {
        var connection = await server.AcceptAsync(cancellation);
        await connection.ReceiveAsync(cancellation);
        await connection.SendAsync(reply, cancellation);
    }

    // Attempts with the old token may be on their way already.
    private static async Task<(string? Connect, string? Subscribe)> WelcomeTokenAsync(
        CliServerDouble server, string token, CancellationToken cancellation)
    {
        while (true)
        {
            var connection = await server.AcceptAsync(cancellation);
            var connect = await connection.ReceiveAsync(cancellation);
            if (connect!.Contains($"\"{token}\"", StringComparison.Ordinal))
            {
                return (connect, null);
            }
            await connection.SendAsync(Expired, cancellation);
        }
    }

    private void LogIn(string token)
    {
        // As the client itself does it: a reader must not see half of the file.
        var next = _home.ConfigFile + ".next";
        Directory.CreateDirectory(Path.GetDirectoryName(next)!);
        File.WriteAllText(next, $$"""{"token":"{{token}}"}""");
        File.Move(next, _home.ConfigFile, overwrite: true);
    }
}
