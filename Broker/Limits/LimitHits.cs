namespace ClawEvents.Broker.Limits;

/// <summary>The limits that the metrics tell apart. docs/reference/metrics.md#labels</summary>
internal enum Limit
{
    /// <summary>Publishes of one agent or app.</summary>
    Publishes,
    AnonymousPublishesOfAddress,
    SignInsOfAddress,
    AccessRequestsOfAddress,
    SearchesOfAddress,

    /// <summary>Open connections of one address, and new ones in a second.</summary>
    ConnectionsOfAddress,

    /// <summary>Open connections of the node, and new ones in a second.</summary>
    Connections,
    Sockets,
    HttpConnections,

    /// <summary>Commands of one connection: it waits until others have had their turn.</summary>
    Commands,
}

/// <summary>How often each limit has refused or delayed something.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class LimitHits
{
    private readonly long[] _hits = new long[Enum.GetValues<Limit>().Length];

    public void Add(Limit limit) => Interlocked.Increment(ref _hits[(int)limit]);

    public long Of(Limit limit) => Volatile.Read(ref _hits[(int)limit]);
}
