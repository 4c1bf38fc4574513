namespace ClawEvents.Broker.Cluster;

/// <summary>What one node says to the others.</summary>
/// <remarks>Thread-safe.</remarks>
internal interface INodeBus
{
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
