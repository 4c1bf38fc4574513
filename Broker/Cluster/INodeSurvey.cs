namespace ClawEvents.Broker.Cluster;

/// <summary>A snapshot of a node's activity.</summary>
/// <param name="Id">Unique for each run.</param>
/// <param name="Name">For people.</param>
/// <param name="Clients">Connections that have connected.</param>
/// <param name="Users">Different users of these; all anonymous ones are one.</param>
/// <param name="Channels">Channels with at least one subscriber here.</param>
/// <param name="Uptime">Since the start.</param>
/// <param name="CpuSeconds">Processor time used since then.</param>
/// <param name="MemoryBytes">Resident.</param>
internal sealed record NodeReport(
    string Id, string Name, string Version, int Clients, int Users, int Channels, int Subscriptions, TimeSpan Uptime, double CpuSeconds, long MemoryBytes);

/// <summary>Information from all nodes. Thread-safe.</summary>
/// <remarks>A node that does not answer in time is left out.</remarks>
internal interface INodeSurvey
{
    ValueTask<IReadOnlyList<NodeReport>> GetNodesAsync();

    /// <summary>Channels with subscribers, and their number of connections on all nodes.</summary>
    /// <param name="pattern">A glob over whole names (<see cref="Text.Glob"/>); empty: all channels.</param>
    ValueTask<IReadOnlyDictionary<string, int>> GetChannelsAsync(string pattern);
}
