using ClawEvents.Broker.Telemetry.Following;

namespace ClawEvents.Broker.Cluster;

/// <summary>What has happened on one node.</summary>
/// <param name="Node">Its id.</param>
/// <param name="Events">A JSON array of objects, perhaps an empty one.</param>
internal readonly record struct NodeEvents(string Node, ReadOnlyMemory<byte> Events);

/// <summary>Follows a user or a channel on all nodes. Thread-safe.</summary>
internal interface INodeTraces
{
    /// <summary>Reports what happens until the caller has enough of it.</summary>
    /// <param name="report">Called for one report after another, and without events every ten seconds at least.</param>
    /// <returns>False, and soon: too many are followed already.</returns>
    Task<bool> FollowAsync(TraceSubject subject, Func<NodeEvents, ValueTask> report, CancellationToken cancellation);
}
