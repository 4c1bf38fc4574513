namespace ClawEvents.Broker.Limits;

/// <summary>A <see cref="TokenBucket"/> that several threads use.</summary>
/// <remarks>Thread-safe without a gate. A refusal changes nothing, so that being refused does not prolong the wait.</remarks>
internal sealed class SharedTokenBucket(BucketRule rule, TimeProvider time)
{
    private TokenBucket _bucket;

    /// <inheritdoc cref="TokenBucket.TryTake"/>
    public bool TryTake(out TimeSpan wait)
    {
        while (true)
        {
            var seen = TokenBucket.Read(ref _bucket);
            var taken = seen;
            if (!taken.TryTake(rule, time.GetTimestamp(), time, out wait))
            {
                return false;
            }

            if (TokenBucket.TryReplace(ref _bucket, seen, taken))
            {
                return true;
            }
        }
    }
}
