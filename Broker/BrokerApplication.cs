using System.Security.Cryptography;
using ClawEvents.Broker.Api;
using ClawEvents.Broker.Api.Server;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Clock;
using ClawEvents.Broker.Commands;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Http;
using ClawEvents.Broker.Http.Description;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Identity.Ssh;
using ClawEvents.Broker.Identity.Tokens;
using ClawEvents.Broker.Nodes;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Proxies;
using ClawEvents.Broker.Publishing;
using ClawEvents.Broker.Revocations;
using ClawEvents.Broker.State;
using ClawEvents.Broker.Telemetry;
using ClawEvents.Broker.Text;
using ClawEvents.Broker.Timers;
using ClawEvents.Broker.Transports;

namespace ClawEvents.Broker;

/// <summary>Puts the rooms together: services, the transport's middleware, HTTP endpoints.</summary>
internal static class BrokerApplication
{
    /// <summary>Builds a broker that is ready to start.</summary>
    /// <param name="options">Checked by <see cref="BrokerOptionsReader"/>.</param>
    /// <param name="configure">Last word on services and logging; a test puts its clock here.</param>
    /// <exception cref="IOException">The data folder or a file in it cannot be used.</exception>
    /// <exception cref="UnauthorizedAccessException">The data folder or a file in it belongs to somebody else.</exception>
    /// <exception cref="CryptographicException">The files of TLS are not what they should be.</exception>
    /// <exception cref="StoreRefusedException">Redis is there and refuses.</exception>
    public static WebApplication Build(BrokerOptions options, Action<WebApplicationBuilder>? configure = null)
    {
        // Before the store is opened: its faults concern the same folder and come out the same way.
        var secret = SigningSecret.Of(options);

        var certificate = new ServerCertificate(options);

        // What is wrong with the store is thrown where it is asked for, before anything listens.
        var opening = new StoreOpening(options.Redis, options.DataFolder);

        // The empty builder: the default one watches files and loads hosting parts that cost a third of the start-up time.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel => BrokerListeners.Configure(kestrel, options));
        builder.Services.AddRoutingCore();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.Operations.ShutdownTimeout);
        var origins = new OriginPolicy(options.AllowedOrigins);
        builder.Services.AddAllowedOrigins(origins).AddApiDocument(BrokerVersion.Number);
        AddRooms(builder.Services.AddSingleton(origins).AddSingleton(certificate), options, secret, opening);
        builder.Services.AddNode(options);
        if (options.Proxies.Rpc.IsOn)
        {
            builder.Services.AddSingleton<IRpcHandler>(rooms => new ProxyRpcHandler(rooms.GetRequiredService<BackEnds>(), options.Proxies.Rpc));
        }

