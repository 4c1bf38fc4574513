using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Engine;

/// <summary>Who hands out on this node what the engine has in order: the hub.</summary>
/// <remarks>Called by the engine, possibly under a gate of the channel: members never wait, do not throw, and do not call the engine.</remarks>
internal interface IChannelReceiver
{
    /// <summary>Delivers to the channel's subscribers. For one channel calls exclude each other and come in the order of the offsets.</summary>
    /// <remarks>Publications without an offset exclude nobody: the hub's own order holds for them.</remarks>
    void Deliver(ChannelName channel, in DeliveredPublication publication);

    void DeliverJoin(ChannelName channel, ClientInfo client);

    void DeliverLeave(ChannelName channel, ClientInfo client);
}
