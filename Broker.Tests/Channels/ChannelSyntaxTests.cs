using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Tests.Channels;

/// <summary>What separates the parts of a channel's name may be set.</summary>
internal sealed class ChannelSyntaxTests
{
    private static readonly ChannelSyntax Other = new("::", "!", "@", ";");
    private static readonly ChannelOptions UserLimited = new() { AllowUserLimitedChannels = true };

    [TestCase("chat::room", "chat", "room", false)]
    [TestCase("!chat::room", "chat", "room", true)]
    [TestCase("!room", "", "!room", true)]
    [TestCase("chat:room", "", "chat:room", false)]
    [TestCase("$chat::room", "$chat", "room", false)]
    [TestCase("::room", "", "room", false)]
    public void A_name_is_split_at_the_boundary(string name, string ofNamespace, string rest, bool isPrivate)
    {
        var channel = Named(name, Other);

        Assert.That((channel.Namespace.ToString(), channel.Rest.ToString(), channel.IsPrivate), Is.EqualTo((ofNamespace, rest, isPrivate)));
    }

    [Test]
    public void Without_boundaries_a_name_has_no_parts()
    {
        var channel = Named("$chat:room#1", new ChannelSyntax("", "", "", ""));

        Assert.That((channel.Kind, channel.IsPrivate, channel.NamesUsers, channel.Rest.ToString()), Is.EqualTo((ChannelKind.Plain, false, false, "$chat:room#1")));
    }

    [TestCase("agent.alice.news", ChannelKind.Agent)]
    [TestCase("public.a::b", ChannelKind.Public)]
    public void The_forms_of_claw_events_stay(string name, ChannelKind kind) => Assert.That(Named(name, Other).Kind, Is.EqualTo(kind));

    [TestCase("room@alice", "alice", true)]
    [TestCase("room@bob;alice", "alice", true)]
    [TestCase("room@x@alice", "alice", true)]
    [TestCase("room@bob,alice", "alice", false)]
    [TestCase("room#alice", "alice", false)]
    public async Task Users_come_after_their_boundary(string name, string user, bool isAllowed)
    {
        var store = new InMemoryStateStore(TimeProvider.System);
        var channel = new ResolvedChannel(Named(name, Other), UserLimited);

        var rule = await new ChannelPermissions(store).CanSubscribeAsync(Principal.Of(user), channel);

        Assert.That(rule is AccessRule.UserList, Is.EqualTo(isAllowed));
    }

    [Test]
    public async Task Without_a_separator_there_is_one_user()
    {
        var store = new InMemoryStateStore(TimeProvider.System);
        var permissions = new ChannelPermissions(store);
        var syntax = new ChannelSyntax(UserSeparator: "");

        var one = await permissions.CanSubscribeAsync(Principal.Of("a,b"), new ResolvedChannel(Named("room#a,b", syntax), UserLimited));
        var other = await permissions.CanSubscribeAsync(Principal.Of("b"), new ResolvedChannel(Named("room#a,b", syntax), UserLimited));

        Assert.That((one, other), Is.EqualTo((AccessRule.UserList, AccessRule.NotListed)));
    }

    [Test]
    public void A_name_from_a_store_is_resolved_by_the_syntax_of_the_settings()
    {
        var resolver = new ChannelResolver(new ChannelNames(ChannelNames.MaxBytes, Other), TestNamespaces.Of(("chat", TestNamespaces.Open)));

        Assert.That(resolver.Resolve(TestChannel.Named("chat::room")).Options, Is.EqualTo(TestNamespaces.Open));
    }

    private static ChannelName Named(string name, ChannelSyntax syntax) =>
        ChannelName.TryParse(name, syntax, out var channel) ? channel : throw new AssertionException(name);
}
