using System.Diagnostics.Metrics;
using ClawEvents.Broker.Telemetry.Graphite;
using ClawEvents.Broker.Text;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace ClawEvents.Broker.Telemetry;

/// <summary>Hands out metrics and traces: as text for Prometheus, and over OTLP to a collector. What nobody asks for is not collected.</summary>
/// <remarks>It collects from its creation on. Thread-safe.</remarks>
internal sealed class TelemetryExport : IDisposable
{
    private const string RuntimeMeter = "System.Runtime";
    private const string HttpMeter = "Microsoft.AspNetCore.Hosting";

    // Of the publishes without a trace of their caller's.
    private const double SampledShare = 0.01;

    // OpenTelemetry takes the memory for all series of an instrument when the first one comes. Beyond these the values are summed up as "overflow".
    private const int MaxSeries = 100;
    private const int MaxHttpSeries = 500;
    private const int MaxNamespaceSeries = 1100;

    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(1);
    private static readonly string[] HttpLabels = ["http.request.method", "http.route", "http.response.status_code"];

    private readonly TelemetryOptions _options;
    private readonly BrokerMetrics _metrics;
    private readonly IMeterFactory _meters;
    private readonly MeterProvider? _sent;
    private readonly MeterProvider? _reported;
    private readonly TracerProvider? _traces;

    /// <param name="meters">Of this broker: it tells the meters of ASP.NET of several brokers in a process apart.</param>
    public TelemetryExport(TelemetryOptions options, BrokerMetrics metrics, IMeterFactory meters)
    {
        (_options, _metrics, _meters) = (options, metrics, meters);
        Prometheus = options.ShowsMetrics ? BuildPrometheus() : null;
        Graphite = options.Graphite is { } graphite ? new(new GraphiteLines(graphite)) : null;
        _reported = Graphite is null ? null : Named().AddReader(Graphite).Build();
        _sent = options.SendsMetrics ? BuildSent() : null;
        _traces = options.SendsTraces ? BuildTraces() : null;
    }

    /// <summary>What <c>GET /metrics</c> shows; null: it is off.</summary>
    public MeterProvider? Prometheus { get; }

    /// <summary>What is sent to Graphite; null: nothing is.</summary>
    public GraphiteReader? Graphite { get; }

    public void Dispose()
    {
        _traces?.Shutdown((int)LastWords.TotalMilliseconds);
        _sent?.Shutdown((int)LastWords.TotalMilliseconds);
        _traces?.Dispose();
        _sent?.Dispose();
        _reported?.Dispose();
        Prometheus?.Dispose();
    }

    // Each instrument under its own name, and again under Centrifugo's.
    private MeterProviderBuilder Named() => Metrics()
        .AddView(instrument => IsWanted(instrument) ? Stream(instrument, PrometheusNames.Of(instrument)) : MetricStreamConfiguration.Drop)
        .AddView(instrument => IsWanted(instrument) && PrometheusNames.InCentrifugo(instrument) is { } alias ? Stream(instrument, alias.Name, alias.Labels) : null);

    private MeterProvider BuildPrometheus() => Named()
        .AddPrometheusExporter(exporter =>
        {
            exporter.TranslationStrategy = PrometheusAspNetCoreTranslationStrategy.UnderscoreEscapingWithoutSuffixes;
            exporter.ScopeInfoEnabled = false;
            exporter.TargetInfoEnabled = false;
            exporter.ScrapeResponseCacheDurationMilliseconds = (int)_options.MetricsAge.TotalMilliseconds;
        })
        .Build();

    private MeterProvider BuildSent() => Metrics()
        .AddView(instrument => IsWanted(instrument) ? Stream(instrument, instrument.Name) : MetricStreamConfiguration.Drop)
        .AddOtlpExporter()
        .Build();

    private TracerProvider BuildTraces()
    {
        var builder = Sdk.CreateTracerProviderBuilder()
            .ConfigureServices(AddSettings)
            .ConfigureResource(Describe)
            .AddSource(PublishTrace.SourceName, PublishTrace.HttpSourceName)
            .AddOtlpExporter();
        if (!_options.HasSampler)
        {
            builder.SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(SampledShare)));
        }

        return builder.Build();
    }

    private MeterProviderBuilder Metrics() => Sdk.CreateMeterProviderBuilder()
        .ConfigureServices(AddSettings)
        .ConfigureResource(Describe)
        .AddMeter(BrokerMetrics.MeterName, RuntimeMeter, HttpMeter);

    private void AddSettings(IServiceCollection services) =>
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(_options.OpenTelemetry).Build());

    // The last one counts: OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES.
    private static void Describe(ResourceBuilder resource) =>
        resource.Clear().AddService("clawevents-broker", serviceVersion: BrokerVersion.Number).AddTelemetrySdk().AddEnvironmentVariableDetector();

    private bool IsWanted(Instrument instrument) =>
        _metrics.Owns(instrument) || instrument.Meter.Name == RuntimeMeter || (instrument.Meter.Name == HttpMeter && instrument.Meter.Scope == _meters);

    private static MetricStreamConfiguration Stream(Instrument instrument, string name, string[]? labels = null) => new()
    {
        Name = name,
        TagKeys = labels ?? (instrument.Meter.Name == HttpMeter ? HttpLabels : null),
        CardinalityLimit = MaxSeriesOf(instrument),
    };

    private static int MaxSeriesOf(Instrument instrument) =>
        instrument.Meter.Name == HttpMeter ? MaxHttpSeries
        : instrument.Name is "clawevents.publications" or "clawevents.deliveries" or "clawevents.deliveries.size" ? MaxNamespaceSeries
        : MaxSeries;
}
