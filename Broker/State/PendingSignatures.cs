using System.Collections.Concurrent;

namespace ClawEvents.Broker.State;

/// <summary>Sign-in signatures that have not been found in a profile yet, one per name, each for a limited time.</summary>
/// <remarks>
/// Thread-safe. In memory: after a restart a user asks for a new one. Anybody may ask for any name, so the table is bounded: beyond
/// the limit, the signature that expires first is dropped.
/// </remarks>
internal sealed class PendingSignatures(TimeProvider time)
{
    /// <summary>About 10 MB at the longest names.</summary>
    public const int MaxPending = 50_000;

    /// <summary>The lifetime of a signature.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<string, Pending> _pending = new(StringComparer.Ordinal);

    // In the order of expiry, as all live equally long; a consumed signature leaves its entry behind.
    private readonly ConcurrentQueue<(string Name, Pending Pending)> _order = new();

    /// <summary>Keeps a signature, unless one of that name is pending.</summary>
    public void Keep(string name, string signature)
    {
        var now = time.GetUtcNow();
        var pending = new Pending(signature, now + Lifetime);
        if (_pending.AddOrUpdate(name, pending, (_, earlier) => earlier.EndsAt > now ? earlier : pending) == pending)
        {
            _order.Enqueue((name, pending));
            Shrink();
        }
    }

    /// <returns>Null when there is none, or it has expired.</returns>
    public string? Get(string name) =>
        _pending.TryGetValue(name, out var pending) && pending.EndsAt > time.GetUtcNow() ? pending.Signature : null;

    /// <summary>Removes a signature, unless another one has replaced it.</summary>
    /// <returns>Whether it was there: of two simultaneous calls, one gets true.</returns>
    public bool TryTake(string name, string signature) =>
        _pending.TryGetValue(name, out var pending)
        && pending.Signature == signature
        && _pending.TryRemove(KeyValuePair.Create(name, pending));

    private void Shrink()
    {
        while (_order.TryPeek(out var first)
            && (_order.Count > MaxPending || first.Pending.EndsAt <= time.GetUtcNow())
            && _order.TryDequeue(out var ended))
        {
            _pending.TryRemove(KeyValuePair.Create(ended.Name, ended.Pending));
        }
    }

    private sealed record Pending(string Signature, DateTimeOffset EndsAt);
}
