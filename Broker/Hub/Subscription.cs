using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Hub;

/// <summary>Whether the bus between the nodes counts a subscription; it only goes on, and never back.</summary>
internal enum BusState : byte
{
    Outside,
    Counted,
    Left,
}

internal enum SubscriptionState : byte
{
    /// <summary>In the hub, but the client has not been told yet: publications pass it by, or are kept for it.</summary>
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
/// <para>Most subscriptions are of this class; what only some need is in <see cref="PositionedSubscription"/> and <see cref="Terms"/>.</para>
/// </remarks>
internal class Subscription(ISubscriber subscriber, ChannelName channel, SubscriptionTraits traits = SubscriptionTraits.None)
{
    private BusState _bus;

    public ISubscriber Subscriber { get; } = subscriber;

    public ChannelName Channel { get; } = channel;

    public SubscriptionTraits Traits { get; } = traits;

    /// <summary>Null: none. Replaced as a whole when a token or a back end says something new.</summary>
    public SubscriptionTerms? Terms { get; set; }

    public bool IsServerSide => Traits.HasFlag(SubscriptionTraits.ServerSide);

    /// <summary>Read and written under the gate of the subscriber's outbound queue only.</summary>
    public SubscriptionState State { get; set; }

    /// <summary>Where the channel's table holds this; read and written under the gate of the hub's shard only.</summary>
    public int Slot { get; set; } = -1;

    /// <summary>A gap in the offsets ends it, so that the client recovers.</summary>
    public virtual bool TracksPosition => false;

    /// <summary>Bytes of publications that are kept until the subscription begins.</summary>
    public virtual int KeptBytes => 0;

    /// <summary>The index of the subscriber's wire.</summary>
    protected byte Wire { get; } = subscriber.Wire.Index;

    /// <summary>Decides on one push, and picks its variant. Under the gate of the subscriber's outbound queue.</summary>
    /// <param name="push">In the channel's order.</param>
    /// <param name="frame">To be sent or kept; otherwise null.</param>
    /// <remarks>Hot path: once per subscriber and push. No allocation.</remarks>
    public virtual DeliveryStep Take(ref ChannelPush push, out byte[]? frame)
    {
        frame = null;
        return State is SubscriptionState.Active && Hears(push.Kind) ? Pick(ref push, PublicationForm.Plain, out frame) : DeliveryStep.Pass;
    }

    /// <summary>Decides what a possible gap means. Under the gate of the subscriber's outbound queue.</summary>
    /// <param name="top">As in <see cref="Engine.IChannelReceiver.DeliverInterruption"/>.</param>
    /// <returns><see cref="DeliveryStep.InsufficientState"/> when it has to begin anew. Who has not been told yet that it listens misses nothing.</returns>
    public virtual DeliveryStep Interrupt(StreamPosition? top) => State is SubscriptionState.Active ? DeliveryStep.InsufficientState : DeliveryStep.Pass;

    /// <summary>Sets the position at which the reply leaves off. Called by the subscriber's side, before the state changes.</summary>
    /// <param name="top">The end of the history that was read.</param>
    /// <param name="hasNewest">The client has the last publication of it, so that the next one may be a patch.</param>
    public virtual void StartAt(StreamPosition top, bool hasNewest)
    {
    }

    /// <summary>Keeps a publication until the subscription begins.</summary>
    public virtual void Keep(StreamPosition position, byte[] frame)
    {
    }

    /// <summary>Drops what is kept, because there is no room for more: the subscription cannot begin.</summary>
    public virtual void Overflow()
    {
    }

    public virtual void DropKept()
    {
    }

    /// <summary>Removes the next publication that was kept, when the subscription begins.</summary>
    /// <returns><see cref="DeliveryStep.Pass"/> after the last one.</returns>
    public virtual DeliveryStep TakeKept(out byte[]? frame)
    {
        frame = null;
        return DeliveryStep.Pass;
    }

    /// <summary>Compares with the channel's position, asked for just now.</summary>
    /// <returns>False when what the channel had at the last comparison is still missing. A publication on its way is missing for a moment only.</returns>
    public virtual bool HasCaughtUp(StreamPosition top) => true;

    /// <summary>Says that the bus counts this subscription.</summary>
    /// <returns>False when it has left already: whoever asks has to tell the bus so.</returns>
    /// <remarks>Thread-safe.</remarks>
    public bool TryEnterBus() => Interlocked.CompareExchange(ref _bus, BusState.Counted, BusState.Outside) is BusState.Outside;

    /// <summary>Says that the subscription is over.</summary>
    /// <returns>True, once, when the bus counts it: whoever asks has to tell the bus so.</returns>
    /// <remarks>Thread-safe.</remarks>
    public bool TryLeaveBus() => Interlocked.Exchange(ref _bus, BusState.Left) is BusState.Counted;

    protected DeliveryStep Pick(ref ChannelPush push, PublicationForm form, out byte[]? frame)
    {
        frame = push.FrameFor(Wire, form);
        return frame.Length > 0 ? DeliveryStep.Send : DeliveryStep.Inappropriate;
    }

    protected bool Hears(PushKind kind) => kind is PushKind.Publication || Traits.HasFlag(SubscriptionTraits.HearsComings);
}
