using System.Diagnostics.Metrics;
using ClawEvents.Broker.Telemetry;

namespace ClawEvents.Broker.SharedPolls;

/// <summary>The metrics of shared polls. docs/reference/metrics.md</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class SharedPollCounts
{
    private static readonly PollTrigger[] Triggers = Enum.GetValues<PollTrigger>();
    private static readonly KeyChange[] Changes = Enum.GetValues<KeyChange>();

    private readonly Histogram<double> _cycles;
    private readonly long[] _values = new long[Triggers.Length * Changes.Length];
    private long _applied;
    private long _skipped;

    public SharedPollCounts(BrokerMetrics metrics, Func<long> channels, Func<long> keys)
    {
        _cycles = metrics.AddHistogram("clawevents.shared_poll.cycle.duration", "Time that a cycle takes, from the first question to the last answer.");
        metrics.AddGauge("clawevents.shared_poll.channels", "{channel}", "Channels of shared polls with subscribers on this node.", channels);
        metrics.AddGauge("clawevents.shared_poll.keys", "{key}", "Keys that are tracked on this node.", keys);
        metrics.AddCounter("clawevents.shared_poll.values", "{value}", "Values in answers of back ends to shared polls, by trigger and result.", ByTriggerAndResult);
        metrics.AddCounter("clawevents.shared_poll.publishes", "{value}", "Values that the server API published for keys that are tracked on this node, by result.", ByResult);
    }

    public void Add(PollTrigger trigger, KeyChange change) => Interlocked.Increment(ref _values[IndexOf(trigger, change)]);

    /// <param name="isApplied">It was newer than the value before.</param>
    public void Published(bool isApplied) => Interlocked.Increment(ref isApplied ? ref _applied : ref _skipped);

    public void CycleEnded(TimeSpan duration) => _cycles.Record(duration.TotalSeconds);

    private static int IndexOf(PollTrigger trigger, KeyChange change) => ((int)trigger * Changes.Length) + (int)change;

    private IEnumerable<Measurement<long>> ByTriggerAndResult() =>
        from trigger in Triggers
        from change in Changes
        select new Measurement<long>(Volatile.Read(ref _values[IndexOf(trigger, change)]), Tag("trigger", trigger), Tag("result", change));

    private IEnumerable<Measurement<long>> ByResult() =>
        [new(Volatile.Read(ref _applied), Tag("result", "applied")), new(Volatile.Read(ref _skipped), Tag("result", "skipped"))];

    private static KeyValuePair<string, object?> Tag(string name, object value) => new(name, value.ToString()!.ToLowerInvariant());
}
