using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Http.Description;
using ClawEvents.Broker.Telemetry;

namespace ClawEvents.Broker.Api;

/// <summary><c>GET /metrics</c>, or another path that was set, for Prometheus. docs/reference/metrics.md</summary>
internal sealed class MetricsApi(BrokerOptions options, InternalPort port, PrometheusExport export)
{
    public void Map(IEndpointRouteBuilder endpoints) => endpoints.MapGet(options.Operations.MetricsPath, port.Guard(context =>
    {
        context.Response.ContentType = PrometheusExport.ContentType;
        return context.Response.WriteAsync(export.Write());
    })).Describe(new("Operation", "The broker's figures, for Prometheus"));
}
