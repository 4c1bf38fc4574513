using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Tests.Hub;

internal sealed class ChannelSubscribersTests
{
    private readonly ChannelName _channel = TestChannel.Named("public.a");
    private readonly ChannelSubscribers _subscribers = new();

    // Three moods: mostly joining (the table grows), even (it keeps compacting), mostly leaving (it shrinks to nothing).
    [TestCase(1, 70)]
    [TestCase(2, 50)]
    [TestCase(3, 30)]
    [TestCase(4, 50)]
    public void Joins_and_leaves_in_any_order_agree_with_a_simple_model(int seed, int joinPercent)
    {
        var random = new Random(seed);
        var model = new HashSet<Subscription>();
        Populate(300, model);

        for (var step = 0; step < 5_000; step++)
        {
            if (random.Next(100) < joinPercent || model.Count == 0)
            {
                Populate(1, model);
            }
            else
            {
                var leaver = model.ElementAt(random.Next(model.Count));
                model.Remove(leaver);
                Assert.That(_subscribers.Remove(leaver), Is.True);
            }

            if (step % 250 == 0)
            {
                AssertHolds(model);
            }
        }

        AssertHolds(model);
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Thousands_can_leave_in_the_order_they_came_or_in_reverse(bool firstComeFirstGone)
    {
        var model = new HashSet<Subscription>();
        var joined = Populate(4_000, model);
        var leavers = firstComeFirstGone ? joined : joined.AsEnumerable().Reverse();

        foreach (var (i, leaver) in leavers.Index())
        {
            model.Remove(leaver);
            Assert.That(_subscribers.Remove(leaver), Is.True);
            if (i % 500 == 0 || model.Count < 5)
            {
                AssertHolds(model);
            }
        }

        Assert.That(_subscribers.Count, Is.Zero);
    }

    [Test]
    public void A_fan_out_costs_only_the_remaining_subscribers_after_most_have_left()
    {
        var joined = Populate(10_000, []);
        var lastOnes = joined[^10..];
        foreach (var leaver in joined[..^10])
        {
            _subscribers.Remove(leaver);
        }

        // Where the last ones lie tells how long the table is: it has moved them together.
        var slots = lastOnes.Select(subscription => subscription.Slot);

        Assert.That(slots, Is.All.InRange(0, 63));
        Assert.That(_subscribers.Publish(_channel), Is.EqualTo(10));
    }

    [Test]
    public void A_snapshot_stays_while_others_leave()
    {
        var joined = Populate(3, []);

        var snapshot = _subscribers.Snapshot();
        _subscribers.Remove(joined[1]);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(snapshot, Is.EqualTo(joined));
            Assert.That(_subscribers.Snapshot(), Is.EqualTo(new[] { joined[0], joined[2] }));
        }
    }

    [Test]
    public void Somebody_may_leave_or_join_from_within_a_fan_out()
    {
        // As a connection does when its queue turns out to be full: the disconnect may lead to leaving immediately.
        var received = new List<string>();
        Subscription? second = null;
        var first = new Subscription(new ActingSubscriber(() =>
        {
            received.Add("first");
            _subscribers.Remove(second!);
            Populate(100, []);
        }), _channel);
        second = new Subscription(new ActingSubscriber(() => received.Add("second")), _channel);
        _subscribers.Add(first);
        _subscribers.Add(second);

        _subscribers.Publish(_channel);

        Assert.That(received, Is.EqualTo(new[] { "first" }));
        Assert.That(_subscribers.Count, Is.EqualTo(101));
    }

    private List<Subscription> Populate(int count, HashSet<Subscription> model)
    {
        var joined = new List<Subscription>();
        for (var i = 0; i < count; i++)
        {
            var subscription = new CountingSubscriber().SubscribeTo(_channel);
            _subscribers.Add(subscription);
            joined.Add(subscription);
            model.Add(subscription);
        }

        return joined;
    }

    private void AssertHolds(HashSet<Subscription> model)
    {
        var before = model.ToDictionary(subscription => subscription, ReceivedBy);

        var enqueued = _subscribers.Publish(_channel);

        Assert.That(_subscribers.Count, Is.EqualTo(model.Count));
        Assert.That(enqueued, Is.EqualTo(model.Count));
        Assert.That(_subscribers.Snapshot().ToHashSet().SetEquals(model), Is.True);
        Assert.That(model.All(subscription => ReceivedBy(subscription) == before[subscription] + 1), Is.True);
    }

    private static int ReceivedBy(Subscription subscription) => ((CountingSubscriber)subscription.Subscriber).Received;
}
