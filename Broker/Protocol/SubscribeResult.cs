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

    /// <summary>Missed publications, ascending; null: none.</summary>
    public IReadOnlyList<RecoveredPublication>? Publications { get; init; }

    public bool Recovered { get; init; }

    /// <summary>The client asked to recover.</summary>
    public bool WasRecovering { get; init; }

    /// <summary>Publications come in the forms of a delta subscriber: all but <see cref="PublicationForm.Plain"/>.</summary>
    public bool Delta { get; init; }

    /// <summary>For the application; empty: none. JSON, or any bytes for Protobuf clients.</summary>
    public ReadOnlyMemory<byte> Data { get; init; }
}

/// <summary>A missed publication within the reply to a subscribe.</summary>
/// <param name="Stored">With <see cref="PublicationForm.Patch"/> its data is the patch.</param>
internal readonly record struct RecoveredPublication(StoredPublication Stored, PublicationForm Form = PublicationForm.Plain);
