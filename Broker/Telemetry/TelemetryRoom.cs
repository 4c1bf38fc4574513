namespace ClawEvents.Broker.Telemetry;

/// <summary>Wires figures and the log of requests.</summary>
internal static class TelemetryRoom
{
    public static void Add(IServiceCollection services, bool logsRequests) => services
        .AddSingleton<BrokerMetrics>()
        .AddSingleton<PrometheusExport>()
        .AddSingleton(provider => new AccessLog(logsRequests, provider.GetRequiredService<ILogger<AccessLog>>()));
}
