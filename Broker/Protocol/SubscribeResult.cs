using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Protocol;

/// <summary>What the broker tells of a subscription that was made. The default value is the plain case.</summary>
internal readonly record struct SubscribeResult
{
    /// <summary>Seconds until the client has to bring a new token for the subscription; 0 when it does not have to.</summary>
    public long TimeToLiveSeconds { get; init; }

    public bool Recoverable { get; init; }

    public bool Positioned { get; init; }

    /// <summary>Set when the broker tracks the position. After a recovery its offset is the request's.</summary>
    public StreamPosition Position { get; init; }

    /// <summary>What was missed, ascending; null: nothing.</summary>
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
