namespace ClawEvents.Broker.Proxies;

/// <summary>Wires the operator's back ends.</summary>
internal static class ProxiesRoom
{
    public static void Add(IServiceCollection services, ProxyOptions options) => services
        .AddSingleton(options)
        .AddSingleton<ProxySender>()
        .AddSingleton<GrpcSender>()
        .AddSingleton<BackEnds>();
}
