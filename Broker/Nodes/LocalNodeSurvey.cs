using System.Diagnostics;
using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Nodes;

/// <summary>A survey that covers only this node.</summary>
internal sealed class LocalNodeSurvey(NodeIdentity node, OpenConnections open, ChannelHub hub, TimeProvider time) : INodeSurvey
{
    private readonly long _startedAt = time.GetTimestamp();

    public ValueTask<IReadOnlyList<NodeReport>> GetNodesAsync() => new([Report()]);

    public ValueTask<IReadOnlyDictionary<string, int>> GetChannelsAsync(string pattern)
    {
        var glob = pattern.Length == 0 ? null : Glob.Compile(pattern);
        return new(hub.CountByChannel()
            .Where(channel => glob is null || glob.IsMatch(channel.Key.Value))
            .ToDictionary(channel => channel.Key.Value, channel => channel.Value, StringComparer.Ordinal));
    }

    public NodeReport Report()
    {
        var connections = open.All();
        using var process = Process.GetCurrentProcess();
        return new(
            node.Name,
            node.Label,
            BrokerVersion.Text,
            connections.Count,
            connections.Select(connection => connection.Principal.Name).Distinct().Count(),
            hub.ChannelCount,
            hub.SubscriptionCount,
            time.GetElapsedTime(_startedAt),
            process.TotalProcessorTime.TotalSeconds,
            process.WorkingSet64);
    }
}
