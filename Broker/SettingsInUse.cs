using ClawEvents.Broker.Api.Admin;
using ClawEvents.Broker.Api.Server;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Grpc;
using ClawEvents.Broker.Limits;
using ClawEvents.Broker.Telemetry;

namespace ClawEvents.Broker;

/// <summary>The parts of a running broker whose settings simply take new values.</summary>
/// <param name="atStart">Its records are those that the rooms read.</param>
internal sealed class SettingsInUse(
    BrokerOptions atStart, HostPolicy hosts, OriginPolicy origins, ConnectionLimits limits, AddressLimits addresses, TrustedProxies proxies, ServerApiKey serverApi, GrpcApiKey grpcApi, AdminSessions admin, AccessLog accessLog)
{
    /// <summary>New values, for what begins from now on. Thread-safe.</summary>
    /// <param name="fresh">Valid ones.</param>
    public void Apply(BrokerOptions fresh)
    {
        hosts.ReplaceWith(BrokerRooms.HostsOf(fresh.Listeners.AllowedHosts, atStart.Api.DevMode));
        origins.ReplaceWith(new OriginPolicy(fresh.Connections.AllowedOrigins));
        limits.ApplySettings(fresh.Connections);
        addresses.ApplySettings(fresh.Addresses);
        proxies.ReplaceWith(BrokerRooms.ProxiesOf(fresh.Listeners));
        atStart.Connections.ApplySettings(fresh.Connections);
        atStart.Clients.ApplySettings(fresh.Clients);
        atStart.Publishing.ApplySettings(fresh.Publishing);
        atStart.Identity.ApplySettings(fresh.Identity);
        atStart.Api.ApplySettings(fresh.Api);
        atStart.SharedPolls.ApplySettings(fresh.SharedPolls);
        serverApi.ApplySettings(fresh.Api);
        grpcApi.ApplySettings(fresh.Grpc);
        admin.ApplySettings(fresh.Api);
        accessLog.IsWanted = fresh.Listeners.AccessLog;
    }
}
