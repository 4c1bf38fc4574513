using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Hub;

namespace ClawEvents.Broker.Cluster;

/// <summary>A node alone: its engine hands everything out itself, and there is nobody to tell.</summary>
internal sealed class LoopbackNodeBus : INodeBus, INodeSubscriptions
{
    public ValueTask SubscribeAsync(ChannelName channel) => ValueTask.CompletedTask;

    public void Unsubscribe(ChannelName channel)
    {
    }

    public ValueTask SendAsync(NodeMessage message) => ValueTask.CompletedTask;

    public ValueTask<bool> TrySendAsync(Guid node, NodeMessage message) => new(false);

    public ValueTask<string?> FindFaultAsync() => default;
}
