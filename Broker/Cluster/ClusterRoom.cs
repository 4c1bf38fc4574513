using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Cluster.Bus;
using ClawEvents.Broker.Cluster.Engine;
using ClawEvents.Broker.Cluster.Maps;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Maps;
using ClawEvents.Broker.Redis;
using ClawEvents.Broker.State;
using ClawEvents.Broker.State.Redis;
using ClawEvents.Broker.Telemetry;

namespace ClawEvents.Broker.Cluster;

/// <summary>Wires bus and engine: in memory for a node alone, over Redis for one of many.</summary>
internal static class ClusterRoom
{
    /// <param name="services">The broker's.</param>
    /// <param name="redis">None: the node is alone.</param>
    public static void Add(IServiceCollection services, IReadOnlyList<RedisAddress> redis, MapSettings maps)
    {
        if (redis.Count == 0)
        {
            AddAlone(services, maps);
        }
        else
        {
            AddAmongOthers(services, redis, maps);
        }
    }

    private static void AddAlone(IServiceCollection services, MapSettings maps) => services
        .AddSingleton<LoopbackNodeBus>()
        .AddSingleton<INodeBus>(provider => provider.GetRequiredService<LoopbackNodeBus>())
        .AddSingleton<INodeSubscriptions>(provider => provider.GetRequiredService<LoopbackNodeBus>())
        .AddSingleton<IChannelEngine>(provider => new MemoryChannelEngine(provider.GetRequiredService<IChannelReceiver>(), provider.GetRequiredService<TimeProvider>()))
        .AddSingleton<IMapEngine>(provider => new MemoryMapEngine(provider.GetRequiredService<IChannelReceiver>(), maps, provider.GetRequiredService<TimeProvider>()));

    private static void AddAmongOthers(IServiceCollection services, IReadOnlyList<RedisAddress> redis, MapSettings maps) => services
        .AddSingleton(provider => new RedisOutages(provider.GetRequiredService<ILogger<RedisOutages>>(), provider.GetRequiredService<BrokerMetrics>().RedisAnswered))
        .AddSingleton<RedisChangeFeed>()
        .AddSingleton<IChangeFeed>(provider => provider.GetRequiredService<RedisChangeFeed>())
        .AddSingleton(provider => BusOf(provider, redis))
        .AddSingleton<INodeBus>(provider => provider.GetRequiredService<RedisNodeBus>())
        .AddSingleton<INodeSubscriptions>(provider => provider.GetRequiredService<RedisNodeBus>())
        .AddSingleton<IChannelEngine>(provider => new RedisChannelEngine(provider.GetRequiredService<RedisNodeBus>().Shards))
        .AddSingleton<IMapEngine>(provider => new RedisMapEngine(provider.GetRequiredService<RedisNodeBus>().Shards, maps, provider.GetRequiredService<TimeProvider>()))
        .AddHostedService(provider => new MapExpiry(
            provider.GetRequiredService<RedisNodeBus>().Shards,
            provider.GetRequiredService<IChannelReceiver>(),
            provider.GetRequiredService<ChannelNamespaces>(),
            maps,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<MapExpiry>>()));

    private static RedisNodeBus BusOf(IServiceProvider provider, IReadOnlyList<RedisAddress> redis) => new(
        new(provider.GetRequiredService<NodeIdentity>().Id, redis, RedisKeys.TrackedPrefixes(redis[0])),
        provider.GetRequiredService<IChannelReceiver>(),
        provider.GetRequiredService<INodeOrders>(),
        provider.GetRequiredService<RedisChangeFeed>(),
        provider.GetRequiredService<BrokerMetrics>(),
        provider.GetRequiredService<TimeProvider>(),
        provider.GetRequiredService<RedisOutages>(),
        provider.GetRequiredService<ILogger<RedisNodeBus>>());
}
