using System.Collections.Concurrent;

namespace ClawEvents.Broker.State;

/// <summary>Sign-in signatures that have been used, each until it would have expired.</summary>
/// <remarks>
/// Thread-safe. In memory: after a restart nobody knows which were used, and all from before it are refused. Only a sign-in that has succeeded
/// leaves a mark, so strangers cannot fill the table.
/// </remarks>
internal sealed class SpentSignatures(TimeProvider time)
{
    private readonly long _openedAt = time.GetUtcNow().ToUnixTimeSeconds();

    private readonly ConcurrentDictionary<(string Name, string Signature), bool> _spent = new();

    // In the order of expiry, as all marks live equally long.
    private readonly ConcurrentQueue<(string Name, string Signature, DateTimeOffset EndsAt)> _order = new();

    /// <param name="issuedAt">Unix seconds.</param>
    /// <returns>Whether it was not used before: of two simultaneous calls, one gets true.</returns>
    public bool TrySpend(string name, string signature, long issuedAt)
    {
        Shrink();
        if (issuedAt < _openedAt || !_spent.TryAdd((name, signature), true))
        {
            return false;
        }

        _order.Enqueue((name, signature, time.GetUtcNow() + PendingSignatures.Lifetime));
        return true;
    }

    private void Shrink()
    {
        while (_order.TryPeek(out var first) && first.EndsAt <= time.GetUtcNow() && _order.TryDequeue(out var ended))
        {
            _spent.TryRemove((ended.Name, ended.Signature), out _);
        }
    }
}
