using System.Collections.Concurrent;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Transport;

namespace ClawEvents.Broker.Hub;

/// <summary>The channels of one slice of the subscriber table, chosen by the channel's name.</summary>
/// <param name="reactors">As in <see cref="ChannelSubscribers"/>.</param>
/// <remarks>Thread-safe. Joins and leaves of one shard exclude each other; publishing takes no gate that another channel could hold.</remarks>
internal sealed class HubShard(ReactorPool? reactors = null)
{
    // One writer at a time (under the gate), so the dictionary needs no stripes of its own.
    private readonly ConcurrentDictionary<ChannelName, ChannelSubscribers> _channels = new(concurrencyLevel: 1, capacity: 31);
    private readonly Lock _gate = new();
    private int _subscriptions;

    /// <summary>Channels with at least one subscriber.</summary>
    public int ChannelCount => _channels.Count;

    public int SubscriptionCount => Volatile.Read(ref _subscriptions);

    /// <summary>Puts a pending subscription into the table; it gets publications once it is active.</summary>
    public void Add(Subscription subscription)
    {
        lock (_gate)
        {
            if (!_channels.TryGetValue(subscription.Channel, out var subscribers))
            {
                subscribers = new ChannelSubscribers(reactors);
                _channels[subscription.Channel] = subscribers;
            }

            subscribers.Add(subscription);
            _subscriptions++;
        }
    }

    /// <summary>Removes a subscription; a fan-out under way may still see it.</summary>
    public void Remove(Subscription subscription)
    {
        lock (_gate)
        {
            if (!_channels.TryGetValue(subscription.Channel, out var subscribers) || !subscribers.Remove(subscription))
            {
                return;
            }

            _subscriptions--;
            if (subscribers.Count == 0)
            {
                _channels.TryRemove(subscription.Channel, out _);
            }
        }
    }

    /// <returns>Null when the channel has no subscribers.</returns>
    public ChannelSubscribers? Find(ChannelName channel) => _channels.GetValueOrDefault(channel);

    /// <summary>Delivers one push to every connection of this node that is subscribed to <paramref name="channel"/>.</summary>
    /// <param name="channel">The channel of this shard.</param>
    /// <param name="push">Encoded once for each kind of subscriber.</param>
    /// <returns>Connections whose queue accepted the push (or that were just leaving) or whose reactor has it; 0 without subscribers.</returns>
    /// <remarks>Thread-safe, never waits for a subscriber, does not throw. All subscribers get the publications of a channel in one order.
    /// Hot path: no allocation per subscriber (HubShardFanOutBenchmarks).</remarks>
    public int FanOut(ChannelName channel, ChannelPush push) => Find(channel)?.FanOut(push) ?? 0;

    public IEnumerable<KeyValuePair<ChannelName, int>> CountByChannel() =>
        _channels.Select(channel => KeyValuePair.Create(channel.Key, channel.Value.Count)).Where(channel => channel.Value > 0);

    /// <summary>The channel's current subscriptions.</summary>
    public Subscription[] SubscriptionsOf(ChannelName channel) =>
        Find(channel)?.Snapshot() ?? [];
}
