namespace ClawEvents.Broker.Channels;

/// <summary>The <c>Map…</c> settings: what counts for the maps of all namespaces. Immutable.</summary>
internal sealed record MapSettings
{
    /// <summary><c>MapIdempotencySeconds</c>: how long the result of a change with an idempotency key is kept.</summary>
    public TimeSpan IdempotencyTtl { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary><c>MapCleanupMilliseconds</c>: how often a node looks in Redis for keys that have expired. The embedded engine has a timer for each map instead.</summary>
    public TimeSpan CleanupInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary><c>MapCleanupBatch</c>: the keys that one script removes from one map, while other commands to Redis wait.</summary>
    public int CleanupBatch { get; init; } = 200;
}
