namespace ClawEvents.Broker.Connections;

/// <summary>Which broker this is among its nodes: a new one at each start.</summary>
internal sealed class NodeIdentity
{
    public Guid Id { get; } = Guid.NewGuid();

    /// <summary>As clients and back ends are told.</summary>
    public string Name => field ??= Id.ToString();
}
