using System.Diagnostics.Metrics;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Telemetry;

/// <summary>The broker's metrics, on the meter <c>ClawEvents.Broker</c>. <see cref="TelemetryExport"/> hands them out.</summary>
/// <remarks>
/// docs/reference/metrics.md lists them. Thread-safe. What happens once per command or publication is counted in stripes and read when somebody asks;
/// the other counters cost a few nanoseconds without listeners.
/// </remarks>
internal sealed class BrokerMetrics : IDisposable
{
    public const string MeterName = "ClawEvents.Broker";

    // Seconds: from one system call to a client that gives up.
    private static readonly InstrumentAdvice<double> Durations = new()
    {
        HistogramBucketBoundaries = [0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    };

    private static readonly InstrumentAdvice<long> Publications = new()
    {
        HistogramBucketBoundaries = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000],
    };

    private readonly Meter _meter;
    private readonly Counter<long> _connections;
    private readonly Counter<long> _closed;
    private readonly Counter<long> _disconnects;
    private readonly Counter<long> _unsubscribes;
    private readonly Counter<long> _refusedUpgrades;
    private readonly Counter<long> _refusals;
    private readonly Counter<long> _denials;
    private readonly Counter<long> _requests;
    private readonly Counter<long> _authenticationFailures;
    private readonly Counter<long> _recoveries;
    private readonly Counter<long> _busFaults;
    private readonly Counter<long> _missedOrders;
    private readonly Counter<long> _webhookDeliveries;
    private readonly Counter<long> _webhookPauses;
    private readonly Histogram<long> _recoveredPublications;
    private readonly Histogram<double> _redisDurations;
    private readonly Histogram<double> _proxyDurations;
    private readonly PublicationCounts _publications = new();

    public BrokerMetrics()
    {
        _meter = new Meter(MeterName, BrokerVersion.Number);
        _connections = Count("connections.opened", "{connection}", "Connections accepted, by transport.");
        _closed = Count("connections.closed", "{connection}", "Connections ended by either side, by the code of the close.");
        _disconnects = Count("disconnects", "{connection}", "Connections that the broker ended, by the code of the close.");
        _unsubscribes = Count("unsubscribes", "{subscription}", "Subscriptions that the broker ended, by code.");
        _refusedUpgrades = Count("upgrades.refused", "{request}", "WebSocket requests answered without an upgrade, by HTTP status.");
        _refusals = Count("refusals", "{command}", "Commands of clients refused, by command and error code.");
        _denials = Count("denials", "{denial}", "Actions on channels that a rule of the permissions refused, by rule and action.");
        _requests = Count("http.requests", "{request}", "HTTP requests answered, by status.");
        _authenticationFailures = Count("authentication.failures", "{attempt}", "Failed authentications, by door and cause.");
        _recoveries = Count("recoveries", "{subscription}", "Subscriptions that asked for missed publications, by whether all were there.");
        _recoveredPublications = _meter.CreateHistogram("clawevents.recoveries.publications", "{publication}", "Publications that a subscription has recovered; maps are not counted.", tags: null, Publications);
        _busFaults = Count("bus.dropped", "{message}", "Invalid messages on the bus between nodes, by fault.");
        _missedOrders = Count("orders.missed", "{order}", "Orders of other nodes that were sent while the node was cut off: made up, or lost.");
        _webhookDeliveries = Count("webhooks.deliveries", "{attempt}", "Attempts to deliver a message to a webhook, by whether it was accepted.");
        _webhookPauses = Count("webhooks.pauses", "{webhook}", "Webhooks that were paused, by reason.");
        _redisDurations = AddHistogram("clawevents.redis.duration", "Response time of Redis.");
        _proxyDurations = AddHistogram("clawevents.proxy.duration", "Response time of back ends, by event and outcome.");
        Commands = new CommandMetrics(_meter, Durations);
        _meter.CreateObservableCounter("clawevents.publications", _publications.Publications, "{publication}", "Publications accepted by the hub, by channel namespace.");
        _meter.CreateObservableCounter("clawevents.deliveries", _publications.Deliveries, "{delivery}", "Publications for connections: in their queues, or posted to their reactors, by channel namespace.");
        _meter.CreateObservableCounter("clawevents.deliveries.size", _publications.Bytes, "By", "Payload bytes of these deliveries, by channel namespace.");
        _meter.CreateObservableGauge("clawevents.build", () => new Measurement<int>(1, new KeyValuePair<string, object?>("version", BrokerVersion.Text)), null, "Always 1; the label is the version.");
    }

    /// <summary>Commands of clients.</summary>
    public CommandMetrics Commands { get; }

    /// <param name="transport">As in the access log: <c>websocket</c>, <c>sse</c>…</param>
    public void ConnectionOpened(string transport) => _connections.Add(1, Tag("transport", transport));

    /// <param name="code">The code of the close frame, sent or received; 1006 when the transport was lost without one.</param>
    public void ConnectionClosed(int code) => _closed.Add(1, Tag("code", code));

    /// <summary>The broker has ended a connection.</summary>
    public void Disconnected(int code) => _disconnects.Add(1, Tag("code", code));

