namespace ClawEvents.Broker.Channels;

/// <summary>The value of a map's key, or a change of it, as the map and its stream keep it and as subscribers get it. Immutable.</summary>
/// <param name="Key">Not empty.</param>
/// <param name="Offset">Of the change in the stream; 0 in a map without one.</param>
/// <param name="Publication">Value, publisher and tags; no data when the key was removed.</param>
internal sealed record MapPublication(string Key, ulong Offset, Publication Publication) : IStoredPublication
{
    public bool Removed { get; init; }

    /// <summary>What an ordered map is sorted by.</summary>
    public long Score { get; init; }

    /// <summary>Milliseconds since 1970.</summary>
    public long Time { get; init; }
}
