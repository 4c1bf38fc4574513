using System.Collections.Concurrent;

namespace ClawEvents.Broker.State;

/// <summary>Sign-in signatures that wait to be found in a profile, one per name, each for a limited time.</summary>
/// <remarks>
/// Thread-safe. In memory: after a restart a user asks for a new one. Anybody may ask for any name, so the table is bounded: beyond
/// the limit the one that ends first makes room.
/// </remarks>
internal sealed class PendingSignatures(TimeProvider time)
{
    /// <summary>About 10 MB at the longest names.</summary>
    public const int MaxPending = 50_000;

    /// <summary>How long a signature waits.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<string, Pending> _pending = new(StringComparer.Ordinal);

    // In the order in which they end, as all live equally long; a signature that was replaced leaves its entry behind.
    private readonly ConcurrentQueue<(string Name, Pending Pending)> _order = new();

    /// <summary>Keeps a signature; an earlier one of that name is forgotten.</summary>
    public void Set(string name, string signature)
    {
        var pending = new Pending(signature, time.GetUtcNow() + Lifetime);
        _pending[name] = pending;
        _order.Enqueue((name, pending));
        Shrink();
    }

    /// <returns>Null when none waits, or its time is over.</returns>
    public string? Get(string name) =>
        _pending.TryGetValue(name, out var pending) && pending.EndsAt > time.GetUtcNow() ? pending.Signature : null;

    /// <summary>Forgets a signature, unless another one took its place.</summary>
    /// <returns>Whether it was there: of two who use one signature, one does.</returns>
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
