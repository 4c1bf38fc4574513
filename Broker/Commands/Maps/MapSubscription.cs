using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Hub;

namespace ClawEvents.Broker.Commands.Maps;

/// <summary>A client's subscription to a map.</summary>
/// <remarks>
/// DESIGN. It is in the hub, pending, from the first page on: so it counts as one of the connection's, is ended as any other is, and can keep what is
/// delivered. A map with a stream keeps that from just before the last read of the stream on; a map without one from before the first page on,
/// since nothing else says what changed while its pages were read.
/// </remarks>
internal sealed class MapSubscription(ISubscriber subscriber, ChannelName channel, SubscriptionTraits traits, bool tracksPosition, bool takesDeltas)
    : PositionedSubscription(subscriber, channel, traits, tracksPosition, takesDeltas)
{
    /// <summary>The reading of its pages; null when it is live.</summary>
    /// <remarks>Written by the receive loop of the connection, read by the wheel's thread, too.</remarks>
    public MapPaging? Paging { get; set; }
}
