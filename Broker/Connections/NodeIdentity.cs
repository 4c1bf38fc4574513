namespace ClawEvents.Broker.Connections;

/// <summary>Which broker this is among its nodes: a new one at each start.</summary>
internal sealed class NodeIdentity
{
    public Guid Id { get; } = Guid.NewGuid();

    /// <summary>The name that clients and back ends see.</summary>
    public string Name => field ??= Id.ToString();
}
