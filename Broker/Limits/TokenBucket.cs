namespace ClawEvents.Broker.Limits;

/// <summary>Limits how often something may happen: a burst at first, and then at a rate. The default value is a full bucket.</summary>
/// <remarks>
/// DESIGN. The bucket is one number, the moment at which it will be full again: each token that is taken moves it on by the time in which one comes
/// back (the generic cell rate algorithm of ATM). Not thread-safe. 8 bytes: each connection holds one.
/// </remarks>
internal struct TokenBucket
{
    private long _fullAt;

    /// <summary>Takes a token.</summary>
    /// <param name="now">A timestamp of <paramref name="time"/>.</param>
    /// <param name="wait">The time until there is a token again; zero when one was taken.</param>
    /// <returns>False when the bucket is empty; nothing changes then.</returns>
    public bool TryTake(in BucketRule rule, long now, TimeProvider time, out TimeSpan wait)
    {
        wait = TimeSpan.Zero;
        if (rule.IsUnlimited)
        {
            return true;
        }

        var interval = time.TimestampFrequency / rule.PerSecond;
        var fullAt = Math.Max(_fullAt, now);
        var early = fullAt - now - ((rule.Burst - 1) * interval);
        if (early > 0)
        {
            wait = TimeSpan.FromSeconds(early / time.TimestampFrequency);
            return false;
        }

        _fullAt = fullAt + (long)interval;
        return true;
    }

    /// <summary>Whether nothing is missing, so that the bucket equals a new one.</summary>
    public readonly bool IsFull(long now) => _fullAt <= now;

    /// <summary>Reads a bucket that other threads change with <see cref="TryReplace"/>.</summary>
    public static TokenBucket Read(ref TokenBucket bucket) => new() { _fullAt = Volatile.Read(ref bucket._fullAt) };

    /// <summary>Replaces a bucket unless another thread has changed it.</summary>
    public static bool TryReplace(ref TokenBucket bucket, TokenBucket seen, TokenBucket next) =>
        Interlocked.CompareExchange(ref bucket._fullAt, next._fullAt, seen._fullAt) == seen._fullAt;
}
