using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Telemetry;

namespace ClawEvents.Broker.Cluster.Bus;

/// <summary>Reads what comes in over the bus and gives it to the hub, or to whom other nodes speak to.</summary>
/// <remarks>Called by the workers: for one name one call at a time. What is wrong is counted, logged once per kind, and dropped.</remarks>
/// <param name="nodeId">Whose messages are not for us: our own.</param>
/// <param name="receiver">The hub.</param>
/// <param name="orders">Takes what other nodes say.</param>
/// <param name="regressed">Called when a channel has, or may have, gone back to a place that it had before; does not wait.</param>
/// <param name="metrics">Counts what is dropped.</param>
/// <param name="logger">Is told of it once.</param>
internal sealed partial class BusDelivery(
    Guid nodeId, IChannelReceiver receiver, INodeOrders orders, Regressed regressed, BrokerMetrics metrics, ILogger logger) : IBusDelivery
{
    // As far as a number of Lua goes.
    private const ulong MostOffset = 1UL << 53;

    // One bit per kind of fault that was logged.
    private int _logged;

    public void Deliver(BusSubscription subscription, ReadOnlyMemory<byte> message)
    {
        var fault = NodeEnvelope.Read(message, subscription.Last.Epoch, out var envelope);
        if (fault is EnvelopeFault.None)
        {
            fault = subscription.Channel is { } channel ? Deliver(subscription, channel, envelope) : Take(envelope);
        }

        if (fault is not EnvelopeFault.None)
        {
            Drop(subscription, fault);
        }
    }

    public void Interrupt(BusSubscription subscription, StreamPosition? top)
    {
        if (subscription.Channel is { } channel)
        {
            SuspectRegress(subscription, top);
            receiver.DeliverInterruption(channel, top);
        }
        else if (!subscription.IsOfOneNode)
        {
            orders.TakeInterruption();
        }
    }

    private EnvelopeFault Deliver(BusSubscription subscription, ChannelName channel, in NodeEnvelope envelope)
    {
        switch (envelope.Kind)
        {
            case EnvelopeKind.Publication:
                receiver.Deliver(channel, envelope.Publication);
                return EnvelopeFault.None;
            case EnvelopeKind.Kept or EnvelopeKind.KeptWithPrevious:
                DeliverKept(subscription, channel, envelope.Publication);
                return EnvelopeFault.None;
            case EnvelopeKind.Join:
                receiver.DeliverJoin(channel, envelope.Client!);
                return EnvelopeFault.None;
            case EnvelopeKind.Leave:
                receiver.DeliverLeave(channel, envelope.Client!);
                return EnvelopeFault.None;
            default:
                return EnvelopeFault.Malformed;
        }
    }

    // Redis sends each place once, in order. A place that was here before means that Redis has lost its newest data (a failover to a
    // replica that lagged behind, a restart): what subscribers have at that place is something else, and they would skip this one.
    private void DeliverKept(BusSubscription subscription, ChannelName channel, in DeliveredPublication publication)
    {
        var last = subscription.Last;
        subscription.Last = publication.Position;
        if (publication.Position.Offset <= last.Offset && publication.Position.Epoch == last.Epoch)
        {
            regressed(subscription, last.Epoch, MostOffset);
        }

        receiver.Deliver(channel, publication);
    }

    // More may have come in since that position was asked for. So Redis is asked once more, and this time it has to know of what came in.
    private void SuspectRegress(BusSubscription subscription, StreamPosition? top)
    {
        if (subscription.Last is { Offset: > 0 } last && top?.Epoch == last.Epoch && top.Value.Offset < last.Offset)
        {
            regressed(subscription, last.Epoch, last.Offset);
        }
    }

    private EnvelopeFault Take(in NodeEnvelope envelope)
    {
        if (envelope.Kind is not EnvelopeKind.Order || NodeMessageCodec.Read(envelope.Content, out var sender) is not { } message)
        {
            return EnvelopeFault.Malformed;
        }

        if (sender != nodeId)
        {
            orders.Take(sender, message);
        }

        return EnvelopeFault.None;
    }

    private void Drop(BusSubscription subscription, EnvelopeFault fault)
    {
        metrics.BusMessageDropped(fault.ToString());
        if ((Interlocked.Or(ref _logged, 1 << (int)fault) & (1 << (int)fault)) == 0)
        {
            Log.Dropped(logger, fault, subscription.Name);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Dropped a message on the bus ({Fault}), the first of its kind, in {Name}. Others are only counted.")]
        public static partial void Dropped(ILogger logger, EnvelopeFault fault, string name);
    }
}

/// <param name="subscription">Of a channel.</param>
/// <param name="epoch">That is to end.</param>
/// <param name="below">Only if the channel's offset is below this one.</param>
internal delegate void Regressed(BusSubscription subscription, string epoch, ulong below);
