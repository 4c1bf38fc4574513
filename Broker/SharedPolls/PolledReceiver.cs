using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Hub;

namespace ClawEvents.Broker.SharedPolls;

/// <summary>Gives what the engine delivers to the hub, and direct publishes of shared polls to their channel.</summary>
/// <inheritdoc cref="IChannelReceiver"/>
internal sealed class PolledReceiver(ChannelHub hub, SharedPollChannels polls) : IChannelReceiver
{
    /// <inheritdoc/>
    public void Deliver(ChannelName channel, in DeliveredPublication publication)
    {
        if (!polls.TryFind(channel, out var polled))
        {
            hub.Deliver(channel, publication);
        }
        else if (DirectPublication.TryRead(publication.Publication, out var value, out var epoch))
        {
            polled.OnPublished(value, epoch);
        }
    }

    /// <inheritdoc/>
    public void DeliverJoin(ChannelName channel, ClientInfo client) => hub.DeliverJoin(channel, client);

    /// <inheritdoc/>
    public void DeliverLeave(ChannelName channel, ClientInfo client) => hub.DeliverLeave(channel, client);

    /// <inheritdoc/>
    public void DeliverInterruption(ChannelName channel, StreamPosition? top) => hub.DeliverInterruption(channel, top);

    /// <inheritdoc/>
    public ValueTask WhenRoom() => hub.WhenRoom();
}
