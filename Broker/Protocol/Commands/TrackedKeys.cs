namespace ClawEvents.Broker.Protocol.Commands;

/// <summary>A key of a shared poll, and the version of its value that the client has; 0: none.</summary>
internal record struct KeyedItem
{
    public string Key;

    public ulong Version;
}

/// <summary>Keys with the signature that lets a client track them.</summary>
/// <remarks>Fields, so that readers can fill them in place.</remarks>
internal sealed class TrackBatch
{
    public string Signature = "";

    /// <summary>All the keys that were signed.</summary>
    public List<KeyedItem> Items { get; } = [];
}

/// <summary>The keys of a shared poll that a client begins, or ceases, to track. Not changed after it was read.</summary>
internal sealed class TrackedKeys
{
    private int _count;

    public List<TrackBatch> Batches { get; } = [];

    public List<string> Untracked { get; } = [];

    /// <summary>Counts a key or a batch that is about to be read.</summary>
    /// <returns>False when there are more than <see cref="ProtocolLimits.MaxTrackedKeys"/>.</returns>
    public bool TryCount() => ++_count <= ProtocolLimits.MaxTrackedKeys;
}
