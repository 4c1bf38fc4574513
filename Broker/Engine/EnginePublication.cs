using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Engine;

/// <summary>A publication on its way into the engine.</summary>
internal readonly struct EnginePublication
{
    /// <summary>The engine copies what it needs of the data before the call returns, whether its task is complete or not.</summary>
    public required Publication Publication { get; init; }

    /// <summary>Whether subscribers that asked for deltas get what changed since the publication before.</summary>
    public bool WantsDelta { get; init; }

    public HistoryOptions History { get; init; }

    /// <summary>Two publications of a channel with the same key within <see cref="IChannelEngine.IdempotencyTtl"/> are one. Null: no key.
    /// Callers limit its length.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>The version of the state that the payload describes: the publication is dropped when the channel has had this version or a later
    /// one. 0: none. Counts only with history on.</summary>
    public ulong Version { get; init; }

    /// <summary>Versions of different epochs do not compare: the first of another epoch is always published.</summary>
    public string? VersionEpoch { get; init; }
}
