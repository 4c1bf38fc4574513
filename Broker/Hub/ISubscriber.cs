using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Hub;

/// <summary>A connection as the hub sees it. The hub never sees a socket.</summary>
/// <remarks>Members are thread-safe, never wait and do not throw.</remarks>
internal interface ISubscriber
{
    Principal Principal { get; }

    /// <summary>How messages travel to it; does not change.</summary>
    Wire Wire { get; }

    /// <summary>Queues a push for the far end, unless the subscription is not active (yet, or any more).</summary>
    /// <param name="subscription">One of this subscriber's.</param>
    /// <param name="push">In the channel's order.</param>
    /// <returns>False when the queue is full.</returns>
    bool TryEnqueue(Subscription subscription, ref ChannelPush push);

    /// <summary>Ends the subscription with 2500 unless it is known to have everything: publications may have passed this node by.</summary>
    /// <param name="subscription">One of this subscriber's.</param>
    /// <param name="top">As in <see cref="Engine.IChannelReceiver.DeliverInterruption"/>.</param>
    void Interrupt(Subscription subscription, StreamPosition? top);

    /// <summary>Ends one subscription from the broker's side and tells the client why. Ending it twice does nothing.</summary>
    void EndSubscription(Subscription subscription, UnsubscribeCode code);

    /// <summary>Starts to close the connection. Only the first call counts.</summary>
    void Disconnect(DisconnectCode code);
}
