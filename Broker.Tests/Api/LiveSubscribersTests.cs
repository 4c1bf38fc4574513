using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Api;

/// <summary>The effect of a lock and a revoke on live subscribers, and of a grant on later ones.</summary>
public sealed class LiveSubscribersTests : RunningBrokerTests
{
    private const string Channel = "agent.alice.x";
    private const string Body = """{"channel":"agent.alice.x","target":"bob"}""";
    private const string Ended = """{"push":{"channel":"agent.alice.x","unsubscribe":{"code":2000,"reason":"permission denied"}}}""";
    private const string Subscribe = """{"id":9,"subscribe":{"channel":"agent.alice.x"}}""";
    private const string Denied = """{"id":9,"error":{"code":403,"message":"permission denied: locked"}}""";
    private const string Allowed = """{"id":9,"subscribe":{}}""";

    private string _alice = null!;
    private string _bob = null!;

    [SetUp]
    public async Task Register()
    {
        _alice = await Broker.RegisterAsync("alice");
        _bob = await Broker.RegisterAsync("bob");
    }

    [Test]
    public async Task A_lock_ends_subscriptions_except_those_of_the_owner_and_the_granted()
    {
        await Broker.PostAsync("/api/grant", Body, _alice);
        var (owner, granted) = (await SubscribeAsync(_alice), await SubscribeAsync(_bob));
        var (stranger, anonymous) = (await SubscribeAsync(await Broker.RegisterAsync("eve")), await SubscribeAsync(null));

        await Broker.PostAsync("/api/lock", Body, _alice);
        await Broker.PublishAsync(Channel, "1");

        Assert.That(await stranger.ReadMessageAsync(), Is.EqualTo(Ended));
        Assert.That(await anonymous.ReadMessageAsync(), Is.EqualTo(Ended));
        Assert.That(await owner.ReadPublicationAsync(), Is.EqualTo("1"));
        Assert.That(await granted.ReadPublicationAsync(), Is.EqualTo("1"));
    }

    [Test]
    public async Task A_subscriber_that_lost_a_channel_keeps_its_other_channels()
    {
        var stranger = await SubscribeAsync(null);
        await stranger.SubscribeAsync("public.a", 3);

        await Broker.PostAsync("/api/lock", Body, _alice);
        await Broker.PublishAsync(Channel, "\"secret\"");
        await Broker.PublishAsync("public.a", "\"open\"");

        Assert.That(await stranger.ReadMessageAsync(), Is.EqualTo(Ended));
        Assert.That(await stranger.ReadPublicationAsync(), Is.EqualTo("\"open\""));
        Assert.That(await stranger.AskAsync(Subscribe), Is.EqualTo(Denied));
    }

    [Test]
    public async Task A_revoke_ends_only_the_subscription_of_the_revoked_agent()
    {
        await Broker.PostAsync("/api/lock", Body, _alice);
        await Broker.PostAsync("/api/grant", Body, _alice);
        await Broker.PostAsync("/api/grant", Body.Replace("bob", "carol", StringComparison.Ordinal), _alice);
        var (owner, revoked) = (await SubscribeAsync(_alice), await SubscribeAsync(_bob));
        var kept = await SubscribeAsync(await Broker.RegisterAsync("carol"));

        await Broker.PostAsync("/api/revoke", Body, _alice);
        await Broker.PublishAsync(Channel, "1");

        Assert.That(await revoked.ReadMessageAsync(), Is.EqualTo(Ended));
        Assert.That(await revoked.AskAsync(Subscribe), Is.EqualTo(Denied));
        Assert.That(await kept.ReadPublicationAsync(), Is.EqualTo("1"));
        Assert.That(await owner.ReadPublicationAsync(), Is.EqualTo("1"));
    }

