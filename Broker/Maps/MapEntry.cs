using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Maps;

/// <summary>A key of a map in memory. Belongs to the <see cref="MapState"/> that it is in.</summary>
/// <remarks>It stays the same object while its value changes, so that a new value costs no more than itself.</remarks>
internal sealed class MapEntry(string key, long rank)
{
    public string Key { get; } = key;

    /// <summary>What the map is sorted by before the key: the score of an ordered map, else 0.</summary>
    public long Rank { get; } = rank;

    public MapPublication Value { get; set; } = null!;

    /// <summary>Whether subscribers got something else than the value, so that no delta can build on it.</summary>
    public bool IsAnnouncedOtherwise { get; set; }

    public ulong Version { get; set; }

    public string? VersionEpoch { get; set; }

    /// <summary>When it expires, since the engine's start; <see cref="TimeSpan.MaxValue"/>: never.</summary>
    public TimeSpan Due { get; set; } = TimeSpan.MaxValue;

    /// <summary>The entry that expires just before this one.</summary>
    public MapEntry? Sooner { get; set; }

    /// <inheritdoc cref="Sooner"/>
    public MapEntry? Later { get; set; }
}
