using ClawEvents.Broker.Api.Admin;
using ClawEvents.Broker.Api.Explain;
using ClawEvents.Broker.Api.Server;
using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Connections;

namespace ClawEvents.Broker.Api;

/// <summary>Wires the HTTP API, and what every HTTP request passes on its way.</summary>
internal static class ApiRoom
{
    public static void Add(IServiceCollection services, OriginPolicy origins) => services
        .AddAllowedOrigins(origins)
        .AddSingleton<InternalPort>()
        .AddSingleton<AddressGuard>()
        .AddSingleton<BearerAuthentication>()
        .AddSingleton<ApiKeys>()
        .AddSingleton<ChannelAction>()
        .AddSingleton<ChannelQuotas>()
        .AddSingleton<AccessExplainer>()
        .AddSingleton<PublishLimits>()
        .AddSingleton<ProfileLogin>()
        .AddSingleton<SshKeyLogin>()
        .AddSingleton<AdminSessions>()
        .AddSingleton<ServerApiKey>()
        .AddSingleton<OperatorDoor>()
        .AddSingleton<INodeTopicSource, ConnectionsTopic>()
        .AddSingleton<INodeTopicSource, SettingsTopic>()
        .AddSingleton<ServerApiChannels>()
        .AddSingleton<PublishMethods>()
        .AddSingleton<ChannelMethods>()
        .AddSingleton<ConnectionMethods>()
        .AddSingleton<NodeMethods>()
        .AddSingleton<MapMethods>()
        .AddSingleton<SharedPollMethods>()
        .AddSingleton<ServerApiMethods>()
        .AddSingleton<ServerApiBatch>()
        .AddSingleton<ServerApiLines>()
        .AddSingleton<ServerApi>()
        .AddSingleton<QueuedCommands>()
        .AddSingleton<PublishApi>()
        .AddSingleton<IApi, HealthApi>()
        .AddSingleton<IApi, DrainApi>()
        .AddSingleton<IApi, MetricsApi>()
        .AddSingleton<IApi, ApiDoors>()
        .AddSingleton<IApi, AuthApi>()
        .AddSingleton<IApi, LoginApi>()
        .AddSingleton<IApi, LocksApi>()
        .AddSingleton<IApi, GrantsApi>()
        .AddSingleton<IApi, AccessRequestsApi>()
        .AddSingleton<IApi, ExplainApi>()
        .AddSingleton<IApi, TopApi>()
        .AddSingleton<IApi, AdvertiseApi>()
        .AddSingleton<IApi, AdvertisementsApi>()
        .AddSingleton<IApi, AppsApi>()
        .AddSingleton<IApi, WebhooksApi>()
        .AddSingleton<IApi, AgentsApi>()
        .AddSingleton<IApi, StatsApi>()
        .AddSingleton<IApi, ProxyApi>()
        .AddSingleton<IApi, AdminApi>()
        .AddSingleton<IApi, ConnectionsApi>()
        .AddSingleton<IApi, AccessApi>()
        .AddSingleton<IApi, TokensApi>()
        .AddSingleton<IApi, NodeTopicsApi>()
        .AddSingleton<IApi, TraceApi>();

    /// <summary>What only the console asks for, and costs something before it does.</summary>
    public static void AddConsole(IServiceCollection services) => services
        .AddSingleton<INodeTopicSource, RatesTopic>()
        .AddSingleton<INodeTopicSource, MetricsTopic>()
        .AddSingleton<INodeTopicSource, WarningsTopic>();

    /// <summary>The middleware for every request: headers, log, faults, and the checks of its host and its origin.</summary>
    /// <param name="application">The broker's.</param>
    /// <param name="origins">The pages that may use the API.</param>
    /// <param name="answersOrigins">The paths that answer such pages in their own way.</param>
    public static void Use(WebApplication application, OriginPolicy origins, Func<PathString, bool> answersOrigins)
    {
        application.UseResponseHeaders();
        application.UseMiddleware<RequestLog>();
        application.UseMiddleware<RequestFaults>();
        application.UseAllowedHosts();
        application.UseWhen(context => origins.HasPatterns && !answersOrigins(context.Request.Path), api => api.UseCors());
        application.UseHeadAsGet();
    }

    public static void Map(WebApplication application)
    {
        foreach (var api in application.Services.GetServices<IApi>())
        {
            api.Map(application);
        }
    }
}