    /// <summary>The broker has ended a subscription.</summary>
    public void Unsubscribed(int code) => _unsubscribes.Add(1, Tag("code", code));

    public void UpgradeRefused(int status) => _refusedUpgrades.Add(1, Tag("status", status));

    /// <param name="method">One of <see cref="CommandMetrics.Names"/>.</param>
    public void Refused(string method, int code) => _refusals.Add(1, Tag("method", method), Tag("code", code));

    /// <param name="rule">The word of the rule that refused.</param>
    /// <param name="action">The word of the action.</param>
    public void Denied(string rule, string action) => _denials.Add(1, Tag("rule", rule), Tag("action", action));

    public void Requested(int status) => _requests.Add(1, Tag("status", status));

    /// <param name="door"><c>client</c>, <c>subscription</c>, <c>api</c> or <c>server_api</c>.</param>
    /// <param name="cause"><c>missing</c>, <c>invalid</c>, <c>expired</c>, <c>revoked</c>, <c>unavailable</c> or <c>wrong_key</c>.</param>
    public void AuthenticationFailed(string door, string cause) => _authenticationFailures.Add(1, Tag("door", door), Tag("cause", cause));

    /// <inheritdoc cref="AuthenticationFailed(string, string)"/>
    /// <param name="status">The cause.</param>
    public void AuthenticationFailed<TStatus>(string door, TStatus status)
        where TStatus : struct, Enum => AuthenticationFailed(door, status.ToString().ToLowerInvariant());

    /// <summary>A subscription has recovered all that its client had missed.</summary>
    public void Recovered(int publications)
    {
        Recovered(isComplete: true);
        _recoveredPublications.Record(publications);
    }

    /// <param name="isComplete">The history had all that the client had missed.</param>
    public void Recovered(bool isComplete) => _recoveries.Add(1, Tag("recovered", isComplete ? "yes" : "no"));

    /// <remarks>Hot path.</remarks>
    /// <param name="bytes">Of the payload.</param>
    public void Published(ChannelName channel, int bytes, int deliveries) => _publications.Add(channel, bytes, deliveries);

    /// <summary>Adds a gauge whose value is read on each scrape.</summary>
    public void AddGauge(string name, string unit, string description, Func<long> value) =>
        _meter.CreateObservableGauge(name, value, unit, description);

    /// <inheritdoc cref="AddGauge(string, string, string, Func{long})"/>
    public void AddGauge(string name, string unit, string description, Func<IEnumerable<Measurement<long>>> values) =>
        _meter.CreateObservableGauge(name, values, unit, description);

    /// <summary>Adds a counter that is kept elsewhere and read on each scrape.</summary>
    public void AddCounter(string name, string unit, string description, Func<long> total) =>
        _meter.CreateObservableCounter(name, total, unit, description);

    /// <inheritdoc cref="AddCounter(string, string, string, Func{long})"/>
    public void AddCounter(string name, string unit, string description, Func<IEnumerable<Measurement<long>>> totals) =>
        _meter.CreateObservableCounter(name, totals, unit, description);

    /// <summary>Adds a histogram of seconds.</summary>
    public Histogram<double> AddHistogram(string name, string description) => _meter.CreateHistogram(name, "s", description, tags: null, Durations);

    /// <summary>Whether the instrument is on this meter; another broker in the same process has its own meter of the same name.</summary>
    public bool Owns(Instrument instrument) => instrument.Meter == _meter;

    /// <param name="duration">From the question to the answer.</param>
    public void RedisAnswered(TimeSpan duration) => _redisDurations.Record(duration.TotalSeconds);

    /// <param name="kind">The event that a back end was asked about.</param>
    /// <param name="outcome"><c>result</c>, <c>error</c>, <c>disconnect</c>, or <c>fault</c> if it did not answer.</param>
    /// <param name="duration">From the request to the end of the answer.</param>
    public void ProxyAnswered(string kind, string outcome, TimeSpan duration) =>
        _proxyDurations.Record(duration.TotalSeconds, Tag("event", kind), Tag("outcome", outcome));

    /// <param name="isDelivered">The receiver has accepted the message.</param>
    public void WebhookAnswered(bool isDelivered) => _webhookDeliveries.Add(1, Tag("delivered", isDelivered ? "yes" : "no"));

    /// <param name="reason">The word of a rule of the permissions, or <c>token_revoked</c>, <c>failing</c>, <c>gone</c>.</param>
    public void WebhookPaused(string reason) => _webhookPauses.Add(1, Tag("reason", reason));

    public void BusMessageDropped(string fault) => _busFaults.Add(1, Tag("fault", fault));

    /// <param name="outcome"><c>made_up</c>: an order was carried out late. <c>lost</c>: any number may be missing for good.</param>
    public void OrderMissed(string outcome) => _missedOrders.Add(1, Tag("outcome", outcome));

    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?> Tag(string name, object? value) => new(name, value);

    private Counter<long> Count(string name, string unit, string description) => _meter.CreateCounter<long>($"clawevents.{name}", unit, description);
}

