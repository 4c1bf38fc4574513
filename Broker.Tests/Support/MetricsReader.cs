using System.Diagnostics.Metrics;
using System.Text;
using ClawEvents.Broker.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ClawEvents.Broker.Tests.Support;

/// <summary>The metrics as <c>GET /metrics</c> answers them, without a server.</summary>
internal sealed class MetricsReader : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly TelemetryExport _export;
    private readonly RequestDelegate _scraping;

    public MetricsReader(BrokerMetrics metrics)
    {
        var options = new TelemetryOptions { ShowsMetrics = true, MetricsAge = TimeSpan.Zero };
        _export = new TelemetryExport(options, metrics, _services.GetRequiredService<IMeterFactory>());
        _scraping = new ApplicationBuilder(_services).UseOpenTelemetryPrometheusScrapingEndpoint(_export.Prometheus, _ => true, null, null, null).Build();
    }

    public string Read()
    {
        using var body = new MemoryStream();
        var context = new DefaultHttpContext { RequestServices = _services };
        context.Response.Body = body;
        _scraping(context).GetAwaiter().GetResult();
        return Encoding.UTF8.GetString(body.ToArray());
    }

    /// <summary>The lines of values whose names begin with one of these, sorted.</summary>
    public string[] Lines(params string[] names) =>
        [.. Read().Split('\n').Where(line => names.Any(name => line.StartsWith(name, StringComparison.Ordinal))).Order(StringComparer.Ordinal)];

    public void Dispose()
    {
        _export.Dispose();
        _services.Dispose();
    }
}
