using System.Collections.Frozen;
using ClawEvents.Broker.Telemetry.Graphite;

namespace ClawEvents.Broker.Telemetry;

/// <summary>Where metrics and traces go. docs/reference/metrics.md, docs/reference/traces.md</summary>
internal sealed record TelemetryOptions
{
    /// <summary><c>Metrics</c>, or there is an internal port: <c>GET /metrics</c> answers.</summary>
    public bool ShowsMetrics { get; init; }

    /// <summary><c>MetricsPath</c>.</summary>
    public string MetricsPath { get; init; } = "/metrics";

    /// <summary>How long an answer may be given again: many that ask cost no more than one. Not a setting.</summary>
    public TimeSpan MetricsAge { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>Null: nothing is sent to Graphite.</summary>
    public GraphiteOptions? Graphite { get; init; }

    /// <summary>The settings whose names begin with <c>OTEL_</c>, as OpenTelemetry defines them.</summary>
    public IReadOnlyDictionary<string, string?> OpenTelemetry { get; init; } = FrozenDictionary<string, string?>.Empty;

    /// <summary>Whether metrics are sent to a collector.</summary>
    public bool SendsMetrics => Sends("METRICS");

    /// <summary>Whether traces are made and sent to a collector.</summary>
    public bool SendsTraces => Sends("TRACES");

    /// <summary>Which traces are kept is said by <c>OTEL_TRACES_SAMPLER</c>.</summary>
    public bool HasSampler => Value("OTEL_TRACES_SAMPLER") is not null;

    // Only to an address that is set: OpenTelemetry's default would have every broker look for a collector on its own machine.
    private bool Sends(string signal) =>
        (Value("OTEL_EXPORTER_OTLP_ENDPOINT") ?? Value($"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT")) is not null
        && Value($"OTEL_{signal}_EXPORTER") is null or "otlp"
        && !string.Equals(Value("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase);

    private string? Value(string name) => OpenTelemetry.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;
}
