using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Cluster;

/// <summary>A node alone: its engine hands everything out itself, and there is nobody to tell.</summary>
internal sealed class LoopbackNodeBus : INodeBus
{
    public ValueTask SubscribeAsync(ChannelName channel) => ValueTask.CompletedTask;

    public void Unsubscribe(ChannelName channel)
    {
    }

    public ValueTask SendAsync(NodeOrder order) => ValueTask.CompletedTask;

    public ValueTask<string?> FindFaultAsync() => default;
}
