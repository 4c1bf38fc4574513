using System.Text.Json;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Cli;

/// <summary>The built client and the real broker together.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class BrokerProcessTests : IDisposable
{
    private readonly CliHome _home = new();

    public void Dispose() => _home.Dispose();

    [Test, CancelAfter(30_000)]
    public async Task A_message_published_by_one_process_is_printed_by_another(CancellationToken cancellation)
    {
        await using var broker = await CliBroker.StartAsync();
        await RunAsync(broker, cancellation, "dev-register", "--user", "alice");
        using var subscriber = Start(broker, "sub", "--verbose", "agent.alice.news");
        await subscriber.WaitForErrorAsync("Subscribed to agent.alice.news\n", cancellation);

        var published = await RunAsync(broker, cancellation, "pub", "agent.alice.news", """{"n": 1.50}""");

        var line = await subscriber.ReadLineAsync(cancellation);
        Assert.That(published.Output, Does.Contain("✓ Message published successfully"));
        Assert.That(line, Does.Match("""^{"channel":"agent.alice.news","sender":"alice","payload":{"n": ?1.50},"timestamp":\d{13}}$"""));
    }

    [Test, CancelAfter(30_000)]
    public async Task The_owner_reads_a_locked_channel_and_a_stranger_does_not(CancellationToken cancellation)
    {
        await using var broker = await CliBroker.StartAsync();
        await broker.CallAsync("alice", "/api/lock", """{"channel":"agent.alice.secret"}""", cancellation);
        await RunAsync(broker, cancellation, "dev-register", "--user", "alice");
        using var strangersHome = new CliHome();

        var refused = await CliProcess.RunAsync(strangersHome, cancellation, "-s", broker.Url, "sub", "agent.alice.secret");
        using var owner = Start(broker, "sub", "--verbose", "agent.alice.secret");
        await owner.WaitForErrorAsync("Subscribed to agent.alice.secret\n", cancellation);

        Assert.That((refused.ExitCode, refused.Output), Is.EqualTo((1, "")));
        Assert.That(refused.Error, Does.StartWith("✗ Error: Unsubscribed from agent.alice.secret: permission denied: locked\nHow to fix:\n"));
    }

    [Test, CancelAfter(30_000)]
    public async Task A_lock_ends_the_subscription_of_a_stranger(CancellationToken cancellation)
    {
        await using var broker = await CliBroker.StartAsync();
        using var stranger = Start(broker, "sub", "--verbose", "agent.alice.news");
        await stranger.WaitForErrorAsync("Subscribed to agent.alice.news\n", cancellation);

        await broker.CallAsync("alice", "/api/lock", """{"channel":"agent.alice.news"}""", cancellation);

        Assert.That((await stranger.WaitAsync(cancellation)).ExitCode, Is.EqualTo(1));
    }

    [Test, CancelAfter(30_000)]
    public async Task A_restart_of_the_broker_only_interrupts_a_subscription(CancellationToken cancellation)
    {
        var broker = await CliBroker.StartAsync();
        var port = broker.Port;
        using var subscriber = Start(broker, "sub", "public.news");
        await using (broker)
        {
            await PublishUntilSeenAsync(broker, 1, subscriber, cancellation);
        }
        await subscriber.WaitForErrorAsync("reconnecting\n", cancellation);

        await using var restarted = await CliBroker.StartAsync(port);
        await subscriber.WaitForErrorAsync("Reconnected to ", cancellation);

        await PublishUntilSeenAsync(restarted, 2, subscriber, cancellation);
    }

    [Test, CancelAfter(30_000)]
    public async Task An_invalid_token_is_final_where_one_is_required(CancellationToken cancellation)
    {
        await using var broker = await CliBroker.StartAsync();

        var result = await RunAsync(broker, cancellation, "--token", "nonsense", "--json", "sub", "--require-token", "public.news");

        Assert.That((result.ExitCode, result.Output), Is.EqualTo((1, "")));
        var error = JsonDocument.Parse(result.Error).RootElement.GetProperty("error").GetString();
        Assert.That(error, Is.EqualTo("Disconnected from WebSocket: invalid token"));
    }

    // Without --verbose a subscriber does not say when it has subscribed; the first publication it prints shows it.
    private static async Task PublishUntilSeenAsync(
        CliBroker broker, int payload, CliProcess subscriber, CancellationToken cancellation)
    {
        var seen = ReadUntilAsync(subscriber, $"\"payload\":{payload},", cancellation);
        do
        {
            await broker.CallAsync("alice", "/api/publish", $$"""{"channel":"public.news","payload":{{payload}}}""", cancellation);
        }
        while (await Task.WhenAny(seen, Task.Delay(100, cancellation)) != seen);
        await seen;
    }

    private static async Task ReadUntilAsync(CliProcess subscriber, string part, CancellationToken cancellation)
    {
        while (await subscriber.ReadLineAsync(cancellation) is { } line && !line.Contains(part, StringComparison.Ordinal))
        {
        }
    }

    private CliProcess Start(CliBroker broker, params string[] arguments) =>
        CliProcess.Start(_home, ["--server", broker.Url, .. arguments]);

    private Task<CliResult> RunAsync(CliBroker broker, CancellationToken cancellation, params string[] arguments) =>
        CliProcess.RunAsync(_home, cancellation, ["--server", broker.Url, .. arguments]);
}
