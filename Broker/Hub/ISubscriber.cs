using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Transport;

namespace ClawEvents.Broker.Hub;

/// <summary>A connection as the hub sees it. The hub never sees a socket.</summary>
/// <remarks>Members are thread-safe, never wait and do not throw.</remarks>
internal interface ISubscriber
{
    Principal Principal { get; }

    /// <summary>How messages reach it; does not change.</summary>
    Wire Wire { get; }

    /// <summary>The reactor that it lives on, which delivers to it; null: it is served over a pipe. Does not change.</summary>
    Reactor? Reactor => null;

    /// <summary>Queues a push for the far end, if the subscription is active.</summary>
    /// <param name="subscription">One of this subscriber's.</param>
    /// <param name="push">In the channel's order.</param>
    /// <returns>False when the queue is full.</returns>
    bool TryEnqueue(Subscription subscription, ChannelPush push);

    /// <summary>The same for pushes that came together. On a reactor's thread.</summary>
    bool TryEnqueue(Subscription subscription, PushBatch batch);

    /// <summary>Reads what the delivery of a batch needs, which comes soon. On a reactor's thread.</summary>
    void Prefetch()
    {
    }

    /// <summary>Ends the subscription with 2500 unless it is known to have everything: publications may not have reached this node.</summary>
    /// <param name="subscription">One of this subscriber's.</param>
    /// <param name="top">As in <see cref="Engine.IChannelReceiver.DeliverInterruption"/>.</param>
    void Interrupt(Subscription subscription, StreamPosition? top);

    /// <summary>Ends one subscription from the broker's side with a push to the client. Ending it twice does nothing.</summary>
    /// <remarks>With 2500, and when the broker made the subscription, the whole connection ends with 3010: its client can get it back in no other way.</remarks>
    void EndSubscription(Subscription subscription, UnsubscribeCode code);

    /// <summary>Starts closing the connection. Only the first call counts.</summary>
    void Disconnect(DisconnectCode code);
}
