using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Telemetry;
using ClawEvents.Broker.Telemetry.Traffic;
using ClawEvents.Broker.Transport;

namespace ClawEvents.Broker.Hub;

/// <summary>The subscribers of this node. Delivers what the engine hands it: encoded once for each kind of subscriber, enqueued for each; waits for no subscriber.</summary>
/// <remarks>Thread-safe. Every publication, from any door and any node, ends in <see cref="Deliver"/>.</remarks>
internal sealed class ChannelHub(BrokerMetrics metrics, Compression? compression = null, ReactorPool? reactors = null, ChannelTraffic? traffic = null) : IChannelReceiver
{
    // More shards than cores that meet simultaneously; a power of two, so that choosing one is a mask.
    private const int ShardCount = 64;

    private readonly HubShard[] _shards = [.. Enumerable.Range(0, ShardCount).Select(_ => new HubShard(reactors))];

    /// <summary>Channels with at least one subscriber.</summary>
    public int ChannelCount => _shards.Sum(shard => shard.ChannelCount);

    public int SubscriptionCount => _shards.Sum(shard => shard.SubscriptionCount);

    /// <summary>Channels with at least one subscriber, and their counts; each as it was at some moment of the walk.</summary>
    public IEnumerable<KeyValuePair<ChannelName, int>> CountByChannel() => _shards.SelectMany(shard => shard.CountByChannel());

    public void Add(Subscription subscription) => ShardOf(subscription.Channel).Add(subscription);

    public void Remove(Subscription subscription) => ShardOf(subscription.Channel).Remove(subscription);

    public Subscription[] SubscriptionsOf(ChannelName channel) => ShardOf(channel).SubscriptionsOf(channel);

    /// <inheritdoc/>
    /// <remarks>When it returns, the publication is in every live subscriber's queue or in the mailbox of its reactor, in the channel's order.</remarks>
    public void Deliver(ChannelName channel, in DeliveredPublication publication)
    {
        var delivered = 0;
        if (ShardOf(channel).Find(channel) is { } subscribers)
        {
            using var step = PublishTrace.Step("fan-out");

            // Reactors deliver after this has returned, when the memory of the payload may be in use for something else.
            var kept = publication with
            {
                Publication = publication.Publication with { Data = publication.Publication.Data.ToArray() },
                Previous = publication.Previous.ToArray(),
            };
            delivered = subscribers.FanOut(step is null && kept.Change is null
                ? new ChannelPush(channel, kept) { Compression = compression }
                : new DetailedPush(channel, kept, step) { Compression = compression });
            step?.SetTag("clawevents.subscribers", delivered);
        }

        metrics.Published(channel, publication.Publication.Data.Length, delivered);
        traffic?.Delivered(channel, delivered);
    }

    /// <inheritdoc/>
    public void DeliverJoin(ChannelName channel, ClientInfo client) => FanOut(channel, new(channel, PushKind.Join, client));

    /// <inheritdoc/>
    public void DeliverLeave(ChannelName channel, ClientInfo client) => FanOut(channel, new(channel, PushKind.Leave, client));

    /// <inheritdoc/>
    public void DeliverInterruption(ChannelName channel, StreamPosition? top) => FanOut(channel, new(channel, PushKind.Interruption, null) { Top = top });

    /// <inheritdoc/>
    public ValueTask WhenRoom() => reactors?.WhenRoom() ?? ValueTask.CompletedTask;

    private void FanOut(ChannelName channel, ChannelPush push) => ShardOf(channel).FanOut(channel, push);

    private HubShard ShardOf(ChannelName channel) => _shards[channel.GetHashCode() & (ShardCount - 1)];
}
