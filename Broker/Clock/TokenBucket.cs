namespace ClawEvents.Broker.Clock;

/// <summary>Limits how often something may happen: a burst at first, and then once in each interval.</summary>
/// <remarks>
/// DESIGN. The bucket is one number, the moment at which it will be full again: each token that is taken moves it on by an interval (the
/// generic cell rate algorithm of ATM). Thread-safe without a gate; a refusal changes nothing, so that being refused does not prolong the wait.
/// </remarks>
/// <param name="burst">The number of tokens in a full bucket, at least 1.</param>
/// <param name="interval">The time in which one token comes back.</param>
internal sealed class TokenBucket(int burst, TimeSpan interval, TimeProvider time)
{
    private readonly long _interval = (long)(interval.TotalSeconds * time.TimestampFrequency);

    private long _fullAt = long.MinValue;

    /// <summary>Takes one token.</summary>
    /// <param name="wait">The time until there is one again; zero when one was taken.</param>
    public bool TryTake(out TimeSpan wait)
    {
        while (true)
        {
            var (seen, now) = (Volatile.Read(ref _fullAt), time.GetTimestamp());
            var fullAt = Math.Max(seen, now);
            var early = fullAt - now - ((burst - 1) * _interval);
            if (early > 0)
            {
                wait = TimeSpan.FromSeconds((double)early / time.TimestampFrequency);
                return false;
            }

            if (Interlocked.CompareExchange(ref _fullAt, fullAt + _interval, seen) == seen)
            {
                wait = TimeSpan.Zero;
                return true;
            }
        }
    }
}
