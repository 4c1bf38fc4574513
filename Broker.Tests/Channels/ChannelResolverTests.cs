using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Channels;

internal sealed class ChannelResolverTests
{
    private readonly ChannelNamespaces _namespaces = TestNamespaces.Of(("chat", TestNamespaces.Open));
    private readonly ChannelResolver _resolver;

    public ChannelResolverTests() => _resolver = new ChannelResolver(new ChannelNames(maxBytes: 16), _namespaces);

    [Test]
    public void A_name_is_resolved_with_the_options_of_its_namespace()
    {
        Assert.That(_resolver.TryResolve("chat:x"u8, out var channel), Is.True);
        Assert.That(channel, Is.EqualTo(new ResolvedChannel(TestChannel.Named("chat:x"), TestNamespaces.Open)));
    }

    [TestCase("other:x")]
    [TestCase("plain")]
    [TestCase("agent.alice")]
    public void A_name_that_nobody_may_use_is_resolved_without_options(string name)
    {
        Assert.That(_resolver.TryResolve(name, out var channel), Is.True);
        Assert.That((channel.Options, channel.OptionsOrNone), Is.EqualTo((default(ChannelOptions), ChannelOptions.None)));
    }

    [TestCase("")]
    [TestCase("longer than 16 bytes")]
    [TestCase("chat:ö")]
    public void An_invalid_name_is_not_resolved(string name)
    {
        Assert.That(_resolver.TryResolve(name.Utf8(), out var fromBytes), Is.False);
        Assert.That(_resolver.TryResolve(name, out var fromText), Is.False);
        Assert.That((fromBytes, fromText), Is.EqualTo((default(ResolvedChannel), default(ResolvedChannel))));
    }

    [Test]
    public void A_reload_changes_the_options_of_the_next_operation_and_not_of_one_under_way()
    {
        var before = _resolver.Resolve(TestChannel.Named("chat:x"));
        _namespaces.ReplaceWith(TestNamespaces.Of(("chat", TestNamespaces.History)));
        var after = _resolver.Resolve(before.Name);

        Assert.That((before.Options, after.Options), Is.EqualTo((TestNamespaces.Open, TestNamespaces.History)));
    }

    [Test]
    public void A_channel_that_was_named_lately_is_resolved_without_an_allocation()
    {
        var name = "chat:x".Utf8();

        Assert.That(Allocations.PerCall(() => _resolver.TryResolve(name, out _)), Is.Zero);
    }
}
