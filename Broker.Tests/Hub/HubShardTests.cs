using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Tests.Hub;

internal sealed class HubShardTests
{
    private readonly HubShard _shard = new();
    private readonly ChannelName _channel = TestChannel.Named("public.a");
    private readonly ChannelName _other = TestChannel.Named("public.b");

    [Test]
    public void Everybody_on_the_channel_gets_the_frame_and_nobody_else_does()
    {
        var first = new CountingSubscriber { KeepsFrames = true };
        var second = new CountingSubscriber { KeepsFrames = true };
        var elsewhere = new CountingSubscriber();
        _shard.Add(first.SubscribeTo(_channel));
        _shard.Add(second.SubscribeTo(_channel));
        _shard.Add(elsewhere.SubscribeTo(_other));

        var enqueued = _shard.Publish(_channel);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(enqueued, Is.EqualTo(2));
            Assert.That(second.Frames.Single(), Is.SameAs(first.Frames.Single()), "the frame is shared, not copied");
            Assert.That(elsewhere.Received, Is.Zero);
        }
    }

    [Test]
    public void A_channel_is_known_by_its_name_and_not_by_its_instance()
    {
        var subscriber = new CountingSubscriber();
        _shard.Add(subscriber.SubscribeTo(_channel));

        var enqueued = _shard.Publish(TestChannel.Named("public.a"));

        Assert.That(enqueued, Is.EqualTo(1));
    }

    [Test]
    public void Nobody_listens_to_an_unknown_channel()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(_shard.Publish(_channel), Is.Zero);
            Assert.That(_shard.SubscriptionsOf(_channel), Is.Empty);
        }
    }

    [Test]
    public void A_full_queue_disconnects_that_subscriber_and_spares_the_others()
    {
        var before = new CountingSubscriber();
        var slow = new CountingSubscriber { Full = true };
        var after = new CountingSubscriber();
        _shard.Add(before.SubscribeTo(_channel));
        _shard.Add(slow.SubscribeTo(_channel));
        _shard.Add(after.SubscribeTo(_channel));

        var enqueued = _shard.Publish(_channel);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(enqueued, Is.EqualTo(2));
            Assert.That(slow.DisconnectedWith, Is.EqualTo(DisconnectCode.Slow));
            Assert.That((before.Received, after.Received), Is.EqualTo((1, 1)));
            Assert.That((before.Disconnects, after.Disconnects), Is.EqualTo((0, 0)));
        }
    }

    [Test]
    public void A_subscriber_that_left_gets_nothing_more()
    {
        var leaver = new CountingSubscriber();
        var stayer = new CountingSubscriber();
        var left = leaver.SubscribeTo(_channel);
        _shard.Add(left);
        _shard.Add(stayer.SubscribeTo(_channel));
        _shard.Publish(_channel);

        _shard.Remove(left);
        var enqueued = _shard.Publish(_channel);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(enqueued, Is.EqualTo(1));
            Assert.That((leaver.Received, stayer.Received), Is.EqualTo((1, 2)));
        }
    }

    [Test]
    public void A_channel_that_everybody_left_disappears()
    {
        var subscriber = new CountingSubscriber();
        var subscription = subscriber.SubscribeTo(_channel);
        _shard.Add(subscription);
        _shard.Add(subscriber.SubscribeTo(_other));

        _shard.Remove(subscription);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(_shard.ChannelCount, Is.EqualTo(1));
            Assert.That(_shard.SubscriptionCount, Is.EqualTo(1));
            Assert.That(_shard.SubscriptionsOf(_channel), Is.Empty);
        }
    }

    [Test]
    public void Leaving_twice_or_without_having_joined_changes_nothing()
    {
        var subscriber = new CountingSubscriber();
        var subscription = subscriber.SubscribeTo(_channel);
        _shard.Add(subscription);
        _shard.Add(subscriber.SubscribeTo(_channel));

        _shard.Remove(subscription);
        _shard.Remove(subscription);
        _shard.Remove(subscriber.SubscribeTo(_channel));
        _shard.Remove(subscriber.SubscribeTo(_other));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(_shard.SubscriptionCount, Is.EqualTo(1));
            Assert.That(_shard.Publish(_channel), Is.EqualTo(1));
        }
    }

    [Test]
    public void A_subscriber_can_return_to_a_channel_that_became_empty()
    {
        var subscriber = new CountingSubscriber();
        var subscription = subscriber.SubscribeTo(_channel);

        for (var i = 0; i < 3; i++)
        {
            _shard.Add(subscription);
            _shard.Publish(_channel);
            _shard.Remove(subscription);
        }

        using (Assert.EnterMultipleScope())
        {
            Assert.That(subscriber.Received, Is.EqualTo(3));
            Assert.That(_shard.ChannelCount, Is.Zero);
        }
    }
}
