using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Telemetry;
using ClawEvents.Broker.Telemetry.Traffic;
using ClawEvents.Broker.Transport;

namespace ClawEvents.Broker.Hub;

/// <summary>Wires who listens here.</summary>
internal static class HubRoom
{
    public static void Add(IServiceCollection services, Compression compression) => services
        .AddSingleton<IReactorWatch, ReactorWatch>()
        .AddSingleton(provider => new ChannelHub(
            provider.GetRequiredService<BrokerMetrics>(), compression, provider.GetRequiredService<ReactorPool>(), provider.GetRequiredService<ChannelTraffic>()))
        .AddSingleton<IChannelReceiver>(provider => provider.GetRequiredService<ChannelHub>());
}
