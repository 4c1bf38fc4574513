using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Telemetry;

namespace ClawEvents.Broker.Cluster.Bus;

/// <summary>Reads messages from the bus and passes them to the hub, or to the receiver of node messages.</summary>
/// <remarks>Called by the workers: for one name one call at a time. Malformed messages are counted, logged once per kind, and dropped.</remarks>
/// <param name="nodeId">Messages of this node itself are ignored.</param>
/// <param name="sequence">Gets the orders that Redis keeps.</param>
/// <param name="regressed">Called when a channel has, or may have, gone back to an earlier position; does not wait.</param>
internal sealed partial class BusDelivery(
    Guid nodeId, IChannelReceiver receiver, INodeOrders orders, OrderSequence sequence, Regressed regressed, BrokerMetrics metrics, ILogger logger) : IBusDelivery
{
    // The largest exact number in Lua.
    private const ulong MostOffset = 1UL << 53;

    // One bit per kind of fault that was logged.
    private int _logged;

    public void Deliver(BusSubscription subscription, ReadOnlyMemory<byte> message)
    {
        var fault = NodeEnvelope.Read(message, subscription.Last.Epoch, out var envelope);
        if (fault is EnvelopeFault.None)
        {
            fault = subscription.Channel is { } channel ? Deliver(subscription, channel, envelope) : PassOn(envelope);
        }

        if (fault is not EnvelopeFault.None)
        {
            Drop(subscription, fault);
        }
    }

    public ValueTask WhenRoom() => receiver.WhenRoom();

    public void Interrupt(BusSubscription subscription, StreamPosition? top)
    {
        if (subscription.Channel is { } channel)
        {
            SuspectRegress(subscription, top);
            receiver.DeliverInterruption(channel, top);
        }
        else if (!subscription.IsOfOneNode && !sequence.OnHearing())
        {
            orders.OnInterruption();
        }
    }

    private EnvelopeFault Deliver(BusSubscription subscription, ChannelName channel, in NodeEnvelope envelope)
    {
        switch (envelope.Kind)
        {
            case EnvelopeKind.Publication or EnvelopeKind.PublicationWithPrevious or EnvelopeKind.Kept or EnvelopeKind.KeptWithPrevious:
                using (PublishTrace.Heard(envelope.Trace ?? "", channel))
                {
                    DeliverPublication(subscription, channel, envelope);
                }

                return EnvelopeFault.None;
            case EnvelopeKind.Cleared:
                subscription.Last = envelope.Publication.Position;
                receiver.DeliverInterruption(channel, envelope.Publication.Position);
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

    private void DeliverPublication(BusSubscription subscription, ChannelName channel, in NodeEnvelope envelope)
    {
        if (envelope.Kind is EnvelopeKind.Kept or EnvelopeKind.KeptWithPrevious)
        {
            Follow(subscription, envelope.Publication.Position);
        }

        receiver.Deliver(channel, envelope.Publication);
    }

    // Redis sends each position once, in order. A position that was seen before means that Redis has lost its newest data (a failover to a
    // replica that lagged behind, a restart): subscribers have another publication at that position and would skip this one.
    private void Follow(BusSubscription subscription, StreamPosition position)
    {
        var last = subscription.Last;
        subscription.Last = position;
        if (position.Offset <= last.Offset && position.Epoch == last.Epoch)
        {
            regressed(subscription, last.Epoch, MostOffset);
        }
    }

    // More may have arrived since that position was read. So Redis is asked once more, and this time it has to know what has arrived.
    private void SuspectRegress(BusSubscription subscription, StreamPosition? top)
    {
        if (subscription.Last is { Offset: > 0 } last && top?.Epoch == last.Epoch && top.Value.Offset < last.Offset)
        {
            regressed(subscription, last.Epoch, last.Offset);
        }
    }

    private EnvelopeFault PassOn(in NodeEnvelope envelope)
    {
        if (envelope.Kind is not (EnvelopeKind.Order or EnvelopeKind.KeptOrder) || NodeMessageCodec.Read(envelope.Content, out var sender) is not { } message)
        {
            return EnvelopeFault.Malformed;
        }

        if (envelope.Kind is EnvelopeKind.KeptOrder)
        {
            sequence.OnOrder(envelope.Id, envelope.PreviousId, sender, message);
        }
        else if (sender != nodeId)
        {
            orders.OnMessage(sender, message);
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
        [LoggerMessage(1, LogLevel.Warning, "Dropped a message on the bus ({Fault}), the first of its kind, in {Name}. Further ones are only counted.")]
        public static partial void Dropped(ILogger logger, EnvelopeFault fault, string name);
    }
}

/// <param name="epoch">The epoch that ends.</param>
/// <param name="below">The epoch ends only if the channel's offset is below this one.</param>
internal delegate void Regressed(BusSubscription subscription, string epoch, ulong below);
