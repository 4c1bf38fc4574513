using System.Diagnostics.Metrics;

namespace ClawEvents.Broker.Telemetry;

/// <summary>The figures of one step.</summary>
/// <param name="Totals">One for each of <see cref="RateHistory.Counters"/>: what was added in the step.</param>
/// <param name="Connections">At its end.</param>
/// <param name="Median">Of the delivery latency, in seconds; NaN: nothing was delivered.</param>
/// <param name="Worst">Its 99th percentile.</param>
/// <param name="Cpu">Processor seconds per second.</param>
/// <param name="Memory">Resident bytes at its end.</param>
internal sealed record RatePoint(long[] Totals, long Connections, double Median, double Worst, double Cpu, long Memory);

/// <summary>The node's figures of the last hour, one point for every ten seconds.</summary>
/// <remarks>
/// It listens to the broker's own metrics: no other code counts for it. A point has about 150 bytes, so an hour has 50 KB. Thread-safe.
/// </remarks>
internal sealed class RateHistory : IDisposable
{
    public const int Capacity = 360;

    public static readonly TimeSpan Step = TimeSpan.FromSeconds(10);

    /// <summary>The counters that are summed up, in the order of <see cref="RatePoint.Totals"/>: the instrument, and the name of its series.</summary>
    public static readonly IReadOnlyList<(string Instrument, string Series)> Counters =
    [
        ("clawevents.publications", "messages"), ("clawevents.deliveries", "deliveries"), ("clawevents.deliveries.size", "bytes"),
        ("clawevents.commands", "commands"), ("clawevents.connections.opened", "opened"), ("clawevents.connections.closed", "closed"),
    ];

    private const string ConnectionGauge = "clawevents.connections";
    private const string LatencyHistogram = "clawevents.delivery.latency";

    private readonly BrokerMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly LatencyBuckets _latencies = new();
    private readonly long[] _added = new long[Counters.Count];
    private readonly MeterListener _listener = new();
    private readonly ITimer _timer;
    private readonly Lock _gate = new();

    // Under the gate, from here on.
    private readonly Queue<RatePoint> _points = new(Capacity);
    private readonly long[] _observed = new long[Counters.Count];
    private readonly long[] _before = new long[Counters.Count];
    private long _connections;
    private double _processorTime;
    private long _takenAt;
    private DateTimeOffset _newest;

    public RateHistory(BrokerMetrics metrics, TimeProvider time)
    {
        (_metrics, _time) = (metrics, time);
        _listener.InstrumentPublished = Choose;
        _listener.SetMeasurementEventCallback<long>(OnNumber);
        _listener.SetMeasurementEventCallback<double>((_, seconds, _, _) => _latencies.Add(seconds));
        _listener.Start();
        (_takenAt, _newest, _processorTime) = (time.GetTimestamp(), time.GetUtcNow(), ProcessorSeconds());
        _timer = time.CreateTimer(static history => ((RateHistory)history!).TakePoint(), this, Step, Step);
    }

    /// <summary>Oldest first.</summary>
    /// <param name="newest">When the last one ended.</param>
    public IReadOnlyList<RatePoint> Read(out DateTimeOffset newest)
    {
        lock (_gate)
        {
            newest = _newest;
            return [.. _points];
        }
    }

    public void Dispose()
    {
        _timer.Dispose();
        _listener.Dispose();
    }

    private static int IndexOf(Instrument instrument) => Counters.TakeWhile(counter => counter.Instrument != instrument.Name).Count();

    private void Choose(Instrument instrument, MeterListener listener)
    {
        if (_metrics.Owns(instrument) && (IndexOf(instrument) < Counters.Count || instrument.Name is ConnectionGauge or LatencyHistogram))
        {
            listener.EnableMeasurementEvents(instrument, IndexOf(instrument));
        }
    }

    // A plain counter tells what was added, on any thread; an observable one its total, once per series, while a point is taken.
    private void OnNumber(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        var index = (int)state!;
        if (!instrument.IsObservable)
        {
            Interlocked.Add(ref _added[index], value);
        }
        else if (index < Counters.Count)
        {
            _observed[index] += value;
        }
        else
        {
            _connections = value;
        }
    }

    private void TakePoint()
    {
        lock (_gate)
        {
            Array.Clear(_observed);
            _listener.RecordObservableInstruments();
            var (seconds, processorTime) = (_time.GetElapsedTime(_takenAt).TotalSeconds, ProcessorSeconds());
            var (median, worst) = _latencies.Take();
            if (_points.Count == Capacity)
            {
                _points.Dequeue();
            }

            _points.Enqueue(new(TakeTotals(), _connections, median, worst, seconds > 0 ? (processorTime - _processorTime) / seconds : 0, Environment.WorkingSet));
            (_takenAt, _newest, _processorTime) = (_time.GetTimestamp(), _time.GetUtcNow(), processorTime);
        }
    }

    private long[] TakeTotals()
    {
        var totals = new long[Counters.Count];
        for (var i = 0; i < totals.Length; i++)
        {
            var now = _observed[i] + Interlocked.Read(ref _added[i]);
            (totals[i], _before[i]) = (now - _before[i], now);
        }

        return totals;
    }

    // Needs no descriptor, of which there may be none left.
    private static double ProcessorSeconds() => Environment.CpuUsage.TotalTime.TotalSeconds;
}
