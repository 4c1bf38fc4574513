using ClawEvents.Broker.Redis;

namespace ClawEvents.Broker.Cluster;

/// <summary>Sends messages between nodes.</summary>
/// <remarks>Thread-safe.</remarks>
internal interface INodeBus
{
    /// <summary>Sends a message to all other nodes. They receive it a moment later, or never when they are not connected.</summary>
    /// <exception cref="Faults.StoreUnavailableException">The message may not have been sent.</exception>
    ValueTask SendAsync(NodeMessage message);

    /// <summary>Sends a message to one other node. Messages arrive in order.</summary>
    /// <returns>False when there is no such node, or it is not connected. In Redis Cluster, where a server counts only its own connections, always true.</returns>
    /// <exception cref="Faults.StoreUnavailableException">The message may not have been sent.</exception>
    ValueTask<bool> TrySendAsync(Guid node, NodeMessage message);

    /// <summary>Returns the fault, for the operator; null when the bus works. Takes little longer than an answer of Redis may, and does not throw.</summary>
    ValueTask<string?> FindFaultAsync();

    /// <summary>Returns whether the servers of the bus accept changes. Takes little longer than an answer of Redis may, and does not throw.</summary>
    ValueTask<BusMemory> FindMemoryAsync() => default;
}

/// <summary>What the servers of the bus do when their memory is full.</summary>
/// <param name="OfStore">The server that also has the store.</param>
/// <param name="Worst">The worst of all servers, which share the channels.</param>
internal readonly record struct BusMemory(RedisMemory OfStore, RedisMemory Worst);
