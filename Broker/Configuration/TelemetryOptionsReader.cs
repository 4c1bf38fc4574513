using System.Collections.Frozen;
using ClawEvents.Broker.Telemetry;
using ClawEvents.Broker.Telemetry.Graphite;

namespace ClawEvents.Broker.Configuration;

/// <summary>Reads where metrics and traces go.</summary>
/// <inheritdoc cref="SettingSource"/>
internal sealed class TelemetryOptionsReader(IConfiguration configuration, Action<string, string, string> fault)
{
    /// <summary>OpenTelemetry's own settings begin with it.</summary>
    public const string OpenTelemetryPrefix = "OTEL_";

    private static readonly TelemetryOptions Defaults = new();

    private readonly SettingSource _source = new(configuration, fault);

    /// <param name="hasInternalPort">Only operators reach the metrics, so they are on unless a setting says otherwise.</param>
    public TelemetryOptions Read(bool hasInternalPort)
    {
        CheckCollector("OTEL_EXPORTER_OTLP_ENDPOINT");
        return new()
        {
            ShowsMetrics = _source.Flag("Metrics", hasInternalPort),
            MetricsPath = _source.Path("MetricsPath", Defaults.MetricsPath),
            Graphite = ReadGraphite(),
            OpenTelemetry = configuration.GetChildren()
                .Where(setting => setting.Key.StartsWith(OpenTelemetryPrefix, StringComparison.Ordinal))
                .ToFrozenDictionary(setting => setting.Key, setting => setting.Value),
        };
    }

    private GraphiteOptions? ReadGraphite()
    {
        var node = GraphiteLines.Part(_source.Text("NodeName") ?? Environment.MachineName);
        var options = new GraphiteOptions(_source.Text("GraphiteHost") ?? "");
        options = options with
        {
            Port = _source.Number("GraphitePort", options.Port, 1, ushort.MaxValue),
            Prefix = $"{(_source.Text("GraphitePrefix") ?? options.Prefix).TrimEnd('.')}.{node}",
            Interval = TimeSpan.FromSeconds(_source.Number("GraphiteSeconds", (int)options.Interval.TotalSeconds, 1, 3600)),
            HasTags = _source.Flag("GraphiteTags"),
        };
        return options.Host.Length > 0 ? options : null;
    }

    // OpenTelemetry would say nothing of it, and send nothing.
    private void CheckCollector(string name)
    {
        if (_source.Text(name) is { } address && !(Uri.TryCreate(address, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"))
        {
            fault(name, $"'{address}' is not an address of HTTP", "http://collector:4317");
        }
    }
}
