using System.Diagnostics.Metrics;

namespace ClawEvents.Broker.Telemetry;

/// <summary>The broker's counters and durations, on the meter <c>ClawEvents.Broker</c>. Read them with dotnet-counters or any OpenTelemetry listener.</summary>
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
    private readonly Histogram<double> _proxyDurations;

    public BrokerMetrics()
    {
        _meter = new Meter(MeterName);
        _connections = _meter.CreateCounter<long>("clawevents.connections.opened", "{connection}", "WebSocket connections accepted.");
        _disconnects = _meter.CreateCounter<long>("clawevents.connections.closed", "{connection}", "WebSocket connections ended, by the code of the close.");
        _refusedUpgrades = _meter.CreateCounter<long>("clawevents.upgrades.refused", "{request}", "WebSocket requests answered without an upgrade, by HTTP status.");
        _refusals = _meter.CreateCounter<long>("clawevents.refusals", "{request}", "Commands and HTTP requests refused, by code.");
        _publications = _meter.CreateCounter<long>("clawevents.publications", "{publication}", "Publications the hub took.");
        _deliveries = _meter.CreateCounter<long>("clawevents.deliveries", "{delivery}", "Publications put into a connection's queue.");
        _proxyDurations = _meter.CreateHistogram<double>("clawevents.proxy.duration", "s", "How long back ends took to answer, by event and outcome.");
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

    /// <param name="kind">The event that a back end was asked about.</param>
    /// <param name="outcome"><c>result</c>, <c>error</c>, <c>disconnect</c>, or <c>fault</c> when it did not answer.</param>
    /// <param name="duration">From the request to the end of the answer.</param>
    public void ProxyAnswered(string kind, string outcome, TimeSpan duration) => _proxyDurations.Record(
        duration.TotalSeconds, new KeyValuePair<string, object?>("event", kind), new KeyValuePair<string, object?>("outcome", outcome));

    public void Dispose() => _meter.Dispose();
}
