using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Telemetry;
using ClawEvents.Broker.Tests.Support;

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

        var delivered = hub.Publish(TestChannel.Named("public.a"), new Publication { Data = "{\"n\":\n1}"u8 });

        var push = "{\"push\":{\"channel\":\"public.a\",\"pub\":{\"data\":{\"n\":1}}}}";
        using (Assert.EnterMultipleScope())
        {
            Assert.That(delivered, Is.EqualTo(2));
            Assert.That(first.Frames.Single().ToArray(), Is.EqualTo((byte[])[0x81, (byte)push.Length, .. push.Utf8()]));
            Assert.That(second.Frames.Single().Equals(first.Frames.Single()), Is.True, "one memory for all");
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

        hub.Publish(channel, new Publication { Data = "111"u8 });
        hub.Publish(channel, new Publication { Data = "222"u8, Publisher = Principal.Of("bob"), Client = Guid.NewGuid() });

        Assert.That(subscriber.Frames[0].Text(), Does.EndWith("\"data\":111}}}"));
        Assert.That(subscriber.Frames[1].Text(), Does.Contain("\"data\":222,\"info\":{\"user\":\"bob\""));
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

    [Test]
    public void Publishing_to_nobody_delivers_to_nobody()
    {
        using var metrics = new BrokerMetrics();
        var hub = new ChannelHub(metrics);

        var delivered = hub.Publish(TestChannel.Named("public.a"), new Publication { Data = "1"u8 });

        Assert.That(delivered, Is.Zero);
    }
}
