using System.Numerics;

namespace ClawEvents.Cli.Bench;

/// <summary>Counts times in microseconds, exact up to 256 and within 1 % above, so that millions of them take a few kilobytes.</summary>
/// <remarks>One writer at a time.</remarks>
internal sealed class LatencyHistogram
{
    // 2^7 parts of each power of two.
    private const int PartBits = 7;
    private const int Parts = 1 << PartBits;
    private const int MaxShift = 40;

    private readonly long[] _counts = new long[(MaxShift + 2) * Parts];

    public long Count { get; private set; }

    public long Max { get; private set; }

    /// <param name="micros">Negative ones, from clocks that differ, count as 0.</param>
    public void Add(long micros)
    {
        micros = Math.Max(0, micros);
        _counts[IndexOf(micros)]++;
        Count++;
        Max = Math.Max(Max, micros);
    }

    public void Add(LatencyHistogram other)
    {
        for (var i = 0; i < _counts.Length; i++)
        {
            _counts[i] += other._counts[i];
        }
        Count += other.Count;
        Max = Math.Max(Max, other.Max);
    }

    /// <summary>The time in microseconds that this share of all times does not exceed; 0 without any.</summary>
    /// <param name="share">0 to 1.</param>
    public long Percentile(double share)
    {
        var left = (long)Math.Ceiling(share * Count);

        // The last part has all times that are longer.
        for (var i = 0; i < _counts.Length - 1 && Count > 0; i++)
        {
            left -= _counts[i];
            if (left <= 0)
            {
                return Math.Min(UpperBoundOf(i), Max);
            }
        }
        return Max;
    }

    private static int IndexOf(long micros)
    {
        var shift = Math.Max(0, BitOperations.Log2((ulong)micros) - PartBits);
        return shift > MaxShift ? ((MaxShift + 2) * Parts) - 1 : (shift * Parts) + (int)(micros >> shift);
    }

    private static long UpperBoundOf(int index)
    {
        var shift = Math.Max(0, (index / Parts) - 1);
        return ((long)(index - (shift * Parts) + 1) << shift) - 1;
    }
}
