using OpenTelemetry.Metrics;

namespace ClawEvents.Broker.Telemetry.Graphite;

/// <summary>Collects the metrics for Graphite when it is asked to. Counters tell what was added since it was asked last.</summary>
internal sealed class GraphiteReader : BaseExportingMetricReader
{
    private readonly GraphiteLines _lines;

    public GraphiteReader(GraphiteLines lines)
        : base(lines)
    {
        _lines = lines;
        TemporalityPreference = MetricReaderTemporalityPreference.Delta;
    }

    /// <returns>The lines of one report; valid until the next call.</returns>
    public ReadOnlyMemory<byte> Read(DateTimeOffset time)
    {
        _lines.Begin(time);
        Collect();
        return _lines.Bytes;
    }
}
