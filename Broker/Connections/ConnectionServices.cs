using System.Collections.Frozen;
using ClawEvents.Broker.Clock;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Limits;
using ClawEvents.Broker.Proxies;
using ClawEvents.Broker.Telemetry;
using ClawEvents.Broker.Telemetry.Following;

namespace ClawEvents.Broker.Connections;

/// <summary>The services that all connections share: a connection holds one reference instead of one for each.</summary>
internal sealed record ConnectionServices(
    ConnectionOptions Options,
    ClientSettings Clients,
    ProxyOptions Proxies,
    TransportSettings Transports,
    ChannelHub Hub,
    INodeSubscriptions NodeSubscriptions,
    OpenConnections Connections,
    Attendance Attendance,
    PositionWatch Positions,
    Renewal Renewal,
    WriteWatch Writes,
    TimerWheel Wheel,
    SlowLane SlowLane,
    BrokerMetrics Metrics,
    LiveTrace Trace,
    LimitHits Hits,
    TimeProvider Time,
    ILogger<ClientConnection> Logger)
{
    /// <summary>The commands that a connection may send before its turns come after those of others.</summary>
    public BucketRule CommandRule => new(Options.CommandsPerSecond, Options.CommandsPerSecond);

    /// <summary>Of what is sent.</summary>
    public Compression Compression { get; } = Transports.Compression;

    /// <summary>The headers of a client's request that are kept: those that are sent to back ends, and the one that names the user.</summary>
    public FrozenSet<string> KeptHeaders { get; } = Clients.UserIdHeader is { } header
        ? Proxies.Headers.Append(header).ToFrozenSet(StringComparer.OrdinalIgnoreCase)
        : Proxies.Headers;
}
