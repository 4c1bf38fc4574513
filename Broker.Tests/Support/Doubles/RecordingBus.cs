using System.Collections.Concurrent;
using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Faults;

namespace ClawEvents.Broker.Tests.Support.Doubles;

/// <summary>A bus that keeps what is said over it. Nobody else is on it.</summary>
internal sealed class RecordingBus : INodeBus
{
    private readonly ConcurrentQueue<(Guid? To, NodeMessage Message)> _sent = new();

    /// <summary>What was said, to whom; null: to all.</summary>
    public (Guid? To, NodeMessage Message)[] Sent => [.. _sent];

    /// <summary>Of these only what was said to all.</summary>
    public NodeMessage[] ToAll => [.. _sent.Where(sent => sent.To is null).Select(sent => sent.Message)];

    /// <summary>As if Redis were away.</summary>
    public volatile bool IsAway;

    /// <summary>Whom it does not find.</summary>
    public Guid? Missing { get; set; }

    /// <summary>Called when something was said.</summary>
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
