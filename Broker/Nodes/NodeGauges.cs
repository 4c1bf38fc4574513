using System.Diagnostics.Metrics;
using System.Text.Json;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Limits;
using ClawEvents.Broker.Telemetry;
using ClawEvents.Broker.Transport;

namespace ClawEvents.Broker.Nodes;

/// <summary>The current numbers of connections, users and channels on this node, and the faults of its reactors. The constructor adds them to the meter.</summary>
internal sealed class NodeGauges
{
    public NodeGauges(BrokerMetrics metrics, OpenConnections open, ChannelHub hub, ReactorPool reactors, LimitHits hits, NodeRegistry? registry = null)
    {
        metrics.AddGauge("clawevents.connections", "{connection}", "Connections that have connected.", () => open.All().Count);
        metrics.AddGauge("clawevents.users", "{user}", "Different users of these connections.", () => open.All().Select(connection => connection.Principal.Name).Distinct().Count());
        metrics.AddGauge("clawevents.channels", "{channel}", "Channels with subscribers.", () => hub.ChannelCount);
        metrics.AddGauge("clawevents.subscriptions", "{subscription}", "Subscriptions.", () => hub.SubscriptionCount);
        metrics.AddGauge("clawevents.nodes", "{node}", "Nodes that this one knows, itself among them.", () => 1 + (registry?.Others.Count ?? 0));
        metrics.AddCounter("clawevents.limits.hit", "{hit}", "Requests, publishes and connections that a limit has refused, and commands that it has delayed, by limit.", () => OfEach(hits));
        metrics.AddGauge("clawevents.queue.size", "By", "Bytes that wait for slow clients, of all connections.", () => open.All().Sum(connection => (long)connection.Outbound.WaitingBytes));
        metrics.AddGauge("clawevents.queue.max_size", "By", "Bytes that wait for the slowest client.", () => open.All().Select(connection => connection.Outbound.WaitingBytes).DefaultIfEmpty().Max());
        metrics.AddCounter("clawevents.reactor.faults", "{fault}", "Exceptions that ended one connection or one piece of work on a reactor.", () => reactors.Faults);
        metrics.AddCounter("clawevents.reactor.turns", "{turn}", "Passes of the loops of reactors, by reactor.", () => OfEach(reactors, reactor => reactor.Turns));
        metrics.AddCounter("clawevents.network.received", "By", "Bytes received, with those of handshakes and HTTP, by reactor.", () => OfEach(reactors, reactor => reactor.Received));
        metrics.AddCounter("clawevents.network.sent", "By", "Bytes sent, with those of handshakes and HTTP, by reactor.", () => OfEach(reactors, reactor => reactor.Sent));
    }

    // As in the enumeration, with underscores: anonymous_publishes_of_address.
    private static IEnumerable<Measurement<long>> OfEach(LimitHits hits) => Enum.GetValues<Limit>()
        .Select(limit => new Measurement<long>(hits.Of(limit), new KeyValuePair<string, object?>("limit", JsonNamingPolicy.SnakeCaseLower.ConvertName(limit.ToString()))));

    private static IEnumerable<Measurement<long>> OfEach(ReactorPool reactors, Func<Reactor, long> total) =>
        reactors.Running.Select(reactor => new Measurement<long>(total(reactor), ReactorWatch.LabelOf(reactor.Index)));
}
