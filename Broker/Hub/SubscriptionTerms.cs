namespace ClawEvents.Broker.Hub;

/// <summary>The terms of a subscription that a token or a back end set. Most subscriptions have none.</summary>
/// <param name="info">Shown with the client on this channel; empty: nothing.</param>
/// <param name="expiresAt">When the subscription ends unless it is refreshed; <see cref="DateTimeOffset.MaxValue"/>: never.</param>
internal sealed class SubscriptionTerms(ReadOnlyMemory<byte> info, DateTimeOffset expiresAt)
{
    // UTC ticks; written by the thread that refreshes, read by the wheel's thread.
    private long _expiresAt = expiresAt.UtcTicks;

    /// <summary>JSON, or any bytes for Protobuf clients.</summary>
    public ReadOnlyMemory<byte> Info { get; } = info;

    public DateTimeOffset ExpiresAt => new(Volatile.Read(ref _expiresAt), TimeSpan.Zero);

    public bool Expires => ExpiresAt != DateTimeOffset.MaxValue;

    /// <summary>Moves the end. Thread-safe.</summary>
    public void Prolong(DateTimeOffset expiresAt) => Volatile.Write(ref _expiresAt, expiresAt.UtcTicks);
}
