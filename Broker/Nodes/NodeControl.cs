using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Commands;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Revocations;
using ClawEvents.Broker.Transports;

namespace ClawEvents.Broker.Nodes;

/// <summary>The services of a node among others that tell each other what is to be done.</summary>
internal static class NodeControl
{
    /// <summary>Needs <see cref="INodeBus"/>, which needs what is added here.</summary>
    public static IServiceCollection AddNodeControl(this IServiceCollection services) => services
        .AddSingleton<NodeWork>()
        .AddSingleton<INodeOrders>(rooms => new OrderReceiver(new(() => PartsOf(rooms)), rooms.GetRequiredService<NodeWork>()))
        .AddSingleton<LocalConnectionControl>()
        .AddSingleton<IConnectionControl>(rooms => new BusConnectionControl(rooms.GetRequiredService<LocalConnectionControl>(), rooms.GetRequiredService<INodeBus>()))
        .AddSingleton<LocalNodeSurvey>()
        .AddSingleton<NodeSurvey>()
        .AddSingleton<INodeSurvey>(rooms => rooms.GetRequiredService<NodeSurvey>())
        .AddSingleton<NodeRelay>()
        .AddSingleton<IEmulationRelay>(rooms => rooms.GetRequiredService<NodeRelay>())
        .AddSingleton<NodeRegistry>()
        .AddHostedService(rooms => rooms.GetRequiredService<NodeRegistry>());

    private static NodeParts PartsOf(IServiceProvider rooms) => new(
        rooms.GetRequiredService<LocalConnectionControl>(),
        rooms.GetRequiredService<NodeRegistry>(),
        rooms.GetRequiredService<NodeSurvey>(),
        rooms.GetRequiredService<NodeRelay>(),
        rooms.GetRequiredService<RemoteChanges>());
}
