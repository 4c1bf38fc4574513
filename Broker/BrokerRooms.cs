using ClawEvents.Broker.Acme;
using ClawEvents.Broker.Api;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Clock;
using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Commands;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Consumers;
using ClawEvents.Broker.Grpc;
using ClawEvents.Broker.Http;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Identity.Tokens;
using ClawEvents.Broker.Limits;
using ClawEvents.Broker.Mcp;
using ClawEvents.Broker.Nodes;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.Proxies;
using ClawEvents.Broker.Publishing;
using ClawEvents.Broker.Revocations;
using ClawEvents.Broker.SharedPolls;
using ClawEvents.Broker.State;
using ClawEvents.Broker.Telemetry;
using ClawEvents.Broker.Text;
using ClawEvents.Broker.Timers;
using ClawEvents.Broker.Transport;
using ClawEvents.Broker.Transports;
using ClawEvents.Broker.Web;
using ClawEvents.Broker.Webhooks;

namespace ClawEvents.Broker;

/// <summary>All rooms, from the bottom floor up. docs/contributing/architecture.md</summary>
internal static class BrokerRooms
{
    private static readonly TimeSpan DrainAmongOthers = TimeSpan.FromSeconds(5);

    /// <summary>The names by which the broker may be reached.</summary>
    public static HostPolicy HostsOf(IReadOnlyCollection<string> allowedHosts, bool isDevMode) => new(allowedHosts, isOpen: !isDevMode);

    /// <summary>How the node leaves: without a set time at once when it is alone, because its clients can only wait for the next start.</summary>
    public static DrainOptions DrainOf(BrokerOptions options) =>
        new(options.Listeners.DrainDelay, options.Listeners.DrainTime ?? (options.State.Redis.Count > 0 ? DrainAmongOthers : TimeSpan.Zero));

    /// <summary>The proxies whose word about addresses is believed.</summary>
    public static TrustedProxies ProxiesOf(ListenerOptions listeners) => new(listeners.TrustedProxies, listeners.TrustsUnixSocket);

    /// <summary>Wires every room.</summary>
    /// <param name="services">Where to; what is added later replaces what is added here.</param>
    /// <param name="options">Checked by <see cref="BrokerOptionsReader"/>.</param>
    /// <param name="secret">Signs tokens.</param>
    /// <param name="openStore">Called when the store is first asked for.</param>
    /// <exception cref="CertificateException">The TLS files are invalid, or the certificate is not valid now.</exception>
    public static void Add(IServiceCollection services, BrokerOptions options, SigningSecret secret, Func<IServiceProvider, IStateStore> openStore)
    {
        var hosts = HostsOf(options.Listeners.AllowedHosts, options.Api.DevMode);
        var origins = new OriginPolicy(options.Connections.AllowedOrigins);
        services
            .AddSingleton(options.Listeners)
            .AddSingleton(options.Connections)
            .AddSingleton(options.Clients)
            .AddSingleton(options.Transports)
            .AddSingleton(options.Publishing)
            .AddSingleton(options.Api);
        ClockRoom.Add(services);
        LimitsRoom.Add(services, options.Addresses, ProxiesOf(options.Listeners));
        HttpRoom.Add(services, BrokerVersion.Number);
        TransportRoom.Add(
            services,
            options.Listeners.Transport,
            options.Listeners.Reactors,
            BrokerListeners.MaxPipeBytes(options),
            new(options.Listeners.MaxSockets, options.Listeners.MaxHttpConnections));
        ChannelsRoom.Add(services, options.Namespaces, new(options.MaxChannelBytes, options.ChannelSyntax));
        TelemetryRoom.Add(services, options.Telemetry, options.Listeners.AccessLog);
        IdentityRoom.Add(services, options.Identity, secret);
        StateRoom.Add(services, openStore);
        ProxiesRoom.Add(services, options.Proxies);
        HubRoom.Add(services, options.Transports.Compression);
        PermissionsRoom.Add(services, options.Clients.IsInsecure);
        SharedPollsRoom.Add(services, options.SharedPolls);
        PublishingRoom.Add(services);
        ConnectionsRoom.Add(services, new PortCertificates(options.Listeners), hosts, origins, DrainOf(options));
        if (options.Listeners.Acme is { } acme)
        {
            AcmeRoom.Add(services, acme);
        }

        CommandsRoom.Add(services, options.Proxies.Rpc);
        ClusterRoom.Add(services, options.State.Redis, options.Maps);
        RevocationsRoom.Add(services);
        TimersRoom.Add(services);
        WebhooksRoom.Add(services, options.Webhooks);
        TransportsRoom.Add(services);
        ApiRoom.Add(services, origins);
        WebRoom.Add(services);
        ConsumersRoom.Add(services, options.Consumers, options.Listeners.MaxRequestBytes);
        NodesRoom.Add(services, isAlone: options.State.Redis.Count == 0);
        GrpcRoom.Add(services, options.Grpc);
        if (options.Api.ShowsAdmin)
        {
            TelemetryRoom.AddConsole(services);
            ApiRoom.AddConsole(services);
        }

        if (options.Api.HasMcp)
        {
            McpRoom.Add(services);
        }
    }

    /// <summary>Maps the doors: what every request passes, then each room's paths.</summary>
    public static void Map(WebApplication application, BrokerOptions options)
    {
        if (options.Listeners.Acme is not null)
        {
            AcmeRoom.Use(application);
        }

        if (options.Grpc.IsOn)
        {
            GrpcRoom.Use(application, options.Grpc);
        }

        if (options.Api.HasMcp)
        {
            McpRoom.Use(application);
        }

        ApiRoom.Use(application, application.Services.GetRequiredService<OriginPolicy>(), TransportsRoom.Owns(application.Services.GetRequiredService<TransportSettings>().Paths));
        application.UseRouting();
        ApiRoom.Map(application);
        HttpRoom.Map(application);
        ConnectionsRoom.Map(application);
        TransportsRoom.Map(application);
        WebRoom.Map(application, options.Api, application.Services.GetRequiredService<InternalPort>().GuardConsole);
        if (options.Api.HasMcp)
        {
            McpRoom.Map(application);
        }
    }
}
