using System.Diagnostics.Metrics;

namespace ClawEvents.Broker.Telemetry;

/// <summary>The broker's counters, on the meter <c>ClawEvents.Broker</c>. Read them with dotnet-counters or any OpenTelemetry listener.</summary>
/// <remarks>docs/reference/metrics.md lists them. Thread-safe; a counter nobody listens to costs a few nanoseconds.</remarks>
internal sealed class BrokerMetrics : IDisposable
{
    public const string MeterName = "ClawEvents.Broker";

    private readonly Meter _meter;
    private readonly Counter<long> _connections;
    private readonly Counter<long> _disconnects;
    private readonly Counter<long> _refusedUpgrades;
    private readonly Counter<long> _refusals;
    private readonly Counter<long> _publications;
    private readonly Counter<long> _deliveries;
    private readonly Counter<long> _busFaults;

    public BrokerMetrics()
    {
        _meter = new Meter(MeterName);
        _connections = _meter.CreateCounter<long>("clawevents.connections.opened", "{connection}", "WebSocket connections accepted.");
        _disconnects = _meter.CreateCounter<long>("clawevents.connections.closed", "{connection}", "WebSocket connections ended, by the code of the close.");
        _refusedUpgrades = _meter.CreateCounter<long>("clawevents.upgrades.refused", "{request}", "WebSocket requests answered without an upgrade, by HTTP status.");
        _refusals = _meter.CreateCounter<long>("clawevents.refusals", "{request}", "Commands and HTTP requests refused, by code.");
        _publications = _meter.CreateCounter<long>("clawevents.publications", "{publication}", "Publications the hub took.");
        _deliveries = _meter.CreateCounter<long>("clawevents.deliveries", "{delivery}", "Publications put into a connection's queue.");
        _busFaults = _meter.CreateCounter<long>("clawevents.bus.dropped", "{message}", "Messages on the bus between nodes that were no good, by fault.");
    }

    public void ConnectionOpened() => _connections.Add(1);

    /// <param name="code">The code of the close frame, sent or received; 1006 when the transport was lost without one.</param>
    public void ConnectionClosed(int code) => _disconnects.Add(1, new KeyValuePair<string, object?>("code", code));

    public void UpgradeRefused(int status) => _refusedUpgrades.Add(1, new KeyValuePair<string, object?>("status", status));

    public void Refused(int code) => _refusals.Add(1, new KeyValuePair<string, object?>("code", code));

    public void Published(int deliveries)
    {
        _publications.Add(1);
        _deliveries.Add(deliveries);
    }

    /// <param name="fault">What is wrong with it.</param>
    public void BusMessageDropped(string fault) => _busFaults.Add(1, new KeyValuePair<string, object?>("fault", fault));

    public void Dispose() => _meter.Dispose();
}
