using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Hub;

namespace ClawEvents.Broker.Cluster;

/// <summary>The bus of a single node: its engine delivers everything itself, and there are no other nodes.</summary>
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
