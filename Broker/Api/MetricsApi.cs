using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Http.Description;
using ClawEvents.Broker.Telemetry;

namespace ClawEvents.Broker.Api;

/// <summary><c>GET /metrics</c>, or another configured path, for Prometheus. docs/reference/metrics.md</summary>
internal sealed class MetricsApi(ApiOptions options, InternalPort port, PrometheusExport export) : IApi
{
    public void Map(IEndpointRouteBuilder endpoints)
    {
        if (options.ShowsMetrics)
        {
            endpoints.MapGet(options.MetricsPath, port.Guard(WriteAsync)).Describe(new("Operation", "The broker's figures, for Prometheus"));
        }
    }

    private Task WriteAsync(HttpContext context)
    {
        context.Response.ContentType = PrometheusExport.ContentType;
        return context.Response.WriteAsync(export.Write());
    }
}
