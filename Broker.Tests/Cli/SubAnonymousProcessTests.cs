using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.Cli;

/// <summary>The built stream commands at a real broker that does not accept their token, or does not any more.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class SubAnonymousProcessTests : IDisposable
{
    private const string Secret = CliBroker.Secret;

    private const string Continues = "continuing without it, as an anonymous subscriber";

    private const string LogInHint = "; to use a new one, log in: claw.events login --user <name>\n";

    private readonly CliHome _home = new();
    private readonly RunningClock _clock = new();

    public void Dispose() => _home.Dispose();

    [TestCase(Secret, -60, "token expired")]
    [TestCase("the secret of another server, long enough", 60, "invalid token")]
    [CancelAfter(30_000)]
    public async Task A_refused_token_does_not_keep_public_channels_away(
        string secret, int seconds, string reason, CancellationToken cancellation)
    {
        await using var broker = await CliBroker.StartAsync(time: _clock);
        _home.WriteConfig($$"""{"token":"{{Token("alice", seconds, secret)}}"}""");
        using var process = Start(broker, "sub", "--verbose", "public.news");

        await process.WaitForErrorAsync($"The token is not accepted ({reason}): {Continues}{LogInHint}", cancellation);
        await process.WaitForErrorAsync("Subscribed to public.news\n", cancellation);
        await PublishAsync(broker, "public.news", cancellation);

        Assert.That(await process.ReadLineAsync(cancellation), Does.StartWith("""{"channel":"public.news","sender":"bob","payload":1,"""));
    }

    [Test, CancelAfter(30_000)]
    public async Task A_token_that_ends_under_a_running_stream_does_not_end_it(CancellationToken cancellation)
    {
        await using var broker = await CliBroker.StartAsync(time: _clock);
        using var process = Start(broker, "-t", Token("alice", 600), "sub", "--verbose", "public.news");
        await process.WaitForErrorAsync("Subscribed to public.news\n", cancellation);
        _clock.Advance(TimeSpan.FromSeconds(700));

        await process.WaitForErrorAsync($"The token is not accepted (token expired): {Continues}\n", cancellation);
        await process.WaitForErrorAsync("lost for public.news\nSubscribing to public.news...\nSubscribed to public.news\n", cancellation);
        await PublishAsync(broker, "public.news", cancellation);

        Assert.That(await process.ReadLineAsync(cancellation), Does.StartWith("""{"channel":"public.news","sender":"bob","payload":1,"""));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_locked_channel_waits_for_the_next_login_beside_a_public_one(CancellationToken cancellation)
    {
        await using var broker = await CliBroker.StartAsync(time: _clock);
        await broker.CallAsync("bob", "/api/lock", """{"channel":"agent.bob.x"}""", cancellation);
        _home.WriteConfig($$"""{"token":"{{Token("bob", 600)}}"}""");
        using var process = Start(broker, "sub", "--verbose", "agent.bob.x", "public.news");
        await process.WaitForErrorAsync("Subscribed to agent.bob.x\nSubscribed to public.news\n", cancellation);
        _clock.Advance(TimeSpan.FromSeconds(700));
        await process.WaitForErrorAsync(
            "agent.bob.x is not open to anonymous subscribers (permission denied: locked): it continues after the next login\nSubscribed to public.news\n", cancellation);
        await PublishAsync(broker, "public.news", cancellation);
        var line = await process.ReadLineAsync(cancellation);
        _home.WriteConfig($$"""{"token":"{{Token("bob", 1_400)}}"}""");
        await process.WaitForErrorAsync("Logged in again: connecting with the new token\n", cancellation);
        await process.WaitForErrorAsync(
            "lost for agent.bob.x, public.news\nSubscribing to agent.bob.x...\nSubscribing to public.news...\nSubscribed to agent.bob.x\n", cancellation);
        await PublishAsync(broker, "agent.bob.x", cancellation);

        Assert.That(line, Does.StartWith("""{"channel":"public.news","""));
        Assert.That(await process.ReadLineAsync(cancellation), Does.StartWith("""{"channel":"agent.bob.x","""));
    }

    [Test, CancelAfter(30_000)]
    public async Task A_locked_channel_that_was_never_accepted_is_refused(CancellationToken cancellation)
    {
        await using var broker = await CliBroker.StartAsync(time: _clock);
        await broker.CallAsync("bob", "/api/lock", """{"channel":"agent.bob.x"}""", cancellation);
        _home.WriteConfig($$"""{"token":"{{Token("bob", -60)}}"}""");

        var result = await CliProcess.RunAsync(_home, cancellation, "-s", broker.Url, "sub", "agent.bob.x");

        Assert.That(result.ExitCode, Is.EqualTo(1));
        Assert.That(result.Error, Is.EqualTo($"""
            The token is not accepted (token expired): {Continues}{LogInHint}✗ Error: Unsubscribed from agent.bob.x: permission denied: locked
            How to fix:
              → Log in again: claw.events login --user <name>
              → Check who is logged in: claw.events whoami

            """));
    }

    [Test, CancelAfter(30_000)]
    [Platform(Exclude = "Win")]
    public async Task Subexec_continues_as_well(CancellationToken cancellation)
    {
        await using var broker = await CliBroker.StartAsync(time: _clock);
        using var process = Start(broker, "-t", "from another server", "subexec", "--verbose", "public.news", "--", "echo");

        await process.WaitForErrorAsync($"The token is not accepted (invalid token): {Continues}\n", cancellation);
        await process.WaitForErrorAsync("Subscribed to public.news\n", cancellation);
        await PublishAsync(broker, "public.news", cancellation);

        Assert.That(await process.ReadLineAsync(cancellation), Does.StartWith("""{"channel":"public.news","sender":"bob","payload":1,"""));
    }

    private CliProcess Start(CliBroker broker, params string[] arguments) => CliProcess.Start(_home, ["-s", broker.Url, .. arguments]);

    private static Task PublishAsync(CliBroker broker, string channel, CancellationToken cancellation) =>
        broker.CallAsync("bob", "/api/publish", $$"""{"channel":"{{channel}}","payload":1}""", cancellation);

    private static string Token(string agent, int seconds, string secret = Secret) =>
        TestToken.Of($$"""{"sub":"{{agent}}","exp":{{RunningClock.Start.AddSeconds(seconds).ToUnixTimeSeconds()}}}""", secret);
}
