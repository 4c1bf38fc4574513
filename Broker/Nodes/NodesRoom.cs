using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Commands;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Revocations;
using ClawEvents.Broker.Transports;

namespace ClawEvents.Broker.Nodes;

/// <summary>Wires what nodes do for each other; a node alone does it all itself.</summary>
internal static class NodesRoom
{
    public static void Add(IServiceCollection services, bool isAlone)
    {
        services
            .AddSingleton<NodeGauges>()
            .AddSingleton<FaultWatch>()
            .AddSingleton<LocalNodeSurvey>()
            .AddSingleton<LocalTop>()
            .AddSingleton<LocalTopics>()
            .AddSingleton<LocalTraces>();
        if (isAlone)
        {
            AddAlone(services);
        }
        else
        {
            AddAmongOthers(services);
        }
    }

    /// <summary>Has the figures of this node reported.</summary>
    public static void Start(IServiceProvider provider)
    {
        provider.GetRequiredService<NodeGauges>();
        provider.GetRequiredService<FaultWatch>();
    }

    private static void AddAlone(IServiceCollection services) => services
        .AddSingleton<IConnectionControl>(provider => provider.GetRequiredService<LocalConnectionControl>())
        .AddSingleton<INodeSurvey>(provider => provider.GetRequiredService<LocalNodeSurvey>())
        .AddSingleton<ITopSurvey>(provider => provider.GetRequiredService<LocalTop>())
        .AddSingleton<INodeQuestions>(provider => provider.GetRequiredService<LocalTopics>())
        .AddSingleton<INodeTraces>(provider => provider.GetRequiredService<LocalTraces>())
        .AddSingleton<IEmulationRelay, NoRelay>();

    // They need the bus, which needs the receiver of orders, which asks for them when the first order comes.
    private static void AddAmongOthers(IServiceCollection services) => services
        .AddSingleton<NodeWork>()
        .AddSingleton<INodeOrders>(provider => new OrderReceiver(new(() => PartsOf(provider)), provider.GetRequiredService<NodeWork>()))
        .AddSingleton<IConnectionControl>(provider => new BusConnectionControl(provider.GetRequiredService<LocalConnectionControl>(), provider.GetRequiredService<INodeBus>()))
        .AddSingleton<NodeSurvey>()
        .AddSingleton<INodeSurvey>(provider => provider.GetRequiredService<NodeSurvey>())
        .AddSingleton<TopSurvey>()
        .AddSingleton<ITopSurvey>(provider => provider.GetRequiredService<TopSurvey>())
        .AddSingleton<TopicSurvey>()
        .AddSingleton<INodeQuestions>(provider => provider.GetRequiredService<TopicSurvey>())
        .AddSingleton<TraceSurvey>()
        .AddSingleton<INodeTraces>(provider => provider.GetRequiredService<TraceSurvey>())
        .AddSingleton<NodeRelay>()
        .AddSingleton<IEmulationRelay>(provider => provider.GetRequiredService<NodeRelay>())
        .AddSingleton<NodeRegistry>()
        .AddHostedService(provider => provider.GetRequiredService<NodeRegistry>());

    private static NodeParts PartsOf(IServiceProvider provider) => new(
        provider.GetRequiredService<LocalConnectionControl>(),
        provider.GetRequiredService<NodeRegistry>(),
        provider.GetRequiredService<NodeSurvey>(),
        provider.GetRequiredService<TopSurvey>(),
        provider.GetRequiredService<TopicSurvey>(),
        provider.GetRequiredService<TraceSurvey>(),
        provider.GetRequiredService<NodeRelay>(),
        provider.GetRequiredService<RemoteChanges>());
}
