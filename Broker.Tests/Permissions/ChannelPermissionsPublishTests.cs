using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Tests.Permissions;

/// <summary>The publish column of the permission matrix, which ignores locks and grants, and ownership.</summary>
internal sealed class ChannelPermissionsPublishTests
{
    private readonly ChannelPermissions _permissions = TestPermissions.WithoutLocks();

    [TestCase("public.a", "", true)]
    [TestCase("public.a", "bob", true)]
    [TestCase("public.a", "app:shop", true)]
    [TestCase("public.", "", true)]
    [TestCase("system.timer.second", "", false)]
    [TestCase("system.timer.second", "bob", false)]
    [TestCase("system.timer.second", "app:shop", false)]
    [TestCase("system.timer.second", "system", false)]
    [TestCase("agent.owner.t", "", false)]
    [TestCase("agent.owner.t", "owner", true)]
    [TestCase("agent.owner.", "owner", true)]
    [TestCase("agent.owner.t.u", "owner", true)]
    [TestCase("agent.owner.t", "Owner", false)]
    [TestCase("agent.owner.t", "bob", false)]
    [TestCase("agent.owner.t", "app:owner", false)]
    [TestCase("agent.owner.t", "app:shop", false)]
    [TestCase("app.shop.t", "", false)]
    [TestCase("app.shop.t", "app:shop", true)]
    [TestCase("app.shop.t", "shop", false)]
    [TestCase("app.shop.t", "app:Shop", false)]
    [TestCase("app.shop.t", "app:rival", false)]
    [TestCase("app.shop.t", "bob", false)]
    [TestCase("app.shop.agent", "", false)]
    [TestCase("app.shop.agent", "app:shop", true)]
    [TestCase("app.shop.agent", "bob", false)]
    [TestCase("app.shop.agent", "shop", false)]
    [TestCase("app.shop.agent", "app:rival", false)]
    [TestCase("app.shop.agent.bob", "", false)]
    [TestCase("app.shop.agent.bob", "bob", true)]
    [TestCase("app.shop.agent.bob", "alice", false)]
    [TestCase("app.shop.agent.bob", "app:shop", true)]
    [TestCase("app.shop.agent.bob", "app:bob", false)]
    [TestCase("app.shop.agent.bob", "app:rival", false)]
    [TestCase("bogus", "bob", false)]
    [TestCase("public", "bob", false)]
    [TestCase("agent.owner", "owner", false)]
    [TestCase("app.shop.agent.bob.x", "app:shop", false)]
    public void Publish_permission_follows_the_table(string channel, string who, bool allowed)
    {
        var rule = _permissions.CanPublish(Principal.Of(who), TestChannel.Resolved(channel));

        Assert.That(rule.IsAllowed(), Is.EqualTo(allowed));
    }

    [TestCase("")]
    [TestCase("bob")]
    [TestCase("app:shop")]
    public void A_namespace_that_is_not_configured_is_unknown_to_all_principals(string who)
    {
        var rule = _permissions.CanPublish(Principal.Of(who), TestChannel.Resolved("ns:chan"));

        Assert.That(rule, Is.EqualTo(AccessRule.UnknownNamespace));
    }

    [TestCase("agent.owner.t", "owner", true)]
    [TestCase("agent.owner.t", "bob", false)]
    [TestCase("agent.owner.t", "app:owner", false)]
    [TestCase("agent.owner.t", "", false)]
    [TestCase("app.shop.t", "app:shop", true)]
    [TestCase("app.shop.t", "shop", false)]
    [TestCase("app.shop.agent", "app:shop", true)]
    [TestCase("app.shop.agent.bob", "app:shop", true)]
    [TestCase("app.shop.agent.bob", "bob", false)]
    [TestCase("public.bob", "bob", false)]
    [TestCase("system.bob", "bob", false)]
    [TestCase("ns:bob", "bob", false)]
    [TestCase("bogus", "bob", false)]
    [TestCase("bogus", "", false)]
    public void Ownership_follows_the_channels_name(string channel, string who, bool owns)
    {
        Assert.That(ChannelPermissions.IsOwner(Principal.Of(who), TestChannel.Named(channel)), Is.EqualTo(owns));
    }
}
