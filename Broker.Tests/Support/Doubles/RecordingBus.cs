using System.Collections.Concurrent;
using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Faults;

namespace ClawEvents.Broker.Tests.Support.Doubles;

/// <summary>A bus that records its messages. No other node is on it.</summary>
internal sealed class RecordingBus : INodeBus
{
    private readonly ConcurrentQueue<(Guid? To, NodeMessage Message)> _sent = new();

    /// <summary>Messages and their receivers; null: all nodes.</summary>
    public (Guid? To, NodeMessage Message)[] Sent => [.. _sent];

    /// <summary>The messages to all nodes.</summary>
    public NodeMessage[] ToAll => [.. _sent.Where(sent => sent.To is null).Select(sent => sent.Message)];

    /// <summary>Behaves as if Redis were unavailable.</summary>
    public volatile bool IsAway;

    /// <summary>Nodes that cannot be reached.</summary>
    public Guid? Missing { get; set; }

    /// <summary>Called after each message.</summary>
    public Action<NodeMessage>? OnSent { get; set; }

    public ValueTask SendAsync(NodeMessage message) => new(RecordAsync(null, message));

    public async ValueTask<bool> TrySendAsync(Guid node, NodeMessage message)
    {
        await RecordAsync(node, message);
        return node != Missing;
    }

    public ValueTask<string?> FindFaultAsync() => default;

    private Task RecordAsync(Guid? to, NodeMessage message)
    {
        if (IsAway)
        {
            return Task.FromException(new StoreUnavailableException("Redis is away"));
        }

        _sent.Enqueue((to, message));
        OnSent?.Invoke(message);
        return Task.CompletedTask;
    }
}
