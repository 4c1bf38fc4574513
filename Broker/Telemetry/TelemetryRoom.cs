using ClawEvents.Broker.Telemetry.Following;
using ClawEvents.Broker.Telemetry.Graphite;
using ClawEvents.Broker.Telemetry.Traffic;

namespace ClawEvents.Broker.Telemetry;

/// <summary>Wires metrics, traces and the log of requests.</summary>
internal static class TelemetryRoom
{
    public static void Add(IServiceCollection services, TelemetryOptions options, bool logsRequests)
    {
        services
            .AddSingleton(options)
            .AddSingleton<BrokerMetrics>()
            .AddSingleton<TelemetryExport>()
            .AddSingleton<LiveTrace>()
            .AddSingleton(provider => new ChannelTraffic(provider.GetRequiredService<TimeProvider>()))
            .AddSingleton(provider => new AccessLog(logsRequests, provider.GetRequiredService<ILogger<AccessLog>>()));
        if (options.Graphite is { } graphite)
        {
            services.AddHostedService(provider => new GraphiteReports(
                graphite, provider.GetRequiredService<TelemetryExport>().Graphite!, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<GraphiteReports>>()));
        }
    }

    /// <summary>Keeps the last hour's figures and the last warnings, for the console.</summary>
    public static void AddConsole(IServiceCollection services) => services
        .AddSingleton<RateHistory>()
        .AddSingleton<RecentWarnings>()
        .AddSingleton<ILoggerProvider>(provider => provider.GetRequiredService<RecentWarnings>());

    /// <summary>Has everything collected from here on.</summary>
    public static void Start(IServiceProvider provider)
    {
        provider.GetRequiredService<TelemetryExport>();
        provider.GetService<RateHistory>();
    }
}
