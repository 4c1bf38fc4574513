using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Telemetry;

/// <summary>Exports the metrics of the broker and of .NET's runtime as text for Prometheus. docs/reference/metrics.md</summary>
/// <remarks>It listens as soon as it is created. Thread-safe.</remarks>
internal sealed class PrometheusExport : IDisposable
{
    /// <summary>Content type of the text of <see cref="Write"/>.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private const string RuntimeMeter = "System.Runtime";

    /// <summary>Metrics that Centrifugo dashboards query by another name.</summary>
    private static readonly Dictionary<string, string> CentrifugoNames = new(StringComparer.Ordinal)
    {
        ["clawevents_connections"] = "centrifugo_node_num_clients",
        ["clawevents_users"] = "centrifugo_node_num_users",
        ["clawevents_channels"] = "centrifugo_node_num_channels",
        ["clawevents_subscriptions"] = "centrifugo_node_num_subscriptions",
        ["clawevents_connections_closed_total"] = "centrifugo_client_num_server_disconnects",
    };

    private readonly ConcurrentDictionary<Instrument, MetricFamily> _families = new();
    private readonly MeterListener _listener = new();

    public PrometheusExport(BrokerMetrics metrics)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if ((metrics.Owns(instrument) || instrument.Meter.Name == RuntimeMeter) && MetricFamily.IsKnown(instrument))
            {
                listener.EnableMeasurementEvents(instrument, _families.GetOrAdd(instrument, static instrument => new MetricFamily(instrument)));
            }
        };
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.Start();
    }

    /// <summary>Reads all metrics and writes them in the order of their names.</summary>
    public string Write()
    {
        _listener.RecordObservableInstruments();
        var text = new StringBuilder();
        foreach (var family in _families.Values.OrderBy(family => family.Name, StringComparer.Ordinal))
        {
            family.WriteTo(text, family.Name);
            if (CentrifugoNames.TryGetValue(family.Name, out var name))
            {
                family.WriteTo(text, name);
            }
        }

        const string build = "centrifugo_node_build";
        text.Append(CultureInfo.InvariantCulture, $"# HELP {build} Node build info.\n# TYPE {build} gauge\n{build}{{version=\"{BrokerVersion.Text}\"}} 1\n");
        return text.ToString();
    }

    public void Dispose() => _listener.Dispose();
}
