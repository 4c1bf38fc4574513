using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Telemetry.Traffic;

namespace ClawEvents.Broker.Nodes;

/// <summary>Answers for this node.</summary>
internal sealed class LocalTop(NodeIdentity node, ChannelTraffic traffic, ChannelHub hub) : ITopSurvey
{
    public ValueTask<IReadOnlyList<NodeTop>> AskAsync(TrafficKind kind, IReadOnlyList<string> channels) => new([Answer(kind, channels)]);

    /// <inheritdoc cref="ITopSurvey.AskAsync"/>
    public NodeTop Answer(TrafficKind kind, IReadOnlyList<string> channels) => new(
        node.Name,
        channels.Count > 0 ? TrafficSummary.Empty : kind is TrafficKind.Subscribers ? ReadSubscribers() : traffic.Read(kind),
        [.. channels.Select(Count).OfType<WatchedTraffic>()]);

    private TrafficSummary ReadSubscribers() => TrafficSummary.Merge(
        [new([.. hub.CountByChannel().Select(channel => new TrafficEntry(channel.Key.Value, channel.Value, 0))], 0, 0)], ChannelTraffic.Capacity);

    private WatchedTraffic? Count(string name)
    {
        if (!ChannelName.TryParse(name, out var channel))
        {
            return null;
        }

        var counts = traffic.Watch(channel);
        return new(name, counts.Messages, counts.Bytes, counts.Deliveries, hub.SubscriptionsOf(channel).Length, counts.Seconds);
    }
}
