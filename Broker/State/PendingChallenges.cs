using System.Collections.Concurrent;

namespace ClawEvents.Broker.State;

/// <summary>Sign-in challenges that wait for a signature, each for a limited time and for one attempt.</summary>
/// <remarks>
/// Thread-safe. In memory: after a restart a client asks for a new one. Anybody may ask for any name that has a key, so the table is
/// bounded: beyond the limit, the challenge that expires first is dropped.
/// </remarks>
internal sealed class PendingChallenges(TimeProvider time)
{
    /// <summary>About 15 MB at the longest names.</summary>
    public const int MaxPending = 50_000;

    /// <summary>The lifetime of a challenge.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(120);

    private readonly ConcurrentDictionary<ChallengeKey, Pending> _pending = new();

    // In the order of expiry, as all live equally long; a consumed challenge leaves its entry behind until then.
    private readonly ConcurrentQueue<(ChallengeKey Key, Pending Pending)> _order = new();

    /// <inheritdoc cref="IStateStore.SetChallengeAsync"/>
    public void Set(ChallengeKey key, long issuedAt)
    {
        var pending = new Pending(issuedAt, time.GetUtcNow() + Lifetime);
        _pending[key] = pending;
        _order.Enqueue((key, pending));
        Shrink();
    }

    /// <inheritdoc cref="IStateStore.TakeChallengeAsync"/>
    public long? Take(ChallengeKey key) =>
        _pending.TryRemove(key, out var pending) && pending.EndsAt > time.GetUtcNow() ? pending.IssuedAt : null;

    private void Shrink()
    {
        while (_order.TryPeek(out var first)
            && (_order.Count > MaxPending || first.Pending.EndsAt <= time.GetUtcNow())
            && _order.TryDequeue(out var ended))
        {
            _pending.TryRemove(KeyValuePair.Create(ended.Key, ended.Pending));
        }
    }

    private sealed record Pending(long IssuedAt, DateTimeOffset EndsAt);
}
