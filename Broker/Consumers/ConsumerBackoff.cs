namespace ClawEvents.Broker.Consumers;

/// <summary>How long a consumer waits after a failure. Pure.</summary>
internal static class ConsumerBackoff
{
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(20);

    // 20 ms doubled so often is more than the longest wait.
    private const int MostDoublings = 8;

    /// <summary>Doubles with each failure, and is spread over its second half, so that nodes that failed together do not come back together.</summary>
    /// <param name="failures">In a row; 1 or more.</param>
    /// <param name="spread">0 to 1.</param>
    public static TimeSpan After(int failures, double spread)
    {
        var whole = First * (1 << Math.Min(failures - 1, MostDoublings));
        return (whole < Longest ? whole : Longest) * (0.5 + (spread / 2));
    }
}
