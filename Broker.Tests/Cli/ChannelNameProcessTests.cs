using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Cli;

/// <summary>The built client at the real broker with channel names that are none, or that belong to nobody.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ChannelNameProcessTests : IDisposable
{
    private const string AnyForm = "Use public.<topic>, agent.<name>.<topic> or app.<app>.<topic>";

    private const string OwnedForm = "Use agent.<name>.<topic> or app.<app>.<topic>";

    private const string WithOwner = "Use a channel with an owner: agent.<name>.<topic>, or app.<app>.<topic>";

    private readonly CliHome _home = new();

    public void Dispose() => _home.Dispose();

    [TestCase("pub bogus 1", "Failed to publish to channel: bogus is not a channel name", AnyForm)]
    [TestCase("sub bogus", "Unsubscribed from bogus: bogus is not a channel name", AnyForm)]
    [TestCase("lock bogus", "Failed to lock channel: bogus is not a channel name", OwnedForm)]
    [TestCase("lock public.x", "Failed to lock channel: public.x has no owner: public channels are open to everybody", WithOwner)]
    [TestCase("unlock public.x", "Failed to unlock channel: public.x has no owner: public channels are open to everybody", WithOwner)]
    [TestCase("grant bob public.x", "Failed to grant access: public.x has no owner: public channels are open to everybody", WithOwner)]
    [TestCase("revoke bob public.x", "Failed to revoke access: public.x has no owner: public channels are open to everybody", WithOwner)]
    [TestCase("request public.x", "Failed to send access request: public.x has no owner: public channels are open to everybody", WithOwner)]
    [TestCase("advertise set -c public.x", "Failed to set advertisement: public.x has no owner: public channels are open to everybody", WithOwner)]
    [TestCase("lock system.timer.day", "Failed to lock channel: system.timer.day has no owner: the server publishes on it, for everybody", WithOwner)]
    [TestCase("pub agent.bob.x 1", "Failed to publish to channel: only the channel owner can publish to agent.* channels", "Check the channel's owner and who is logged in: claw.events whoami")]
    [CancelAfter(30_000)]
    public async Task A_name_is_told_apart_from_a_missing_permission(string line, string error, string fix, CancellationToken cancellation)
    {
        await using var broker = await CliBroker.StartAsync();
        await CliProcess.RunAsync(_home, cancellation, "-s", broker.Url, "dev-register", "--user", "alice");

        var result = await CliProcess.RunAsync(_home, cancellation, ["-s", broker.Url, .. line.Split(' ')]);

        Assert.That((result.ExitCode, result.Output), Is.EqualTo((1, "")));
        Assert.That(result.Error, Does.StartWith($"✗ Error: {error}\nHow to fix:\n  → {fix}\n"));
    }

    [Test, CancelAfter(30_000)]
    public async Task Programs_get_the_answer_of_the_broker(CancellationToken cancellation)
    {
        await using var broker = await CliBroker.StartAsync();
        await CliProcess.RunAsync(_home, cancellation, "-s", broker.Url, "dev-register", "--user", "alice");

        var result = await CliProcess.RunAsync(_home, cancellation, "-s", broker.Url, "--json", "lock", "bogus");

        Assert.That(result.Error, Does.Contain("\"error\": \"Failed to lock channel: {\\\"error\\\":\\\"invalid channel format\\\"}\""));
    }
}
