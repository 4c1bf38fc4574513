using System.Text;
using ClawEvents.Cli.Streams;

namespace ClawEvents.Broker.Tests.Cli;

[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class SubscriptionTests
{
    [TestCase("public.a", "\"public.a\"", true)]
    [TestCase("public.a", "\"public.b\"", false)]
    [TestCase("public.a", "\"public.ab\"", false)]
    [TestCase("a/b", "\"a\\/b\"", true)]
    [TestCase("a+b", "\"a\\u002bb\"", true)]
    [TestCase("a\"b", "\"a\\\"b\"", true)]
    [TestCase("a\"b", "\"a\\u0022b\"", true)]
    [TestCase("a", "\"\\u0062\"", false)]
    public void A_channel_is_recognized_however_the_server_spells_it(string channel, string name, bool known)
    {
        var subscriptions = new SubscriptionSet(["other", channel], _ => default);

        // The second time, the server's spelling is known.
        for (var i = 0; i < 2; i++)
        {
            Assert.That(subscriptions.Find(Encoding.UTF8.GetBytes(name))?.Channel, Is.EqualTo(known ? channel : null));
        }
    }

    [Test]
    public void A_position_in_the_history_moves_with_each_publication()
    {
        var subscription = new Subscription("c");
        subscription.OnAccepted(new StreamPosition("e", 4));

        subscription.AdvancePast(new Publication { Offset = 5 });
        subscription.AdvancePast(new Publication());

        Assert.That(subscription.Position, Is.EqualTo(new StreamPosition("e", 5)));
    }

    [Test]
    public void Without_a_history_there_is_no_position()
    {
        var subscription = new Subscription("c");
        subscription.OnAccepted(null);

        subscription.AdvancePast(new Publication { Offset = 5 });

        Assert.That((subscription.WasAccepted, subscription.Position), Is.EqualTo((true, (StreamPosition?)null)));
    }
}
