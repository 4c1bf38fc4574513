using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ClawEvents.Broker.Limits;

/// <summary>A token bucket for each address.</summary>
/// <remarks>
/// Thread-safe; the gate is held for a look-up. A full bucket equals a missing one, so those are swept out: the table holds the addresses of
/// the last moments only, and never more than <see cref="MaxAddresses"/>. Beyond that, new addresses share one bucket.
/// </remarks>
/// <param name="first">The rule until <see cref="ApplySettings"/>.</param>
/// <param name="onRefusal">Called for each token that is refused; null: nobody.</param>
internal sealed class AddressBuckets(BucketRule first, TimeProvider time, Action? onRefusal = null)
{
    /// <summary>About 5 MB.</summary>
    public const int MaxAddresses = 65_536;

    private static readonly TimeSpan SweepEvery = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();

    // Replaced as a whole: it is two numbers, and read without the gate.
    private StrongBox<BucketRule> _rule = new(first);

    // Under the gate.
    private readonly Dictionary<AddressKey, TokenBucket> _buckets = [];
    private TokenBucket _shared;
    private long _sweptAt = time.GetTimestamp();

    /// <summary>Addresses with a bucket that is not full, as of the last sweep.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _buckets.Count;
            }
        }
    }

    /// <summary>Changes the rule; what an address has used stays used.</summary>
    public void ApplySettings(BucketRule rule) => Volatile.Write(ref _rule, new(rule));

    /// <summary>Takes a token of this address.</summary>
    /// <returns>False when its bucket is empty.</returns>
    public bool TryTake(AddressKey address) => TryTake(address, out _);

    /// <inheritdoc cref="TryTake(AddressKey)"/>
    /// <param name="wait">The time until there is a token again; zero when one was taken.</param>
    public bool TryTake(AddressKey address, out TimeSpan wait)
    {
        wait = TimeSpan.Zero;
        var rule = Volatile.Read(ref _rule).Value;
        if (rule.IsUnlimited)
        {
            return true;
        }

        if (TryTakeBounded(rule, address, out wait))
        {
            return true;
        }

        onRefusal?.Invoke();
        return false;
    }

    private bool TryTakeBounded(BucketRule rule, AddressKey address, out TimeSpan wait)
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            Sweep(now);
            if (_buckets.Count >= MaxAddresses && !_buckets.ContainsKey(address))
            {
                return _shared.TryTake(rule, now, time, out wait);
            }

            return CollectionsMarshal.GetValueRefOrAddDefault(_buckets, address, out _).TryTake(rule, now, time, out wait);
        }
    }

    private void Sweep(long now)
    {
        if (time.GetElapsedTime(_sweptAt, now) < SweepEvery)
        {
            return;
        }

        _sweptAt = now;
        foreach (var (address, bucket) in _buckets)
        {
            if (bucket.IsFull(now))
            {
                _buckets.Remove(address);
            }
        }
    }
}
