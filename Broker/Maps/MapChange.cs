using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Maps;

/// <summary>A value on its way to a key of a map.</summary>
internal readonly struct MapChange
{
    /// <summary>1 to <see cref="MapRules.MaxKeyBytes"/> bytes.</summary>
    public required string Key { get; init; }

    /// <summary>The engine copies what it needs of the data before the call returns, whether its task is complete or not.</summary>
    public required Publication Publication { get; init; }

    /// <summary>What subscribers and the stream get in place of the value; null: the value. Copied as the data is.</summary>
    public ReadOnlyMemory<byte>? StreamData { get; init; }

    /// <inheritdoc cref="MapPublication.Score"/>
    public long Score { get; init; }

    public KeyMode KeyMode { get; init; }

    /// <summary>A key that keeps its value because of <see cref="KeyMode"/> still starts its time again.</summary>
    public bool RefreshesTtl { get; init; }

    /// <summary>Whether subscribers that asked for deltas get what changed in the key's value.</summary>
    public bool WantsDelta { get; init; }

    /// <summary>Two changes of a map with the same key within <see cref="MapSettings.IdempotencyTtl"/> are one, unless the map was cleared meanwhile. Null: no key. Callers limit its length.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>The version of the value: dropped when the key has had this one or a later one. 0: none. Forgotten with the key.</summary>
    public ulong Version { get; init; }

    /// <summary>Versions of different epochs do not compare. Null or empty: of whatever epoch the key's is.</summary>
    public string? VersionEpoch { get; init; }
}
