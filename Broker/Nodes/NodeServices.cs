using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Cluster.Bus;
using ClawEvents.Broker.Cluster.Engine;
using ClawEvents.Broker.Commands;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Redis;
using ClawEvents.Broker.State;
using ClawEvents.Broker.State.Redis;
using ClawEvents.Broker.Telemetry;
using ClawEvents.Broker.Transports;

namespace ClawEvents.Broker.Nodes;

/// <summary>What differs between a node alone and one of many.</summary>
internal static class NodeServices
{
    /// <summary>Bus and engine: in memory, or over Redis when there is one.</summary>
    public static IServiceCollection AddNode(this IServiceCollection services, BrokerOptions options) =>
        options.Redis.Count == 0 ? services.AddNodeAlone() : services.AddNodeAmongOthers(options.Redis);

    private static IServiceCollection AddNodeAlone(this IServiceCollection services) => services
        .AddSingleton<LoopbackNodeBus>()
        .AddSingleton<INodeBus>(services => services.GetRequiredService<LoopbackNodeBus>())
        .AddSingleton<INodeSubscriptions>(services => services.GetRequiredService<LoopbackNodeBus>())
        .AddSingleton<IChannelEngine, MemoryChannelEngine>(rooms => new(rooms.GetRequiredService<IChannelReceiver>(), rooms.GetRequiredService<TimeProvider>()))
        .AddSingleton<IConnectionControl, LocalConnectionControl>()
        .AddSingleton<INodeSurvey, LocalNodeSurvey>()
        .AddSingleton<IEmulationRelay, NoRelay>();

    private static IServiceCollection AddNodeAmongOthers(this IServiceCollection services, IReadOnlyList<RedisAddress> addresses) => services
        .AddNodeControl()
        .AddSingleton<RedisChangeFeed>()
        .AddSingleton<IChangeFeed>(rooms => rooms.GetRequiredService<RedisChangeFeed>())
        .AddSingleton(rooms => BusOf(rooms, addresses))
        .AddSingleton<INodeBus>(rooms => rooms.GetRequiredService<RedisNodeBus>())
        .AddSingleton<INodeSubscriptions>(rooms => rooms.GetRequiredService<RedisNodeBus>())
        .AddSingleton<IChannelEngine>(rooms => new RedisChannelEngine(rooms.GetRequiredService<RedisNodeBus>().Shards));

    private static RedisNodeBus BusOf(IServiceProvider rooms, IReadOnlyList<RedisAddress> addresses) => new(
        new(rooms.GetRequiredService<NodeIdentity>().Id, addresses, RedisKeys.TrackedPrefixes(addresses[0])),
        rooms.GetRequiredService<IChannelReceiver>(),
        rooms.GetRequiredService<INodeOrders>(),
        rooms.GetRequiredService<RedisChangeFeed>(),
        rooms.GetRequiredService<BrokerMetrics>(),
        rooms.GetRequiredService<TimeProvider>(),
        rooms.GetRequiredService<ILogger<RedisNodeBus>>());
}