        configure?.Invoke(builder);
        var application = builder.Build();
        MapEndpoints(application, options);
        application.Services.GetRequiredService<NodeGauges>();
        application.Lifetime.ApplicationStopping.Register(() => DisconnectAll(application.Services.GetRequiredService<TimerWheel>()));
        return application;
    }

    // Before the server stops: clients are told to reconnect, which a load balancer turns into another node.
    private static void DisconnectAll(TimerWheel wheel)
    {
        foreach (var connection in wheel.Snapshot().OfType<ClientConnection>())
        {
            connection.Disconnect(DisconnectCode.Shutdown);
        }
    }

    private static void AddRooms(IServiceCollection services, BrokerOptions options, SigningSecret secret, StoreOpening opening) => services
        .AddSingleton(options)
        .AddSingleton(TimeProvider.System)
        .AddSingleton(opening.Finish)
        .AddSingleton(secret)
        .AddSingleton<TokenIssuer>()
        .AddSingleton<TokenVerifier>()
        .AddSingleton(rooms => ConnectionTokensOf(rooms, options.ClientTokens))
        .AddSingleton(rooms => SubscriptionTokensOf(rooms, options.SubscriptionTokens ?? options.ClientTokens))
        .AddSingleton(new ChannelNames(options.MaxChannelBytes))
        .AddSingleton(options.Namespaces)
        .AddSingleton(rooms => new ChannelPermissions(rooms.GetRequiredService<IStateStore>(), options.Namespaces, options.Insecure))
        .AddSingleton<SubscriptionSweeper>()
        .AddSingleton<RemoteChanges>()
        .AddSingleton<BrokerMetrics>()
        .AddSingleton<NodeGauges>()
        .AddSingleton<PrometheusExport>()
        .AddSingleton(rooms => new AccessLog(options.Operations.AccessLog, rooms.GetRequiredService<ILogger<AccessLog>>()))
        .AddSingleton<ActivityRecorder>()
        .AddSingleton(rooms => new ChannelHub(rooms.GetRequiredService<BrokerMetrics>(), options.Transports.CompressionMinBytes))
        .AddSingleton<IChannelReceiver>(rooms => rooms.GetRequiredService<ChannelHub>())
        .AddSingleton<AdvertisedSchemas>()
        .AddSingleton<ChannelPublisher>()
        .AddSingleton<SubscriptionOpening>()
        .AddSingleton<ProxySender>()
        .AddSingleton<BackEnds>()
        .AddSingleton<ProxiedPublishing>()
        .AddSingleton<Authentication>()
        .AddSingleton<SubscribeAccess>()
        .AddSingleton<ServerSubscriptions>()
        .AddSingleton<ConnectSubscriptions>()
        .AddSingleton<ConnectHandler>()
        .AddSingleton<RefreshHandler>()
        .AddSingleton<SubRefreshHandler>()
        .AddSingleton<SubscribeHandler>()
        .AddSingleton<UnsubscribeHandler>()
        .AddSingleton<PublishHandler>()
        .AddSingleton<HistoryHandler>()
        .AddSingleton<PresenceHandler>()
        .AddSingleton<RpcDispatcher>()
        .AddSingleton<IMessageHandler, CommandDispatcher>()
        .AddSingleton<TimerWheel>()
        .AddSingleton<OpenConnections>()
        .AddSingleton<ConnectionLimits>()
        .AddSingleton<Attendance>()
        .AddSingleton<PositionWatch>()
        .AddSingleton<Renewal>()
        .AddSingleton<ConnectionServices>()
        .AddSingleton<UpgradeHandshake>()
        .AddSingleton<WebSocketEndpoint>()
        .AddSingleton<HttpUpgradeEndpoint>()
        .AddSingleton<NodeIdentity>()
        .AddSingleton<EmulatedSessions>()
        .AddSingleton<StreamEndpoint>()
        .AddSingleton<EmulationEndpoint>()
        .AddSingleton<InitEndpoint>()
        .AddSingleton<InternalPort>()
        .AddSingleton<HealthApi>()
        .AddSingleton<MetricsApi>()
        .AddSingleton<BearerAuthentication>()
        .AddSingleton<ServerApiKey>()
        .AddSingleton<ServerApiChannels>()
        .AddSingleton<PublishMethods>()
        .AddSingleton<ChannelMethods>()
        .AddSingleton<ConnectionMethods>()
        .AddSingleton<NodeMethods>()
        .AddSingleton<ServerApiMethods>()
        .AddSingleton<ServerApiBatch>()
        .AddSingleton<ServerApiLines>()
        .AddSingleton<ServerApi>()
        .AddSingleton<ChannelAction>()
        .AddSingleton<PublishApi>()
        .AddSingleton<ApiDoors>()
        .AddSingleton<ApiKeys>()
        .AddSingleton<AuthApi>()
        .AddSingleton<JsonFetcher>()
        .AddSingleton<MoltbookProfiles>()
        .AddSingleton<ProfileLogin>()
        .AddSingleton<SshPublicKeys>()
        .AddSingleton(rooms => new SshKeygen(options.SshKeygen, rooms.GetRequiredService<TimeProvider>()))
        .AddSingleton<SshSignatures>()
        .AddSingleton<SshKeyLogin>()
        .AddSingleton<LoginApi>()
        .AddSingleton<LocksApi>()
        .AddSingleton<GrantsApi>()
        .AddSingleton<AccessRequestsApi>()
        .AddSingleton<AdvertiseApi>()
        .AddSingleton<AdvertisementsApi>()
        .AddSingleton<AppsApi>()
        .AddSingleton<AgentsApi>()
        .AddSingleton<StatsApi>()
        .AddSingleton<ProxyApi>()
        .AddHostedService(rooms => rooms.GetRequiredService<RemoteChanges>())
        .AddHostedService(rooms => rooms.GetRequiredService<ActivityRecorder>())
        .AddHostedService<SystemTimers>();

    private static ConnectionTokens ConnectionTokensOf(IServiceProvider rooms, TokenSettings settings) =>
        new(VerifierOf(rooms, settings), rooms.GetRequiredService<IStateStore>());

    private static SubscriptionTokens SubscriptionTokensOf(IServiceProvider rooms, TokenSettings settings) =>
        new(VerifierOf(rooms, settings), rooms.GetRequiredService<TimeProvider>());

    private static ClientTokenVerifier VerifierOf(IServiceProvider rooms, TokenSettings settings) =>
        ClientTokenVerifier.Of(settings, rooms.GetRequiredService<SigningSecret>(), rooms.GetRequiredService<TimeProvider>());

    // They have their own answers to pages of other origins: their clients send credentials along.
    private static bool IsTransport(PathString path) => path.StartsWithSegments("/connection", StringComparison.Ordinal) || path == EmulationEndpoint.Path;

    private static void MapEndpoints(WebApplication application, BrokerOptions options)
    {
        application.UseResponseHeaders();
        application.UseMiddleware<RequestLog>();
        application.UseMiddleware<RequestFaults>();
        if (options.AllowedOrigins.Count > 0)
        {
            application.UseWhen(context => !IsTransport(context.Request.Path), api => api.UseCors());
        }

        application.UseHeadAsGet();
        application.UseRouting();
        var services = application.Services;
        services.GetRequiredService<HealthApi>().Map(application);
        if (options.Operations.ShowsMetrics)
        {
            services.GetRequiredService<MetricsApi>().Map(application);
        }

        services.GetRequiredService<ApiDoors>().Map(application);
        services.GetRequiredService<AuthApi>().Map(application);
        services.GetRequiredService<LoginApi>().Map(application);
        services.GetRequiredService<LocksApi>().Map(application);
        services.GetRequiredService<GrantsApi>().Map(application);
        services.GetRequiredService<AccessRequestsApi>().Map(application);
        services.GetRequiredService<AdvertiseApi>().Map(application);
        services.GetRequiredService<AdvertisementsApi>().Map(application);
        services.GetRequiredService<AppsApi>().Map(application);
        services.GetRequiredService<AgentsApi>().Map(application);
        services.GetRequiredService<StatsApi>().Map(application);
        services.GetRequiredService<ProxyApi>().Map(application);
        application.MapApiDocument();
        services.GetRequiredService<HttpUpgradeEndpoint>().Map(application);
        services.GetRequiredService<StreamEndpoint>().Map(application);
        services.GetRequiredService<EmulationEndpoint>().Map(application);
        services.GetRequiredService<InitEndpoint>().Map(application);
    }
}
