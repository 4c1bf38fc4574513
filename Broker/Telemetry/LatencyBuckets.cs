namespace ClawEvents.Broker.Telemetry;

/// <summary>Counts durations in buckets that grow by a fourth each, from 1 µs to more than a minute.</summary>
/// <remarks>Thread-safe. Hot path: one addition, no allocation.</remarks>
internal sealed class LatencyBuckets
{
    private const double First = 1e-6;
    private const double Growth = 1.25;
    private const int Count = 84;

    private static readonly double LogGrowth = Math.Log(Growth);

    private readonly long[] _counts = new long[Count];

    public void Add(double seconds) => Interlocked.Increment(ref _counts[Math.Clamp((int)(Math.Log(seconds / First) / LogGrowth) + 1, 0, Count - 1)]);

    /// <summary>Median and 99th percentile of what was added since the last call, by the upper bounds of their buckets; NaN: nothing was.</summary>
    public (double Median, double Worst) Take()
    {
        var counts = new long[Count];
        for (var i = 0; i < Count; i++)
        {
            counts[i] = Interlocked.Exchange(ref _counts[i], 0);
        }

        var all = counts.Sum();
        return all == 0 ? (double.NaN, double.NaN) : (Percentile(counts, all * 0.5), Percentile(counts, all * 0.99));
    }

    private static double Percentile(long[] counts, double rank)
    {
        var below = 0L;
        var bucket = Array.FindIndex(counts, count => (below += count) >= rank);
        return First * Math.Pow(Growth, bucket);
    }
}
