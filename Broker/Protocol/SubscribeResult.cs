using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Protocol;

/// <summary>The reply to a subscribe. The default value is the plain case.</summary>
internal readonly record struct SubscribeResult
{
    /// <summary>Seconds until the subscription needs a new token; 0 when it needs none.</summary>
    public long TimeToLiveSeconds { get; init; }

    public bool Recoverable { get; init; }

    public bool Positioned { get; init; }

    /// <summary>Set when the broker tracks the position. After a recovery it has the offset of the request.</summary>
    public StreamPosition Position { get; init; }

    /// <summary>Missed publications, ascending; null: none. With <see cref="PublicationForm.Patch"/> the data is the patch.</summary>
    public IReadOnlyList<WirePublication>? Publications { get; init; }

    public bool Recovered { get; init; }

    /// <summary>The client asked to recover.</summary>
    public bool WasRecovering { get; init; }

    /// <summary>Publications come in the forms of a delta subscriber: all but <see cref="PublicationForm.Plain"/>.</summary>
    public bool Delta { get; init; }

    /// <summary>For the application; empty: none. JSON, or any bytes for Protobuf clients.</summary>
    public ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>The kind of channel, as in the request; 0 for a stream.</summary>
    public int Type { get; init; }

    /// <summary>A <see cref="MapPhase"/>: which page of a map this is, or that the subscription has begun.</summary>
    public int Phase { get; init; }

    /// <summary>For the request of the next page of a map; null after the last one.</summary>
    public string? Cursor { get; init; }

    /// <summary>Entries of a map; null: none.</summary>
    public IReadOnlyList<WirePublication>? State { get; init; }

    /// <summary>The client keeps so many milliseconds between two publications of one entry; 0: as many as it likes.</summary>
    public uint PublishDebounceMilliseconds { get; init; }
}
