using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Hub;

/// <summary>A connection as the hub sees it. The hub never sees a socket.</summary>
/// <remarks>Members are thread-safe, never wait and do not throw.</remarks>
internal interface ISubscriber
{
    Principal Principal { get; }

    /// <summary>Queues one encoded push for the far end, unless the subscription is not active (yet, or any more).</summary>
    /// <param name="subscription">One of this subscriber's.</param>
    /// <param name="frame">Shared by all subscribers; does not change any more.</param>
    /// <returns>False when the queue is full.</returns>
    bool TryEnqueue(Subscription subscription, ReadOnlyMemory<byte> frame);

    /// <summary>Ends one subscription from the broker's side and tells the client why. Ending it twice does nothing.</summary>
    void EndSubscription(Subscription subscription, UnsubscribeCode code);

    /// <summary>Starts to close the connection. Only the first call counts.</summary>
    void Disconnect(DisconnectCode code);
}
