namespace ClawEvents.Broker.Clock;

/// <summary>How long to wait after failures in a row: doubles with each, and is spread over its second half, so that those that failed together do not come back
/// together. Pure.</summary>
/// <param name="First">After one failure, at most.</param>
/// <param name="Longest">After any number.</param>
internal sealed record Backoff(TimeSpan First, TimeSpan Longest)
{
    // A shift has no more bits, and no wait here is doubled so often.
    private const int MostDoublings = 30;

    /// <param name="failures">In a row; 1 or more.</param>
    /// <param name="spread">0 to 1.</param>
    public TimeSpan After(int failures, double spread)
    {
        var whole = First * (1 << Math.Min(failures - 1, MostDoublings));
        return (whole < Longest ? whole : Longest) * (0.5 + (spread / 2));
    }
}
