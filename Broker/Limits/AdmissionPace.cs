namespace ClawEvents.Broker.Limits;

/// <summary>New connections, counted since the start.</summary>
/// <param name="Accepted">Those that got a place.</param>
/// <param name="Refused">Those that had to wait because of <see cref="AdmissionPace"/>.</param>
internal readonly record struct AdmissionCounts(long Accepted, long Refused);

/// <summary>Finds how many new connections a second a busy node accepts, so that those it has do not wait for those that come.</summary>
/// <remarks>
/// DESIGN. The only thing it measures is how long a turn waits. A delay that never falls below the limit for a second is a standing queue and no burst
/// (the idea of CoDel, RFC 8289): the garbage collector, a busy neighbour or one large fan-out do not make one. Then the rate becomes a part of
/// what was accepted in that second, which is what the machine can do, whatever it is; while the delay is short again it grows by steps, and when nobody
/// was refused for some seconds there is no rate any more. It never falls below <see cref="LeastPerSecond"/>: so few are no storm, and a node that is busy
/// with something else still takes them. Not thread-safe.
/// </remarks>
internal sealed class AdmissionPace
{
    /// <summary>Connections a second that are always accepted.</summary>
    public const double LeastPerSecond = 50;

    private const double Less = 0.7;
    private const double More = 1.3;
    private const int CalmSeconds = 3;
    private const int MostSecondsToWait = 30;

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(1);

    private TimeSpan _begun;
    private TimeSpan _shortest = TimeSpan.MaxValue;
    private AdmissionCounts _counts;
    private int _calm;

    /// <summary>Connections to accept in a second; 0: all.</summary>
    public double PerSecond { get; private set; }

    /// <summary>Seconds in which all that were refused could be accepted.</summary>
    public int RetryWithin { get; private set; } = 5;

    /// <summary>Adds a measurement.</summary>
    /// <param name="now">The time since some moment.</param>
    /// <param name="delay">How long a turn has waited.</param>
    /// <param name="limit">Zero: nobody is refused.</param>
    /// <param name="counts">Until now.</param>
    /// <returns>Whether the rate has changed.</returns>
    public bool Measure(TimeSpan now, TimeSpan delay, TimeSpan limit, AdmissionCounts counts)
    {
        _shortest = delay < _shortest ? delay : _shortest;
        var passed = now - _begun;
        if (passed < Window)
        {
            return false;
        }

        var before = PerSecond;
        var refused = counts.Refused - _counts.Refused;
        PerSecond = limit <= TimeSpan.Zero ? 0
            : _shortest > limit ? Math.Max(LeastPerSecond, Less * SmallerOf(PerSecond, (counts.Accepted - _counts.Accepted) / passed.TotalSeconds))
            : Grown(refused);
        RetryWithin = PerSecond == 0 ? 5 : (int)Math.Clamp(2 + (refused / PerSecond), 2, MostSecondsToWait);
        (_begun, _shortest, _counts) = (now, TimeSpan.MaxValue, counts);
        return PerSecond != before;
    }

    private double Grown(long refused)
    {
        _calm = refused == 0 ? _calm + 1 : 0;
        return _calm >= CalmSeconds ? 0 : PerSecond * More;
    }

    private static double SmallerOf(double rate, double measured) => rate > 0 ? Math.Min(rate, measured) : measured;
}
