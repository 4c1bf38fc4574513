using ClawEvents.Broker.Telemetry.Traffic;

namespace ClawEvents.Broker.Telemetry;

/// <summary>Wires metrics, traces and the log of requests.</summary>
internal static class TelemetryRoom
{
    public static void Add(IServiceCollection services, TelemetryOptions options, bool logsRequests) => services
        .AddSingleton(options)
        .AddSingleton<BrokerMetrics>()
        .AddSingleton<TelemetryExport>()
        .AddSingleton(provider => new ChannelTraffic(provider.GetRequiredService<TimeProvider>()))
        .AddSingleton(provider => new AccessLog(logsRequests, provider.GetRequiredService<ILogger<AccessLog>>()));

    /// <summary>Has everything collected from here on.</summary>
    public static void Start(IServiceProvider provider) => provider.GetRequiredService<TelemetryExport>();
}
