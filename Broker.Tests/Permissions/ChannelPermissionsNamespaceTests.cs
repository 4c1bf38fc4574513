using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Tests.Permissions;

/// <summary>Permissions by the options of a namespace: docs/reference/namespaces.md.</summary>
internal sealed class ChannelPermissionsNamespaceTests
{
    private readonly ChannelPermissions _permissions = TestPermissions.WithoutLocks();

    [TestCase(false, false, "42", AccessRule.NotForClients)]
    [TestCase(true, false, "42", AccessRule.Clients)]
    [TestCase(true, false, "", AccessRule.Anonymous)]
    [TestCase(true, true, "", AccessRule.Clients)]
    [TestCase(false, true, "", AccessRule.NotForClients)]
    [Checklist(64)]
    public async Task Subscribe_permission_follows_the_options(bool forClient, bool forAnonymous, string user, AccessRule rule)
    {
        var namespaces = Chat(new() { Subscribe = new(forClient, ForSubscriber: false, forAnonymous) });

        Assert.That(await _permissions.CanSubscribeAsync(Principal.Of(user), TestChannel.Resolved("chat:x", namespaces)), Is.EqualTo(rule));
    }

    [TestCase(true, false, false, "42", false, AccessRule.Clients)]
    [TestCase(true, true, false, "42", true, AccessRule.Clients)]
    [TestCase(false, true, false, "42", false, AccessRule.NotSubscribed)]
    [TestCase(false, true, false, "42", true, AccessRule.Subscribers)]
    [TestCase(false, true, false, "", true, AccessRule.Anonymous)]
    [TestCase(false, true, true, "", true, AccessRule.Subscribers)]
    [TestCase(false, false, true, "42", true, AccessRule.NotForClients)]
    public void Publish_permission_follows_the_options(bool forClient, bool forSubscriber, bool forAnonymous, string user, bool isSubscribed, AccessRule rule)
    {
        var namespaces = Chat(new() { Publish = new(forClient, forSubscriber, forAnonymous) });

        Assert.That(_permissions.CanPublish(Principal.Of(user), TestChannel.Resolved("chat:x", namespaces), isSubscribed), Is.EqualTo(rule));
    }

    [TestCase("chat:#42", "42", true)]
    [TestCase("chat:room#41,42", "42", true)]
    [TestCase("chat:a#7#42", "42", true)]
    [TestCase("chat:room#41,42", "4", false)]
    [TestCase("chat:room#", "", false)]
    [TestCase("chat:room#,", "", false)]
    [Checklist(66)]
    public async Task A_channel_may_name_its_users(string channel, string user, bool allowed)
    {
        var namespaces = Chat(new() { AllowUserLimitedChannels = true });

        Assert.That(await _permissions.CanSubscribeAsync(Principal.Of(user), TestChannel.Resolved(channel, namespaces)), Is.EqualTo(allowed ? AccessRule.UserList : AccessRule.NotListed));
    }

    [Test]
    public async Task A_user_not_named_by_the_channel_is_refused_even_if_all_may_subscribe()
    {
        var namespaces = Chat(new() { AllowUserLimitedChannels = true, Subscribe = new(true, false, true) });

        Assert.That(await _permissions.CanSubscribeAsync(Principal.Of("7"), TestChannel.Resolved("chat:x#42", namespaces)), Is.EqualTo(AccessRule.NotListed));
    }

    [Test]
    public async Task A_private_channel_needs_a_token_of_its_own_even_when_everything_is_allowed()
    {
        var (permissions, namespaces) = (TestPermissions.WithoutLocks(isInsecure: true), Chat(new() { Subscribe = new(true, false, true) }));

        Assert.That(await permissions.CanSubscribeAsync(Principal.Of("42"), TestChannel.Resolved("$chat:x", namespaces)), Is.EqualTo(AccessRule.TokenNeeded));
    }

    [TestCase("chat:x", AccessRule.Insecure)]
    [TestCase("agent.alice.x", AccessRule.NotOwner)]
    [TestCase("system.timer.second", AccessRule.SystemOnly)]
    [TestCase("other:x", AccessRule.UnknownNamespace)]
    public void Insecure_mode_opens_what_is_configured_and_never_the_channels_of_claw_events(string channel, AccessRule rule)
    {
        var (permissions, namespaces) = (TestPermissions.WithoutLocks(isInsecure: true), Chat(ChannelOptions.None));

        Assert.That(permissions.CanPublish(Principal.Anonymous, TestChannel.Resolved(channel, namespaces)), Is.EqualTo(rule));
    }

    [Test]
    public async Task A_namespace_cannot_open_a_locked_channel()
    {
        var store = new InMemoryStateStore(TimeProvider.System);
        var options = new ChannelOptions { Subscribe = new(true, true, true), ReadPresence = new(true, true, true), ReadHistory = new(true, true, true) };
        var permissions = new ChannelPermissions(store);
        var (channel, stranger) = (TestChannel.Resolved("agent.alice.x", TestNamespaces.Of(("agent", options))), Principal.Of("bob"));
        var before = await permissions.CanReadHistoryAsync(stranger, channel, isSubscribed: true);

        await store.LockAsync(channel.Name);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(before, Is.EqualTo(AccessRule.Unlocked));
            Assert.That(await permissions.CanSubscribeAsync(stranger, channel), Is.EqualTo(AccessRule.Locked));
            Assert.That(await permissions.CanReadHistoryAsync(stranger, channel, isSubscribed: true), Is.EqualTo(AccessRule.Locked));
            Assert.That(await permissions.CanReadPresenceAsync(stranger, channel, isSubscribed: true), Is.EqualTo(AccessRule.Locked));
        }
    }

    [Test]
    public async Task A_name_without_a_namespace_is_refused_until_it_is_configured()
    {
        var configured = new ChannelNamespaces(new Dictionary<string, ChannelOptions>(), new() { Subscribe = new(true, false, true) });

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await _permissions.CanSubscribeAsync(Principal.Anonymous, TestChannel.Resolved("news")), Is.EqualTo(AccessRule.UnusableName));
            Assert.That(await _permissions.CanSubscribeAsync(Principal.Anonymous, TestChannel.Resolved("news", configured)), Is.EqualTo(AccessRule.Clients));
            Assert.That(await _permissions.CanSubscribeAsync(Principal.Anonymous, TestChannel.Resolved("agent.alice", configured)), Is.EqualTo(AccessRule.UnusableName));
        }
    }

    private static ChannelNamespaces Chat(ChannelOptions options) => TestNamespaces.Of(("chat", options));
}
