using System.Collections.Concurrent;

namespace ClawEvents.Broker.Clock;

/// <summary>A <see cref="TokenBucket"/> for each key. Thread-safe.</summary>
/// <remarks>
/// Strangers choose the keys, so the table is bounded: when it is full, all buckets begin anew. A stranger with as many keys could use each
/// key's burst in any case, and nobody else is refused because of him.
/// </remarks>
/// <param name="maxKeys">About 150 bytes each.</param>
internal sealed class TokenBuckets<TKey>(int burst, TimeSpan interval, int maxKeys, TimeProvider time)
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, TokenBucket> _buckets = new();

    // Counting a concurrent dictionary takes all of its gates.
    private int _count;

    /// <inheritdoc cref="TokenBucket.TryTake"/>
    public bool TryTake(TKey key, out TimeSpan wait) =>
        (_buckets.TryGetValue(key, out var bucket) ? bucket : Add(key)).TryTake(out wait);

    private TokenBucket Add(TKey key)
    {
        if (Interlocked.Increment(ref _count) > maxKeys)
        {
            _buckets.Clear();
            Volatile.Write(ref _count, 1);
        }

        return _buckets.GetOrAdd(key, new TokenBucket(burst, interval, time));
    }
}
