using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Telemetry;
using ClawEvents.Broker.Transport;

namespace ClawEvents.Broker.Nodes;

/// <summary>The current numbers of connections, users and channels on this node, and the faults of its reactors. The constructor adds them to the meter.</summary>
internal sealed class NodeGauges
{
    public NodeGauges(BrokerMetrics metrics, OpenConnections open, ChannelHub hub, ReactorPool reactors)
    {
        metrics.AddGauge("clawevents.connections", "{connection}", "Connections that have connected.", () => open.All().Count);
        metrics.AddGauge("clawevents.users", "{user}", "Different users of these connections.", () => open.All().Select(connection => connection.Principal.Name).Distinct().Count());
        metrics.AddGauge("clawevents.channels", "{channel}", "Channels with subscribers.", () => hub.ChannelCount);
        metrics.AddGauge("clawevents.subscriptions", "{subscription}", "Subscriptions.", () => hub.SubscriptionCount);
        metrics.AddCounter("clawevents.reactor.faults", "{fault}", "Exceptions that ended one connection or one piece of work on a reactor.", () => reactors.Faults);
    }
}
