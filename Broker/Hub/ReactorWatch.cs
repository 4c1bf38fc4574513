using System.Diagnostics;
using System.Diagnostics.Metrics;
using ClawEvents.Broker.Telemetry;
using ClawEvents.Broker.Transport;

namespace ClawEvents.Broker.Hub;

/// <summary>Records how long posts wait for their reactor, how long it takes to serve the subscribers, and both together.</summary>
/// <remarks>
/// Hot path: no allocation. Once per pass, not per delivery. A histogram has a gate for each of its series, and each reactor has its own series: so reactors never
/// wait for each other here.
/// </remarks>
internal sealed class ReactorWatch(BrokerMetrics metrics) : IReactorWatch
{
    private static readonly KeyValuePair<string, object?>[] Reactors =
        [.. Enumerable.Range(0, Environment.ProcessorCount).Select(index => new KeyValuePair<string, object?>("reactor", index.ToString(System.Globalization.CultureInfo.InvariantCulture)))];

    private static readonly KeyValuePair<string, object?> Other = new("reactor", "other");

    private readonly Histogram<double> _mailboxDelays =
        metrics.AddHistogram("clawevents.reactor.mailbox.delay", "Time until a reactor takes what was posted to it, by reactor.");

    private readonly Histogram<double> _fanOuts =
        metrics.AddHistogram("clawevents.fanout.duration", "Time that a reactor takes to deliver what it has taken to all its subscribers, by reactor.");

    private readonly Histogram<double> _latencies =
        metrics.AddHistogram("clawevents.delivery.latency", "Time from a publication in the hub until it is written to the sockets of all subscribers of a reactor, by reactor: of the oldest of each pass.");

    /// <summary>The label of a reactor.</summary>
    public static KeyValuePair<string, object?> LabelOf(int reactor) => reactor < Reactors.Length ? Reactors[reactor] : Other;

    /// <inheritdoc/>
    public void OnPass(int reactor, long posted, long taken, long done)
    {
        if (_latencies.Enabled)
        {
            var label = LabelOf(reactor);
            _mailboxDelays.Record(Stopwatch.GetElapsedTime(posted, taken).TotalSeconds, label);
            if (done > taken)
            {
                _fanOuts.Record(Stopwatch.GetElapsedTime(taken, done).TotalSeconds, label);
                _latencies.Record(Stopwatch.GetElapsedTime(posted, done).TotalSeconds, label);
            }
        }
    }
}
