using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Telemetry;

namespace ClawEvents.Broker.Hub;

/// <summary>The subscribers of this node. Delivers what the engine hands it: encoded once for each kind of subscriber, enqueued for each; waits for no subscriber.</summary>
/// <remarks>Thread-safe. Every publication, from any door and any node, ends in <see cref="Deliver"/>.</remarks>
internal sealed class ChannelHub(BrokerMetrics metrics, int compressionMinBytes = 0) : IChannelReceiver
{
    // More shards than cores that meet simultaneously; a power of two, so that choosing one is a mask.
    private const int ShardCount = 64;

    private readonly HubShard[] _shards = [.. Enumerable.Range(0, ShardCount).Select(_ => new HubShard())];

    /// <summary>Channels with at least one subscriber.</summary>
    public int ChannelCount => _shards.Sum(shard => shard.ChannelCount);

    public int SubscriptionCount => _shards.Sum(shard => shard.SubscriptionCount);

    /// <summary>Channels with at least one subscriber, and their counts; each as it was at some moment of the walk.</summary>
    public IEnumerable<KeyValuePair<ChannelName, int>> CountByChannel() => _shards.SelectMany(shard => shard.CountByChannel());

    public void Add(Subscription subscription) => ShardOf(subscription.Channel).Add(subscription);

    public void Remove(Subscription subscription) => ShardOf(subscription.Channel).Remove(subscription);

    public Subscription[] SubscriptionsOf(ChannelName channel) => ShardOf(channel).SubscriptionsOf(channel);

    /// <inheritdoc/>
    /// <remarks>When it returns, every live subscriber's queue holds the publication, in the channel's order.</remarks>
    public void Deliver(ChannelName channel, in DeliveredPublication publication)
    {
        var push = new ChannelPush(channel, publication) { CompressFrom = compressionMinBytes };
        metrics.Published(channel, FanOut(channel, ref push));
    }

    /// <inheritdoc/>
    public void DeliverJoin(ChannelName channel, ClientInfo client)
    {
        var push = new ChannelPush(channel, PushKind.Join, client);
        FanOut(channel, ref push);
    }

    /// <inheritdoc/>
    public void DeliverLeave(ChannelName channel, ClientInfo client)
    {
        var push = new ChannelPush(channel, PushKind.Leave, client);
        FanOut(channel, ref push);
    }

    /// <inheritdoc/>
    public void DeliverInterruption(ChannelName channel, StreamPosition? top)
    {
        foreach (var subscription in SubscriptionsOf(channel))
        {
            subscription.Subscriber.Interrupt(subscription, top);
        }
    }

    private int FanOut(ChannelName channel, ref ChannelPush push) => ShardOf(channel).FanOut(channel, ref push);

    private HubShard ShardOf(ChannelName channel) => _shards[channel.GetHashCode() & (ShardCount - 1)];
}
