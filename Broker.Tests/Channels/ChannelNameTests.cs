using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Channels;

internal sealed class ChannelNameTests
{
    [TestCase("public.", ChannelKind.Public)]
    [TestCase("public.townsquare", ChannelKind.Public)]
    [TestCase("public.a.b.c", ChannelKind.Public)]
    [TestCase("public.a:b", ChannelKind.Public)]
    [TestCase("public", ChannelKind.Plain)]
    [TestCase("Public.a", ChannelKind.Plain)]
    [TestCase("publicly.a", ChannelKind.Plain)]
    [TestCase("system.", ChannelKind.System)]
    [TestCase("system.timer.second", ChannelKind.System)]
    [TestCase("system", ChannelKind.Plain)]
    [TestCase("agent.o.t", ChannelKind.Agent)]
    [TestCase("agent.o.t.u.v", ChannelKind.Agent)]
    [TestCase("agent.o.", ChannelKind.Agent)]
    [TestCase("agent.o.agent.x", ChannelKind.Agent)]
    [TestCase("agent.o.ns:t", ChannelKind.Agent)]
    [TestCase("agent.x", ChannelKind.Invalid)]
    [TestCase("agent.", ChannelKind.Invalid)]
    [TestCase("agent..t", ChannelKind.Invalid)]
    [TestCase("agent", ChannelKind.Plain)]
    [TestCase("agents.o.t", ChannelKind.Plain)]
    [TestCase("app.a.t", ChannelKind.App)]
    [TestCase("app.a.", ChannelKind.App)]
    [TestCase("app.a.t.agent.x", ChannelKind.App)]
    [TestCase("app.a.agents", ChannelKind.App)]
    [TestCase("app.a", ChannelKind.Invalid)]
    [TestCase("app..t", ChannelKind.Invalid)]
    [TestCase("app..agent", ChannelKind.Invalid)]
    [TestCase("app.a.agent", ChannelKind.AppToAgents)]
    [TestCase("app.a.agent.x", ChannelKind.AppToAgent)]
    [TestCase("app.a.agent.", ChannelKind.Invalid)]
    [TestCase("app.a.agent.x.y", ChannelKind.Invalid)]
    [TestCase("app.a.agent.x.", ChannelKind.Invalid)]
    [TestCase("ns:chan", ChannelKind.Namespaced)]
    [TestCase("public:chan", ChannelKind.Namespaced)]
    [TestCase("a.b:c", ChannelKind.Namespaced)]
    [TestCase("$a:b", ChannelKind.Namespaced)]
    [TestCase(":x", ChannelKind.Plain)]
    [TestCase("$:x", ChannelKind.Plain)]
    [TestCase(":", ChannelKind.Plain)]
    [TestCase("bogus", ChannelKind.Plain)]
    [TestCase("$secret", ChannelKind.Plain)]
    [Checklist(67)]
    public void The_form_of_a_name_decides_its_kind(string name, ChannelKind kind)
    {
        var channel = TestChannel.Named(name);

        Assert.That(channel.Kind, Is.EqualTo(kind));
    }

    [TestCase("agent.o.t", "o", "t", "")]
    [TestCase("agent.o.t.u..v", "o", "t.u..v", "")]
    [TestCase("agent.o.", "o", "", "")]
    [TestCase("app.shop.orders.new", "shop", "orders.new", "")]
    [TestCase("app.shop.agent", "shop", "agent", "")]
    [TestCase("app.shop.agent.bob", "shop", "agent.bob", "bob")]
    [TestCase("public.a.b", "", "", "")]
    [TestCase("system.timer.second", "", "", "")]
    [TestCase("ns:a.b.c", "", "", "")]
    [TestCase("app.shop.agent.bob.x", "", "", "")]
    [TestCase("bogus", "", "", "")]
    public void A_name_knows_its_parts(string name, string owner, string topic, string agent)
    {
        var channel = TestChannel.Named(name);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(channel.Owner.ToString(), Is.EqualTo(owner));
            Assert.That(channel.Topic.ToString(), Is.EqualTo(topic));
            Assert.That(channel.TargetAgent.ToString(), Is.EqualTo(agent));
        }
    }

    [TestCase("agent.o.t", true, false)]
    [TestCase("app.a.t", true, false)]
    [TestCase("app.a.agent", false, true)]
    [TestCase("app.a.agent.x", false, true)]
    [TestCase("public.a", false, false)]
    [TestCase("system.a", false, false)]
    [TestCase("ns:a", false, false)]
    [TestCase("bogus", false, false)]
    public void Only_owned_channels_that_are_not_reserved_can_be_locked(string name, bool lockable, bool reserved)
    {
        var channel = TestChannel.Named(name);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(channel.IsLockable, Is.EqualTo(lockable));
            Assert.That(channel.IsReserved, Is.EqualTo(reserved));
        }
    }

    [TestCase("")]
    [TestCase("public.\u007f")]
    [TestCase("public.\u001f")]
    [TestCase("public.\n")]
    [TestCase("public.\0")]
    [TestCase("public.é")]
    [TestCase("public.日本")]
    public void A_name_is_printable_ASCII(string name)
    {
        var parsed = ChannelName.TryParse(name, out var channel);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(parsed, Is.False);
            Assert.That(channel, Is.Null);
        }
    }

    [TestCase("agent.", ".t", ChannelKind.Agent)]
    [TestCase("app.a.agent.", "", ChannelKind.AppToAgent)]
    [TestCase("agent.o.", "", ChannelKind.Agent)]
    public void The_longest_name_keeps_its_parts(string start, string end, ChannelKind kind)
    {
        var filler = new string('x', ChannelNames.MaxBytes - start.Length - end.Length);

        var channel = TestChannel.Named(start + filler + end);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(channel.Kind, Is.EqualTo(kind));
            Assert.That($"{channel.Owner}|{channel.Topic}|{channel.TargetAgent}", Does.Contain(filler));
            Assert.That(ChannelName.TryParse(channel.Value + "x", out _), Is.False);
        }
    }

    [TestCase("public.a", "\"public.a\"")]
    [TestCase("public.\"\\", "\"public.\\\"\\\\\"")]
    [TestCase("public. ~</&+'`", "\"public. ~</&+'`\"")]
    public void The_JSON_name_is_quoted_and_escaped_no_more_than_needed(string name, string json)
    {
        var channel = TestChannel.Named(name);

        Assert.That(channel.JsonName.Text(), Is.EqualTo(json));
    }

    [Test]
    public void Equality_is_by_every_character_and_its_case()
    {
        var channel = TestChannel.Named("public.a");
        var same = TestChannel.Named("public.a");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(same, Is.EqualTo(channel));
            Assert.That(same.GetHashCode(), Is.EqualTo(channel.GetHashCode()));
            Assert.That(TestChannel.Named("public.A"), Is.Not.EqualTo(channel));
            Assert.That(TestChannel.Named("public.a "), Is.Not.EqualTo(channel));
        }
    }
}
