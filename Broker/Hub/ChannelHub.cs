using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Telemetry;

namespace ClawEvents.Broker.Hub;

/// <summary>Who listens on this node. Encodes a publication once and enqueues it many times; waits for nobody.</summary>
/// <remarks>Thread-safe. Every publish, through whatever door, ends in <see cref="Publish"/>.</remarks>
internal sealed class ChannelHub(BrokerMetrics metrics)
{
    // More shards than cores will meet at once; a power of two, so that choosing one is a mask.
    private const int ShardCount = 64;

    private readonly HubShard[] _shards = [.. Enumerable.Range(0, ShardCount).Select(_ => new HubShard())];

    /// <summary>Channels with at least one subscriber.</summary>
    public int ChannelCount => _shards.Sum(shard => shard.ChannelCount);

    public int SubscriptionCount => _shards.Sum(shard => shard.SubscriptionCount);

    public void Add(Subscription subscription) => ShardOf(subscription.Channel).Add(subscription);

    public void Remove(Subscription subscription) => ShardOf(subscription.Channel).Remove(subscription);

    public Subscription[] SubscriptionsOf(ChannelName channel) => ShardOf(channel).SubscriptionsOf(channel);

    /// <summary>Delivers a publication to all subscribers of a channel on this node.</summary>
    /// <returns>Connections whose queue took it; 0 if nobody listens.</returns>
    /// <remarks>When it returns, every live subscriber's queue holds the publication, in the channel's order.</remarks>
    public int Publish(ChannelName channel, in Publication publication)
    {
        var shard = ShardOf(channel);
        var delivered = shard.HasSubscribers(channel) ? shard.FanOut(channel, Encode(channel, publication)) : 0;
        metrics.Published(channel, delivered);
        return delivered;
    }

    private static byte[] Encode(ChannelName channel, in Publication publication)
    {
        var frame = FrameWriter.Begin();
        PushWriter.WritePublication(frame, channel, publication);
        return frame.Complete(Opcode.Text).ToArray();
    }

    private HubShard ShardOf(ChannelName channel) => _shards[channel.GetHashCode() & (ShardCount - 1)];
}
