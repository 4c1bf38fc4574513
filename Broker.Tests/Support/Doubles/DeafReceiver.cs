using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;

namespace ClawEvents.Broker.Tests.Support.Doubles;

/// <summary>Takes what an engine delivers, and does nothing: what is measured is the engine's.</summary>
internal sealed class DeafReceiver : IChannelReceiver
{
    public void Deliver(ChannelName channel, in DeliveredPublication publication)
    {
    }

    public void DeliverJoin(ChannelName channel, ClientInfo client)
    {
    }

    public void DeliverLeave(ChannelName channel, ClientInfo client)
    {
    }

    public void DeliverInterruption(ChannelName channel, StreamPosition? top)
    {
    }
}
