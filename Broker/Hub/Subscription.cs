using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Hub;

internal enum SubscriptionState : byte
{
    /// <summary>In the hub, but the client has not been told yet: publications pass it by.</summary>
    Pending,

    /// <summary>The client knows: publications are delivered.</summary>
    Active,

    /// <summary>Over. Nothing is delivered any more, even by a fan-out that still sees it.</summary>
    Ended,
}

/// <summary>One subscriber of one channel.</summary>
/// <remarks>
/// DESIGN. The reply to a subscribe has to come before the channel's first publication, and after the reply to an unsubscribe none
/// may follow, while other threads fan out. So the subscription is put into the hub first, as pending; its state changes under
/// the same gate under which the reply is queued (that of the connection's outbound queue), and every delivery looks at it there.
/// </remarks>
internal sealed class Subscription(ISubscriber subscriber, ChannelName channel)
{
    public ISubscriber Subscriber { get; } = subscriber;

    public ChannelName Channel { get; } = channel;

    /// <summary>Read and written under the gate of the subscriber's outbound queue only.</summary>
    public SubscriptionState State { get; set; }

    /// <summary>Where the channel's table holds this; read and written under the gate of the hub's shard only.</summary>
    public int Slot { get; set; } = -1;
}
