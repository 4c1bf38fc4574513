using System.Diagnostics;
using System.Globalization;

namespace ClawEvents.Broker.Doctor;

/// <summary>Judges whether a connection on which only pings come stays open. The broker pings first after half to a whole interval, so one whole silence is waited for.</summary>
/// <param name="interval">Between pings; zero for none.</param>
/// <param name="wait">The most that is waited in all.</param>
internal sealed class SilenceWatch(string check, string connection, TimeSpan interval, TimeSpan wait)
{
    // A silence this long counts as a whole one: the next ping is not later than that by much.
    private const double WholeShare = 0.9;

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly long _begin = Stopwatch.GetTimestamp();
    private long _heardAt = Stopwatch.GetTimestamp();

    /// <summary>When there is nothing to learn any more.</summary>
    public TimeSpan Left => Shortest(wait, (interval * 2) + Grace) - Stopwatch.GetElapsedTime(_begin);

    /// <summary>Not null when it is too short to see a whole silence.</summary>
    public Finding? Refusal =>
        interval == TimeSpan.Zero ? Finding.Warning(check, "the broker sends no pings (PingSeconds=0): anything in front may close silent connections", "set PingSeconds, below the time-outs in front")
        : wait < interval * 2 ? Finding.Skipped(check, Invariant($"pings come every {interval.TotalSeconds:0} s, and --wait is too short to see two of them"))
        : null;

    /// <summary>A ping has come.</summary>
    /// <returns>Null to go on.</returns>
    public Finding? OnPing()
    {
        var silence = Stopwatch.GetElapsedTime(_heardAt);
        _heardAt = Stopwatch.GetTimestamp();
        return silence >= interval * WholeShare ? Finding.Ok(check, Invariant($"{connection} outlives {silence.TotalSeconds:0} s of silence, up to the broker's next ping")) : null;
    }

    /// <summary>The connection has ended.</summary>
    public Finding OnEnd() => Finding.Fault(
        check,
        Invariant($"{connection} was closed after {Stopwatch.GetElapsedTime(_heardAt).TotalSeconds:0.0} s of silence; the broker pings every {interval.TotalSeconds:0} s"),
        Invariant($"raise the time-out of what is in front above {interval.TotalSeconds:0} s (nginx: proxy_read_timeout, HAProxy: timeout tunnel), or lower PingSeconds"));

    /// <summary>No ping has come although it should have.</summary>
    public Finding OnSilence() => Finding.Fault(
        check,
        Invariant($"no ping of the broker came through in {Stopwatch.GetElapsedTime(_heardAt).TotalSeconds:0} s"),
        "turn off what holds messages back in front (nginx: proxy_buffering off)");

    private static TimeSpan Shortest(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
