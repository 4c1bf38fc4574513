using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Cluster;

/// <summary>What joins the nodes: who listens where, and what one node tells the others.</summary>
/// <remarks>Thread-safe.</remarks>
internal interface INodeBus
{
    /// <summary>Called for each local subscription, before its subscribe is answered. From its completion on this node gets what is published.</summary>
    /// <exception cref="Faults.StoreUnavailableException">Not now; nothing is to be undone.</exception>
    /// <remarks>Complete at once when somebody listens here already.</remarks>
    ValueTask SubscribeAsync(ChannelName channel);

    /// <summary>Called once for each <see cref="SubscribeAsync"/> that succeeded. After the last one the node stops getting what is published.</summary>
    void Unsubscribe(ChannelName channel);

    /// <summary>Tells all other nodes something. They hear it a moment later, or never when they are cut off.</summary>
    /// <exception cref="Faults.StoreUnavailableException">Perhaps nobody was told.</exception>
    ValueTask SendAsync(NodeMessage message);

    /// <summary>Tells one other node something. What was said to it before is heard before.</summary>
    /// <returns>False when there is no such node, or it is cut off. In Redis Cluster, where a server counts only its own connections, always true.</returns>
    /// <exception cref="Faults.StoreUnavailableException">Perhaps it was not told.</exception>
    ValueTask<bool> TrySendAsync(Guid node, NodeMessage message);

    /// <summary>What is wrong, for the operator; null when nothing is. Takes less than two seconds and does not throw.</summary>
    ValueTask<string?> FindFaultAsync();
}
