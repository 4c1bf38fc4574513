using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.State;
using ClawEvents.Broker.Telemetry;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Permissions;

internal sealed class SubscriptionSweeperTests
{
    private readonly InMemoryStateStore _store = new(TimeProvider.System);
    private readonly ChannelName _channel = TestChannel.Named("agent.owner.t");

    [Test]
    public async Task Only_those_who_lost_the_right_are_removed_and_only_from_that_channel()
    {
        using var metrics = new BrokerMetrics();
        var hub = new ChannelHub(metrics);
        string[] names = ["", "owner", "friend", "bob", "app:shop"];
        var subscribers = names.ToDictionary(name => name, name => new CountingSubscriber { Principal = Principal.Of(name) });
        var subscriptions = subscribers.ToDictionary(entry => entry.Key, entry => entry.Value.SubscribeTo(_channel));
        foreach (var name in names)
        {
            hub.Add(subscriptions[name]);
            hub.Add(subscribers[name].SubscribeTo(TestChannel.Named("agent.owner.t2")));
        }

        await _store.LockAsync(_channel);
        await _store.GrantAsync(_channel, "friend");
        await new SubscriptionSweeper(hub, TestPermissions.Of(_store)).SweepAsync(_channel);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(names.Where(name => subscribers[name].Ended.Count > 0), Is.EquivalentTo(new[] { "", "bob", "app:shop" }));
            Assert.That(subscribers["bob"].Ended, Is.EqualTo(new Dictionary<Subscription, UnsubscribeCode>
            {
                [subscriptions["bob"]] = UnsubscribeCode.PermissionDenied,
            }));
            Assert.That(subscribers.Values.All(subscriber => subscriber.Disconnects == 0), Is.True);
        }
    }

    [Test]
    public async Task Nobody_is_removed_from_a_channel_that_is_open()
    {
        using var metrics = new BrokerMetrics();
        var hub = new ChannelHub(metrics);
        var subscriber = new CountingSubscriber();
        hub.Add(subscriber.SubscribeTo(_channel));
        await _store.LockAsync(_channel);
        await _store.UnlockAsync(_channel);

        await new SubscriptionSweeper(hub, TestPermissions.Of(_store)).SweepAsync(_channel);

        Assert.That(subscriber.Ended, Is.Empty);
    }
}
