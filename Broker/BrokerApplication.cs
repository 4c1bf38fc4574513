using System.Security.Cryptography.X509Certificates;
using ClawEvents.Broker.Api;
using ClawEvents.Broker.Api.Description;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Commands;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Identity.ClientTokens;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.State;
using ClawEvents.Broker.Telemetry;
using ClawEvents.Broker.Timers;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace ClawEvents.Broker;

/// <summary>Puts the rooms together: services, the transport's middleware, HTTP endpoints.</summary>
internal static class BrokerApplication
{
    /// <summary>Builds a broker that is ready to start.</summary>
    /// <param name="options">Checked by <see cref="BrokerOptionsReader"/>.</param>
    /// <param name="configure">Last word on services and logging; a test puts its clock here.</param>
    /// <exception cref="IOException">The data folder or a file in it cannot be used.</exception>
    /// <exception cref="UnauthorizedAccessException">The data folder or a file in it belongs to somebody else.</exception>
    /// <exception cref="StoreRefusedException">Redis is there and refuses.</exception>
    public static WebApplication Build(BrokerOptions options, Action<WebApplicationBuilder>? configure = null)
    {
        // Before the store is opened: its faults concern the same folder and come out the same way.
        var secret = options.JwtSecret is { } given ? new SigningSecret(given) : SigningSecret.OfFolder(options.DataFolder);

        // What is wrong with the store is thrown where it is asked for, before anything listens.
        var opening = new StoreOpening(options);

        // The empty builder: the default one watches files and loads hosting parts that cost a third of the start-up time.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel => Listen(kestrel, options));
        builder.Services.AddRoutingCore();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(10));
        var origins = new OriginPolicy(options.AllowedOrigins);
        builder.Services.AddAllowedOrigins(origins).AddApiDocument();
        AddRooms(builder.Services.AddSingleton(origins), options, secret, opening);
        configure?.Invoke(builder);
        var application = builder.Build();
        MapEndpoints(application, options);
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
        .AddSingleton(new ChannelNames(options.MaxChannelBytes))
        .AddSingleton(options.Namespaces)
        .AddSingleton<ChannelPermissions>()
        .AddSingleton<SubscriptionSweeper>()
        .AddSingleton<BrokerMetrics>()
        .AddSingleton<ActivityRecorder>()
        .AddSingleton<ChannelHub>()
        .AddSingleton<AdvertisedSchemas>()
        .AddSingleton<ChannelPublisher>()
        .AddSingleton<ConnectHandler>()
        .AddSingleton<RefreshHandler>()
        .AddSingleton<SubscribeHandler>()
        .AddSingleton<UnsubscribeHandler>()
        .AddSingleton<PublishHandler>()
        .AddSingleton<CommandDispatcher>()
        .AddSingleton<TimerWheel>()
        .AddSingleton<OpenConnections>()
        .AddSingleton<ConnectionServices>()
        .AddSingleton<UpgradeHandshake>()
        .AddSingleton<WebSocketEndpoint>()
        .AddSingleton<HttpUpgradeEndpoint>()
        .AddSingleton<HealthApi>()
        .AddSingleton<BearerAuthentication>()
        .AddSingleton<ServerApiKey>()
        .AddSingleton<ServerApiMethods>()
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
        .AddHostedService(rooms => rooms.GetRequiredService<ActivityRecorder>())
        .AddHostedService<SystemTimers>();

    private static ConnectionTokens ConnectionTokensOf(IServiceProvider rooms, TokenSettings settings) =>
        new(VerifierOf(rooms, settings), settings, rooms.GetRequiredService<IStateStore>());

    private static ClientTokenVerifier VerifierOf(IServiceProvider rooms, TokenSettings settings)
    {
        var time = rooms.GetRequiredService<TimeProvider>();
        var published = settings.KeysAddress is { } address ? new PublishedKeys(address, time) : null;
        return new(settings, new TokenKeys(settings, rooms.GetRequiredService<SigningSecret>(), published), time);
    }

    private static void Listen(KestrelServerOptions kestrel, BrokerOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = options.MaxRequestBytes;

        // A frame stays in the transport's pipe until it is whole: the pipe has to hold the longest one allowed, and its header.
        kestrel.Limits.MaxRequestBufferSize = Math.Max(options.MaxRequestBytes, options.MaxMessageBytes + FrameReader.MaxHeaderLength);
        if (options.Address is { } address)
        {
            kestrel.Listen(address, options.Port, listen => Configure(listen, options));
        }
        else if (options.Port == 0)
        {
            // Two addresses cannot agree on a free port.
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => Configure(listen, options));
        }
        else
        {
            kestrel.ListenLocalhost(options.Port, listen => Configure(listen, options));
        }
    }

    private static void Configure(ListenOptions listen, BrokerOptions options)
    {
        listen.Protocols = HttpProtocols.Http1;
        if (options.UsesTls)
        {
            listen.UseHttps(X509Certificate2.CreateFromPemFile(options.TlsCertificateFile!, options.TlsKeyFile));
        }

        var endpoint = listen.ApplicationServices.GetRequiredService<WebSocketEndpoint>();
        listen.Use(next => context => endpoint.HandleAsync(context, next));
    }

    private static void MapEndpoints(WebApplication application, BrokerOptions options)
    {
        application.UseResponseHeaders();
        application.UseMiddleware<RequestFaults>();
        if (options.AllowedOrigins.Count > 0)
        {
            application.UseCors();
        }

        application.UseHeadAsGet();
        application.UseRouting();
        var services = application.Services;
        services.GetRequiredService<HealthApi>().Map(application);
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
        application.MapGet(WebSocketEndpoint.Path, (RequestDelegate)services.GetRequiredService<HttpUpgradeEndpoint>().HandleAsync).Describe(
            new("WebSocket", "Open a connection (docs/reference/protocol.md)")
            {
                Status = StatusCodes.Status101SwitchingProtocols,
                Refusals = [StatusCodes.Status400BadRequest, StatusCodes.Status403Forbidden, StatusCodes.Status503ServiceUnavailable],
            });
    }
}
