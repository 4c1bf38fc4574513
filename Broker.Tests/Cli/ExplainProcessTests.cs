using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Cli;

/// <summary>The command that says what decides, against a real broker.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ExplainProcessTests : IDisposable
{
    private readonly CliHome _home = new();

    public void Dispose() => _home.Dispose();

    [Test, CancelAfter(60_000)]
    public async Task Explain_prints_the_verdict_and_what_decided(CancellationToken cancellation)
    {
        await using var broker = await CliBroker.StartAsync();
        Assert.That((await CliProcess.RunAsync(_home, cancellation, "-s", broker.Url, "dev-register", "--user", "alice")).ExitCode, Is.Zero);
        await broker.CallAsync("bob", "/api/lock", """{"channel":"agent.bob.x"}""", cancellation);
        async Task<CliResult> RunAsync(params string[] words) => await CliProcess.RunAsync(_home, cancellation, ["-s", broker.Url, "explain", .. words]);

        var self = await RunAsync("subscribe", "agent.bob.x");
        var other = await RunAsync("subscribe", "agent.bob.x", "--user", "bob", "--key", RunningBroker.Key, "--json");
        var stranger = await RunAsync("subscribe", "agent.bob.x", "--user", "bob");
        _home.Variables["CENTRIFUGO_API_KEY"] = RunningBroker.Key;
        var nobody = await RunAsync("publish", "agent.bob.x", "--user", "", "--payload", "{}");
        var still = await RunAsync("publish", "agent.alice.x");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(self.Output, Does.StartWith("\nℹ Refused: the channel is locked, and alice has no grant: its owner, bob, can give one\n\n• channel    : agent.bob.x\n").And.Contain("• rule       : locked\n").And.Contain("  • message : permission denied: locked\n"));
            Assert.That(other.Output, Does.Contain("\"message\": \"Allowed: bob owns the channel\"").And.Contain("\"rule\": \"owner\""));
            Assert.That(stranger.Error, Does.Contain("a token explains what its own user (alice) may do"));
            Assert.That(nobody.Output, Does.Contain("ℹ Refused: only the owner may do this: bob"));
            Assert.That(still.Output, Does.Contain("✓ Allowed: alice owns the channel"));
        }
    }
}
