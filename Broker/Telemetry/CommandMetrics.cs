using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace ClawEvents.Broker.Telemetry;

/// <summary>How many commands clients send, and how long some of them take.</summary>
/// <remarks>
/// Thread-safe. Hot path: no allocation. All commands are counted, in stripes. A histogram has one gate for all threads, so each thread times one command per
/// tick of the coarse clock, a few milliseconds: all of them while there are few, and enough of them while there are many.
/// </remarks>
internal sealed class CommandMetrics
{
    /// <summary>In the order of the protocol's kinds of commands.</summary>
    public static readonly IReadOnlyList<string> Names =
        ["pong", "connect", "subscribe", "unsubscribe", "publish", "presence", "presence_stats", "history", "rpc", "send", "refresh", "sub_refresh"];

    [ThreadStatic]
    private static long _lastTick;

    private readonly StripedCounter[] _counts;
    private readonly KeyValuePair<string, object?>[] _methods;
    private readonly Histogram<double> _durations;

    public CommandMetrics(Meter meter, InstrumentAdvice<double> durations)
    {
        _methods = [.. Names.Select(name => new KeyValuePair<string, object?>("method", name))];
        _counts = [.. _methods.Select(_ => new StripedCounter())];
        _durations = meter.CreateHistogram("clawevents.command.duration", "s", "Time from a command to its answer, of a sample, by command.", tags: null, durations);
        meter.CreateObservableCounter("clawevents.commands", Measure, "{command}", "Commands of clients, by command.");
    }

    /// <summary>Counts a command.</summary>
    /// <param name="method">Index in <see cref="Names"/>.</param>
    /// <returns>When it began, for <see cref="End"/>; 0 when it is not timed.</returns>
    public long Begin(int method)
    {
        _counts[method].Add();
        if (!_durations.Enabled || Environment.TickCount64 is var tick && tick == _lastTick)
        {
            return 0;
        }

        _lastTick = tick;
        return Stopwatch.GetTimestamp();
    }

    /// <param name="start">Of <see cref="Begin"/>, not 0.</param>
    public void End(int method, long start) => _durations.Record(Stopwatch.GetElapsedTime(start).TotalSeconds, _methods[method]);

    private IEnumerable<Measurement<long>> Measure() => _counts.Select((count, method) => new Measurement<long>(count.Sum(), _methods[method]));
}
