using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Engine;

/// <summary>A publication on its way into the engine.</summary>
internal readonly struct EnginePublication
{
    /// <summary>The payload as subscribers get it. The engine copies what it needs of it before the call returns, be its task complete or not.</summary>
    public required ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>Who published it over a connection; null for the rest.</summary>
    public ClientInfo? Publisher { get; init; }

    /// <summary>Null without tags. Not changed any more.</summary>
    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    /// <summary>Whether subscribers that asked for it get what changed since the publication before.</summary>
    public bool WantsDelta { get; init; }

    public HistoryOptions History { get; init; }

    /// <summary>Two publications of a channel with the same key within <see cref="IChannelEngine.IdempotencyTtl"/> are one. Null: no key.
    /// Callers limit its length.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>The version of the state that the payload tells of: it is dropped when the channel has had this version or a later one. 0: none.
    /// Counts only with history on.</summary>
    public ulong Version { get; init; }

    /// <summary>Versions of different epochs do not compare: the first of another epoch is always published.</summary>
    public string? VersionEpoch { get; init; }
}
