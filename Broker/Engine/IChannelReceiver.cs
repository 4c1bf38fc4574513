using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Engine;

/// <summary>Delivers on this node what the engine has put in order: the hub.</summary>
/// <remarks>Called by the engine, possibly under a gate of the channel: members never wait, do not throw, and do not call the engine.</remarks>
internal interface IChannelReceiver
{
    /// <summary>Delivers to the channel's subscribers. For one channel calls exclude each other and come in the order of the offsets.</summary>
    /// <remarks>Publications without an offset exclude nobody: the hub's own order holds for them.</remarks>
    void Deliver(ChannelName channel, in DeliveredPublication publication);

    void DeliverJoin(ChannelName channel, ClientInfo client);

    void DeliverLeave(ChannelName channel, ClientInfo client);

    /// <summary>Some of what was published may have passed this node by: the connection it comes over was lost, or the server lost its newest data.</summary>
    /// <param name="channel">One with local subscribers. From here on nothing is missing again.</param>
    /// <param name="top">The channel's position; every publication up to it that has reached this node has been delivered. Null: it has none.</param>
    /// <remarks>
    /// In the channel's order, like deliveries. Subscriptions that have reached <paramref name="top"/> go on; all others,
    /// and those without a position, end with 2500, so that the client subscribes again and learns what it missed, or that it missed something.
    /// An engine in memory never calls it.
    /// </remarks>
    void DeliverInterruption(ChannelName channel, StreamPosition? top);

    /// <summary>Waits while so much is to be delivered that more would only make a longer queue. Those who publish call it first, without a gate.</summary>
    /// <returns>Usually complete.</returns>
    ValueTask WhenRoom() => ValueTask.CompletedTask;
}
