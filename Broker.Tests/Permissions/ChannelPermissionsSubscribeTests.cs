using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Tests.Permissions;

/// <summary>The subscribe column of the permission matrix: docs/reference/permissions.md.</summary>
internal sealed class ChannelPermissionsSubscribeTests
{
    private readonly InMemoryStateStore _store = new(TimeProvider.System);
    private readonly ChannelPermissions _permissions;

    public ChannelPermissionsSubscribeTests() => _permissions = new ChannelPermissions(_store);

    // Principals: anonymous, the agent that owns agent.owner.*, another agent, the app shop, an app with the owner's name, another app.
    [TestCase("public.a", "", true)]
    [TestCase("public.a", "owner", true)]
    [TestCase("public.a", "app:shop", true)]
    [TestCase("system.timer.second", "", true)]
    [TestCase("system.timer.second", "bob", true)]
    [TestCase("system.timer.second", "app:shop", true)]
    [TestCase("agent.owner.t", "", true)]
    [TestCase("agent.owner.t", "owner", true)]
    [TestCase("agent.owner.t", "bob", true)]
    [TestCase("agent.owner.t", "app:shop", true)]
    [TestCase("app.shop.t", "", true)]
    [TestCase("app.shop.t", "bob", true)]
    [TestCase("app.shop.t", "app:shop", true)]
    [TestCase("app.shop.t", "app:rival", true)]
    [TestCase("app.shop.agent", "", false)]
    [TestCase("app.shop.agent", "bob", true)]
    [TestCase("app.shop.agent", "shop", true)]
    [TestCase("app.shop.agent", "app:shop", true)]
    [TestCase("app.shop.agent", "app:rival", false)]
    [TestCase("app.shop.agent.bob", "", false)]
    [TestCase("app.shop.agent.bob", "bob", true)]
    [TestCase("app.shop.agent.bob", "Bob", false)]
    [TestCase("app.shop.agent.bob", "alice", false)]
    [TestCase("app.shop.agent.bob", "shop", false)]
    [TestCase("app.shop.agent.bob", "app:shop", true)]
    [TestCase("app.shop.agent.bob", "app:rival", false)]
    [TestCase("app.shop.agent.bob", "app:bob", false)]
    [TestCase("bogus", "owner", false)]
    [TestCase("public", "", false)]
    [TestCase("agent.owner", "owner", false)]
    [TestCase("app.shop.agent.bob.x", "bob", false)]
    [TestCase("app.shop.agent.bob.x", "app:shop", false)]
    public async Task Subscribe_permission_on_an_unlocked_channel_follows_the_table(string channel, string who, bool allowed)
    {
        var rule = await _permissions.CanSubscribeAsync(Principal.Of(who), TestChannel.Resolved(channel));

        Assert.That(rule.IsAllowed(), Is.EqualTo(allowed));
    }

    [TestCase("agent.owner.t", "", false)]
    [TestCase("agent.owner.t", "owner", true)]
    [TestCase("agent.owner.t", "Owner", false)]
    [TestCase("agent.owner.t", "friend", true)]
    [TestCase("agent.owner.t", "app:friend", true)]
    [TestCase("agent.owner.t", "bob", false)]
    [TestCase("agent.owner.t", "app:shop", false)]
    [TestCase("agent.owner.t", "app:owner", false)]
    [TestCase("agent.owner.t", "own", false)]
    [TestCase("agent.owner.t", "owner.t", false)]
    [TestCase("app.shop.t", "", false)]
    [TestCase("app.shop.t", "app:shop", true)]
    [TestCase("app.shop.t", "shop", false)]
    [TestCase("app.shop.t", "friend", true)]
    [TestCase("app.shop.t", "app:friend", true)]
    [TestCase("app.shop.t", "bob", false)]
    [TestCase("app.shop.t", "app:rival", false)]
    [TestCase("app.shop.t", "app:", false)]
    public async Task Subscribe_permission_on_a_locked_channel_follows_the_table(string channel, string who, bool allowed)
    {
        var name = TestChannel.Named(channel);
        await _store.LockAsync(name);
        await _store.GrantAsync(name, "friend");
        await _store.GrantAsync(name, "app:friend");

        var rule = await _permissions.CanSubscribeAsync(Principal.Of(who), TestChannel.Resolved(channel));

        Assert.That(rule, Is.EqualTo(!allowed ? AccessRule.Locked : who.EndsWith("friend", StringComparison.Ordinal) ? AccessRule.Granted : AccessRule.Owner));
    }

    [TestCase("")]
    [TestCase("owner")]
    [TestCase("app:shop")]
    public async Task A_namespace_that_is_not_configured_is_unknown_to_all_principals(string who)
    {
        var rule = await _permissions.CanSubscribeAsync(Principal.Of(who), TestChannel.Resolved("ns:chan"));

        Assert.That(rule, Is.EqualTo(AccessRule.UnknownNamespace));
    }

    [Test]
    public async Task The_answer_follows_locks_and_grants_immediately()
    {
        var resolved = TestChannel.Resolved("agent.owner.t");
        var channel = resolved.Name;
        var bob = Principal.Of("bob");
        var answers = new List<AccessRule>();

        await _store.LockAsync(channel);
        answers.Add(await _permissions.CanSubscribeAsync(bob, resolved));
        await _store.GrantAsync(channel, "bob");
        answers.Add(await _permissions.CanSubscribeAsync(bob, resolved));
        await _store.RevokeGrantAsync(channel, "bob");
        answers.Add(await _permissions.CanSubscribeAsync(bob, resolved));
        await _store.UnlockAsync(channel);
        answers.Add(await _permissions.CanSubscribeAsync(bob, resolved));

        Assert.That(answers, Is.EqualTo(new[] { AccessRule.Locked, AccessRule.Granted, AccessRule.Locked, AccessRule.Unlocked }));
    }
}
