using ClawEvents.Broker.Commands.Maps;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Proxies;

namespace ClawEvents.Broker.Commands;

/// <summary>Wires what clients, and the server API in their place, can have done.</summary>
internal static class CommandsRoom
{
    public static void Add(IServiceCollection services, RpcOptions rpc)
    {
        services
            .AddSingleton<SubscriptionOpening>()
            .AddSingleton<Authentication>()
            .AddSingleton<SubscribeAccess>()
            .AddSingleton<ServerSubscriptions>()
            .AddSingleton<ConnectSubscriptions>()
            .AddSingleton<ConnectHandler>()
            .AddSingleton<RefreshHandler>()
            .AddSingleton<TrackHandler>()
            .AddSingleton<SubRefreshHandler>()
            .AddSingleton<MapSubscribing>()
            .AddSingleton<MapPublishHandler>()
            .AddSingleton<SubscribeHandler>()
            .AddSingleton<UnsubscribeHandler>()
            .AddSingleton<PublishHandler>()
            .AddSingleton<HistoryHandler>()
            .AddSingleton<PresenceHandler>()
            .AddSingleton<RpcDispatcher>()
            .AddSingleton<LocalConnectionControl>()
            .AddSingleton<IMessageHandler, CommandDispatcher>();
        if (rpc.IsOn)
        {
            services.AddSingleton<IRpcHandler>(provider => new ProxyRpcHandler(provider.GetRequiredService<BackEnds>(), rpc));
        }
    }
}
