using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Telemetry;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Tests.Hub;

internal sealed class ChannelHubTests
{
    [Test]
    public void A_publication_is_encoded_and_framed_once_for_all()
    {
        using var metrics = new BrokerMetrics();
        var hub = new ChannelHub(metrics);
        var first = new CountingSubscriber { KeepsFrames = true };
        var second = new CountingSubscriber { KeepsFrames = true };
        hub.Add(first.SubscribeTo(TestChannel.Named("public.a")));
        hub.Add(second.SubscribeTo(TestChannel.Named("public.a")));

        hub.Deliver(TestChannel.Named("public.a"), TestPush.Publication("{\"n\":\n1}"));

        var push = "{\"push\":{\"channel\":\"public.a\",\"pub\":{\"data\":{\"n\":1}}}}";
        using (Assert.EnterMultipleScope())
        {
            Assert.That(first.Frames.Single(), Is.EqualTo((byte[])[0x81, (byte)push.Length, .. push.Utf8()]));
            Assert.That(second.Frames.Single(), Is.SameAs(first.Frames.Single()), "one memory for all");
        }
    }

    [Test]
    public void A_later_publication_does_not_change_a_frame_that_still_waits()
    {
        using var metrics = new BrokerMetrics();
        var hub = new ChannelHub(metrics);
        var channel = TestChannel.Named("public.a");
        var subscriber = new CountingSubscriber { KeepsFrames = true };
        hub.Add(subscriber.SubscribeTo(channel));

        hub.Deliver(channel, TestPush.Publication("111"));
        hub.Deliver(channel, TestPush.Publication("222"));

        Assert.That(subscriber.Frames[0].Text(), Does.EndWith("\"data\":111}}}"));
        Assert.That(subscriber.Frames[1].Text(), Does.EndWith("\"data\":222}}}"));
    }

    [Test]
    public void Channels_and_subscriptions_are_counted_over_all_shards()
    {
        using var metrics = new BrokerMetrics();
        var hub = new ChannelHub(metrics);
        var subscriber = new CountingSubscriber();
        var subscriptions = Enumerable.Range(0, 1_000).Select(i => subscriber.SubscribeTo(TestChannel.Named($"public.{i % 500}"))).ToArray();

        foreach (var subscription in subscriptions)
        {
            hub.Add(subscription);
        }

        Assert.That((hub.ChannelCount, hub.SubscriptionCount), Is.EqualTo((500, 1_000)));
        Assert.That(hub.SubscriptionsOf(TestChannel.Named("public.7")), Is.EqualTo(new[] { subscriptions[7], subscriptions[507] }));

        foreach (var subscription in subscriptions)
        {
            hub.Remove(subscription);
        }

        Assert.That((hub.ChannelCount, hub.SubscriptionCount), Is.EqualTo((0, 0)));
    }
}
