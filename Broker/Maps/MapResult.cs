using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Maps;

/// <summary>What became of a change.</summary>
internal enum MapOutcome : byte
{
    Applied,

    /// <summary>One with its idempotency key had been applied.</summary>
    Repeated,

    /// <summary>Its version was not newer than the key's.</summary>
    Outdated,

    /// <summary><see cref="KeyMode.IfNew"/>, and the key is there.</summary>
    KeyExists,

    /// <summary><see cref="KeyMode.IfExists"/> or a removal, and the key is not there.</summary>
    KeyNotFound,

    /// <summary>The maps of this node hold as much as they may. No suppression: the caller gets an error.</summary>
    Full,
}

/// <summary>The result of a change.</summary>
/// <param name="Position">Of the change, or the first one's for a repeated one, or the map's if it was not applied. Offset 0 in a map without a stream.</param>
internal readonly record struct MapResult(StreamPosition Position, MapOutcome Outcome = MapOutcome.Applied)
{
    /// <summary>The word for it in the server API; null: it was applied.</summary>
    public string? SuppressReason => Outcome switch
    {
        MapOutcome.Repeated => "idempotency",
        MapOutcome.Outdated => "version",
        MapOutcome.KeyExists => "key_exists",
        MapOutcome.KeyNotFound => "key_not_found",
        _ => null,
    };
}
