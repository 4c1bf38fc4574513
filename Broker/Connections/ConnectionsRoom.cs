using ClawEvents.Broker.Transport;

namespace ClawEvents.Broker.Connections;

/// <summary>Wires live connections and the WebSocket door.</summary>
internal static class ConnectionsRoom
{
    /// <param name="certificate">Unused while no certificate files are set.</param>
    /// <param name="hosts">The names by which the broker may be reached.</param>
    /// <param name="origins">The pages that may open a connection.</param>
    /// <param name="drain">How the node leaves.</param>
    public static void Add(IServiceCollection services, PortCertificates certificate, HostPolicy hosts, OriginPolicy origins, DrainOptions drain) => services
        .AddSingleton(certificate)
        .AddSingleton(hosts)
        .AddSingleton(origins)
        .AddSingleton(drain)
        .AddSingleton<NodeIdentity>()
        .AddSingleton<OpenConnections>()
        .AddSingleton<ConnectionLimits>()
        .AddSingleton<Drain>()
        .AddHostedService<Admission>()
        .AddSingleton<MapPresence>()
        .AddSingleton<Attendance>()
        .AddSingleton<PositionWatch>()
        .AddSingleton<Renewal>()
        .AddSingleton<WriteWatch>()
        .AddSingleton<ConnectionServices>()
        .AddSingleton<UpgradeHandshake>()
        .AddSingleton<UpgradeConversation>()
        .AddSingleton<WebSocketEndpoint>()
        .AddSingleton<ReactorEndpoint>()
        .AddSingleton<IFirstBytes>(provider => provider.GetRequiredService<ReactorEndpoint>())
        .AddHostedService<ReactorDrain>()
        .AddSingleton<HttpUpgradeEndpoint>();

    public static void Map(WebApplication application) => application.Services.GetRequiredService<HttpUpgradeEndpoint>().Map(application);
}
