using ClawEvents.Broker.Configuration;

namespace ClawEvents.Broker.Connections;

/// <summary>Which broker this is among its nodes: a new one at each start.</summary>
/// <param name="listeners">Names the node; null: nothing does.</param>
internal sealed class NodeIdentity(ListenerOptions? listeners = null)
{
    public Guid Id { get; } = Guid.NewGuid();

    /// <summary>The id as clients and back ends see it.</summary>
    public string Name => field ??= Id.ToString();

    /// <summary>The name for people, the same after a restart.</summary>
    public string Label { get; } = listeners?.NodeName ?? Environment.MachineName;
}
