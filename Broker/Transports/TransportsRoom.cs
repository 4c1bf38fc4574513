using ClawEvents.Broker.Configuration;

namespace ClawEvents.Broker.Transports;

/// <summary>Wires the transports that are HTTP streams.</summary>
internal static class TransportsRoom
{
    public static void Add(IServiceCollection services) => services
        .AddSingleton<EmulatedSessions>()
        .AddSingleton<StreamOpening>()
        .AddSingleton<StreamEndpoint>()
        .AddSingleton<UniGrpcEndpoint>()
        .AddSingleton<EmulationEndpoint>()
        .AddSingleton<InitEndpoint>();

    public static void Map(WebApplication application)
    {
        application.Services.GetRequiredService<StreamEndpoint>().Map(application);
        application.Services.GetRequiredService<EmulationEndpoint>().Map(application);
        application.Services.GetRequiredService<InitEndpoint>().Map(application);
    }

    /// <summary>Whether a path is a transport's: these handle CORS themselves, because their clients send credentials.</summary>
    public static Func<PathString, bool> Owns(TransportPaths paths)
    {
        var own = paths.All.Select(entry => new PathString(entry.Path)).ToHashSet();
        return path => path.StartsWithSegments("/connection", StringComparison.Ordinal) || own.Contains(path);
    }
}
