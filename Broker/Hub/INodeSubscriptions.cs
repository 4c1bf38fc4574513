using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Hub;

/// <summary>The channels whose publications this node hears from other nodes: those with a subscriber here.</summary>
/// <remarks>Thread-safe.</remarks>
internal interface INodeSubscriptions
{
    /// <summary>Called for each local subscription, before its subscribe is answered. From its completion on this node hears what is published.</summary>
    /// <exception cref="Faults.StoreUnavailableException">Not now; nothing is to be undone.</exception>
    /// <remarks>Completes synchronously when the channel has a subscriber here already.</remarks>
    ValueTask SubscribeAsync(ChannelName channel);

    /// <summary>Called once for each <see cref="SubscribeAsync"/> that succeeded. After the last one the node stops hearing the channel.</summary>
    void Unsubscribe(ChannelName channel);
}