    [Test]
    public async Task A_revoked_agent_keeps_its_connection_and_its_other_channels()
    {
        await Broker.PostAsync("/api/lock", Body, _alice);
        await Broker.PostAsync("/api/grant", Body, _alice);
        var revoked = await SubscribeAsync(_bob);
        await revoked.SubscribeAsync("agent.bob.own", 3);

        await Broker.PostAsync("/api/revoke", Body, _alice);
        await Broker.PublishAsync(Channel, "\"secret\"");
        await Broker.PublishAsync("agent.bob.own", "\"own\"");

        Assert.That(await revoked.ReadMessageAsync(), Is.EqualTo(Ended));
        Assert.That(await revoked.ReadPublicationAsync(), Is.EqualTo("\"own\""));
    }

    [Test]
    public async Task A_revoke_ends_the_subscription_on_every_connection_of_the_agent()
    {
        await Broker.PostAsync("/api/lock", Body, _alice);
        await Broker.PostAsync("/api/grant", Body, _alice);
        var (first, second) = (await SubscribeAsync(_bob), await SubscribeAsync(_bob));

        await Broker.PostAsync("/api/revoke", Body, _alice);

        Assert.That(await first.ReadMessageAsync(), Is.EqualTo(Ended));
        Assert.That(await second.ReadMessageAsync(), Is.EqualTo(Ended));
    }

    [Test]
    public async Task A_revoke_on_an_unlocked_channel_ends_no_subscription()
    {
        var listener = await SubscribeAsync(_bob);

        await Broker.PostAsync("/api/revoke", Body, _alice);
        await Broker.PublishAsync(Channel, "1");

        Assert.That(await listener.ReadPublicationAsync(), Is.EqualTo("1"));
    }

    [Test]
    public async Task A_lock_does_not_affect_the_owners_other_channels()
    {
        var listener = await Broker.ConnectAsync();
        await listener.SubscribeAsync("agent.alice.x.y");

        await Broker.PostAsync("/api/lock", Body, _alice);
        await Broker.PublishAsync("agent.alice.x.y", "1");

        Assert.That(await listener.ReadPublicationAsync(), Is.EqualTo("1"));
    }

    [Test]
    public async Task A_grant_opens_a_locked_channel_for_its_target_only()
    {
        await Broker.PostAsync("/api/lock", Body, _alice);
        var (bob, eve) = (await Broker.ConnectAsync(_bob), await Broker.ConnectAsync(await Broker.RegisterAsync("eve")));
        Assert.That(await bob.AskAsync(Subscribe), Is.EqualTo(Denied));

        await Broker.PostAsync("/api/grant", Body, _alice);

        Assert.That(await bob.AskAsync(Subscribe), Is.EqualTo(Allowed));
        Assert.That(await eve.AskAsync(Subscribe), Is.EqualTo(Denied));
    }

    [Test]
    public async Task A_grant_may_precede_the_lock_and_survives_an_unlock()
    {
        await Broker.PostAsync("/api/grant", Body, _alice);
        await Broker.PostAsync("/api/lock", Body, _alice);
        await Broker.PostAsync("/api/unlock", Body, _alice);
        await Broker.PostAsync("/api/lock", Body, _alice);

        var bob = await Broker.ConnectAsync(_bob);

        Assert.That(await bob.AskAsync(Subscribe), Is.EqualTo(Allowed));
    }

    [Test]
    public async Task An_unlock_opens_the_channel_for_everybody()
    {
        await Broker.PostAsync("/api/lock", Body, _alice);
        var stranger = await Broker.ConnectAsync();
        Assert.That(await stranger.AskAsync(Subscribe), Is.EqualTo(Denied));

        await Broker.PostAsync("/api/unlock", Body, _alice);

        Assert.That(await stranger.AskAsync(Subscribe), Is.EqualTo(Allowed));
    }

    private async Task<RunningWebSocket> SubscribeAsync(string? token)
    {
        var client = await Broker.ConnectAsync(token);
        await client.SubscribeAsync(Channel);
        return client;
    }
}
