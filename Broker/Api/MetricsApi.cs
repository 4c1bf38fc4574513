using ClawEvents.Broker.Http.Description;
using ClawEvents.Broker.Telemetry;

namespace ClawEvents.Broker.Api;

/// <summary><c>GET /metrics</c>, or another configured path, for Prometheus. docs/reference/metrics.md</summary>
internal sealed class MetricsApi(TelemetryOptions options, InternalPort port, TelemetryExport export) : IApi
{
    public void Map(IEndpointRouteBuilder endpoints)
    {
        if (export.Prometheus is { } metrics)
        {
            var scraping = endpoints.CreateApplicationBuilder().UseOpenTelemetryPrometheusScrapingEndpoint(metrics, static _ => true, null, null, null).Build();
            endpoints.MapGet(options.MetricsPath, port.Guard(context =>
            {
                // In OpenMetrics the names of all counters end with _total, and Centrifugo's do not.
                context.Request.Headers.Accept = "text/plain";
                return scraping(context);
            })).Describe(new("Operation", "The broker's figures, for Prometheus"));
        }
    }
}
