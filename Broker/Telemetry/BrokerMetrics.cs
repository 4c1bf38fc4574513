using System.Diagnostics.Metrics;
using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Telemetry;

/// <summary>The broker's metrics, on the meter <c>ClawEvents.Broker</c>. Read them at <c>/metrics</c>, with dotnet-counters or any OpenTelemetry listener.</summary>
/// <remarks>docs/reference/metrics.md lists them. Thread-safe; a counter without listeners costs a few nanoseconds.</remarks>
internal sealed class BrokerMetrics : IDisposable
{
    public const string MeterName = "ClawEvents.Broker";

    private readonly Meter _meter;
    private readonly Counter<long> _connections;
    private readonly Counter<long> _disconnects;
    private readonly Counter<long> _refusedUpgrades;
    private readonly Counter<long> _refusals;
    private readonly Counter<long> _denials;
    private readonly Counter<long> _requests;
    private readonly PublicationCounts _publications = new();
    private readonly Histogram<double> _proxyDurations;
    private readonly Counter<long> _busFaults;
    private readonly Counter<long> _missedOrders;

    public BrokerMetrics()
    {
        _meter = new Meter(MeterName);
        _connections = _meter.CreateCounter<long>("clawevents.connections.opened", "{connection}", "Connections accepted, over every transport.");
        _disconnects = _meter.CreateCounter<long>("clawevents.connections.closed", "{connection}", "Connections ended, by the code of the close.");
        _refusedUpgrades = _meter.CreateCounter<long>("clawevents.upgrades.refused", "{request}", "WebSocket requests answered without an upgrade, by HTTP status.");
        _refusals = _meter.CreateCounter<long>("clawevents.refusals", "{command}", "Commands of clients refused, by error code.");
        _denials = _meter.CreateCounter<long>("clawevents.denials", "{denial}", "Actions on channels that a rule of the permissions refused, by rule and action.");
        _requests = _meter.CreateCounter<long>("clawevents.http.requests", "{request}", "HTTP requests answered, by status.");
        _meter.CreateObservableCounter("clawevents.publications", _publications.Publications, "{publication}", "Publications accepted by the hub, by channel namespace.");
        _meter.CreateObservableCounter("clawevents.deliveries", _publications.Deliveries, "{delivery}", "Publications for connections: in their queues, or posted to their reactors, by channel namespace.");
        _proxyDurations = _meter.CreateHistogram<double>("clawevents.proxy.duration", "s", "Response time of back ends, by event and outcome.");
        _busFaults = _meter.CreateCounter<long>("clawevents.bus.dropped", "{message}", "Invalid messages on the bus between nodes, by fault.");
        _missedOrders = _meter.CreateCounter<long>("clawevents.orders.missed", "{order}", "Orders of other nodes that were sent while the node was cut off: made up, or lost.");
    }

    public void ConnectionOpened() => _connections.Add(1);

    /// <param name="code">The code of the close frame, sent or received; 1006 when the transport was lost without one.</param>
    public void ConnectionClosed(int code) => _disconnects.Add(1, new KeyValuePair<string, object?>("code", code));

    public void UpgradeRefused(int status) => _refusedUpgrades.Add(1, new KeyValuePair<string, object?>("status", status));

    public void Refused(int code) => _refusals.Add(1, new KeyValuePair<string, object?>("code", code));

    /// <param name="rule">The word of the rule that refused.</param>
    /// <param name="action">The word of the action.</param>
    public void Denied(string rule, string action) =>
        _denials.Add(1, new KeyValuePair<string, object?>("rule", rule), new KeyValuePair<string, object?>("action", action));

    public void Requested(int status) => _requests.Add(1, new KeyValuePair<string, object?>("status", status));

    /// <remarks>Hot path.</remarks>
    public void Published(ChannelName channel, int deliveries) => _publications.Add(channel, deliveries);

    /// <summary>Adds a gauge whose value is read on each scrape.</summary>
    public void AddGauge(string name, string unit, string description, Func<long> value) =>
        _meter.CreateObservableGauge(name, value, unit, description);

    /// <summary>Adds a counter that is kept elsewhere and read on each scrape.</summary>
    public void AddCounter(string name, string unit, string description, Func<long> total) =>
        _meter.CreateObservableCounter(name, total, unit, description);

    /// <summary>Whether the instrument is on this meter; another broker in the same process has its own meter of the same name.</summary>
    public bool Owns(Instrument instrument) => instrument.Meter == _meter;

    /// <param name="kind">The event that a back end was asked about.</param>
    /// <param name="outcome"><c>result</c>, <c>error</c>, <c>disconnect</c>, or <c>fault</c> if it did not answer.</param>
    /// <param name="duration">From the request to the end of the answer.</param>
    public void ProxyAnswered(string kind, string outcome, TimeSpan duration) => _proxyDurations.Record(
        duration.TotalSeconds, new KeyValuePair<string, object?>("event", kind), new KeyValuePair<string, object?>("outcome", outcome));

    public void BusMessageDropped(string fault) => _busFaults.Add(1, new KeyValuePair<string, object?>("fault", fault));

    /// <param name="outcome"><c>made_up</c>: an order was carried out late. <c>lost</c>: any number may be missing for good.</param>
    public void OrderMissed(string outcome) => _missedOrders.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    public void Dispose() => _meter.Dispose();
}
