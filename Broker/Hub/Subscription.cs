using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Hub;

/// <summary>Whether the bus between the nodes counts a subscription; it never goes back.</summary>
internal enum BusState : byte
{
    Outside,
    Counted,
    Left,
}

internal enum SubscriptionState : byte
{
    /// <summary>In the hub, but the client has had no reply yet: publications are skipped or kept for it.</summary>
    Pending,

    /// <summary>The client has had the reply: publications are delivered.</summary>
    Active,

    /// <summary>Over. Nothing is delivered any more, even by a fan-out that still sees it.</summary>
    Ended,
}

/// <summary>One subscriber of one channel.</summary>
/// <remarks>
/// DESIGN. The reply to a subscribe has to come before the channel's first publication, and after the reply to an unsubscribe none
/// may follow, while other threads fan out. So the subscription is put into the hub first, as pending; its state changes under
/// the same gate under which the reply is queued (that of the connection's outbound queue), and every delivery reads it there.
/// <para>Most subscriptions are of this class; fields that only some need are in <see cref="PositionedSubscription"/> and <see cref="Terms"/>.</para>
/// </remarks>
internal class Subscription(ISubscriber subscriber, ChannelName channel, SubscriptionTraits traits = SubscriptionTraits.None)
{
    private BusState _bus;

    public ISubscriber Subscriber { get; } = subscriber;

    public ChannelName Channel { get; } = channel;

    public SubscriptionTraits Traits { get; } = traits;

    /// <remarks>Enum.HasFlag allocates where the compiler does not see through it.</remarks>
    public bool Has(SubscriptionTraits trait) => (Traits & trait) != 0;

    /// <summary>Null: none. Replaced as a whole by what a new token or a back end says.</summary>
    public SubscriptionTerms? Terms { get; set; }

    public bool IsServerSide => Has(SubscriptionTraits.ServerSide);

    /// <summary>Read and written under the gate of the subscriber's outbound queue only.</summary>
    public SubscriptionState State { get; set; }

    /// <summary>Where the channel's table holds this; read and written under the gate of the hub's shard only.</summary>
    public int Slot { get; set; } = -1;

    /// <summary>The channel's last push before this subscription joined, on a reactor; set by the hub when it joins.</summary>
    public uint JoinedAfter { get; set; }

    /// <summary>A gap in the offsets ends it, so that the client recovers.</summary>
    public virtual bool TracksPosition => false;

    /// <summary>Bytes of publications that are kept until the subscription begins.</summary>
    public virtual int KeptBytes => 0;

    /// <summary>The index of the subscriber's wire.</summary>
    public byte Wire { get; } = subscriber.Wire.Index;

    /// <summary>Decides what to do with one push, and picks its variant. Called under the gate of the subscriber's outbound queue.</summary>
    /// <param name="push">In the channel's order.</param>
    /// <param name="frame">The frame to send or keep; otherwise null.</param>
    /// <remarks>Hot path: once per subscriber and push. No allocation.</remarks>
    public virtual DeliveryStep PickFrame(ChannelPush push, out byte[]? frame)
    {
        frame = null;
        return State is SubscriptionState.Active && Receives(push.Kind) ? PickVariant(push, PublicationForm.Plain, out frame) : DeliveryStep.Pass;
    }

    /// <summary>Whether a push was made after the subscription joined: the mailbox of its reactor may hold earlier ones.</summary>
    public bool HasJoinedBefore(ChannelPush push) => IsAfter(push.Number, JoinedAfter);

    /// <summary>Whether each push of a batch is sent as every other subscriber of the wire gets it. Called under the gate of the subscriber's outbound queue.</summary>
    /// <remarks>When it is, the subscription counts as having them. Hot path: once per subscriber and batch. No allocation.</remarks>
    public virtual bool TakesAll(PushBatch batch) => State is SubscriptionState.Active && batch.HasOnlyPublications && HasJoinedBefore(batch.First);

    /// <summary>Decides what a possible gap means. Called under the gate of the subscriber's outbound queue.</summary>
    /// <param name="top">As in <see cref="Engine.IChannelReceiver.DeliverInterruption"/>.</param>
    /// <returns><see cref="DeliveryStep.InsufficientState"/> when the client has to subscribe again. A pending subscription misses nothing.</returns>
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

    /// <summary>Enters what else than the channel's publications feeds the subscription, before it begins.</summary>
    /// <returns>The epoch of what the client will get; empty: none.</returns>
    /// <remarks>Thread-safe.</remarks>
    public virtual string Enter() => "";

    /// <summary>Leaves what else feeds the subscription, which has ended. May be called more than once.</summary>
    /// <remarks>Thread-safe.</remarks>
    public virtual void Leave()
    {
    }

    /// <summary>Records that the bus counts this subscription.</summary>
    /// <returns>False when it has left already: the caller has to unsubscribe it from the bus.</returns>
    /// <remarks>Thread-safe.</remarks>
    public bool TryEnterBus() => Interlocked.CompareExchange(ref _bus, BusState.Counted, BusState.Outside) is BusState.Outside;

    /// <summary>Records that the subscription has ended.</summary>
    /// <returns>True, once, when the bus counts it: the caller has to unsubscribe it.</returns>
    /// <remarks>Thread-safe.</remarks>
    public bool TryLeaveBus() => Interlocked.Exchange(ref _bus, BusState.Left) is BusState.Counted;

    // The numbers of a channel's pushes go round.
    private static bool IsAfter(uint number, uint other) => (int)(number - other) > 0;

    protected DeliveryStep PickVariant(ChannelPush push, PublicationForm form, out byte[]? frame)
    {
        frame = push.FrameFor(Wire, form);
        return frame.Length > 0 ? DeliveryStep.Send : DeliveryStep.Inappropriate;
    }

    protected bool Receives(PushKind kind) => kind is PushKind.Publication || Has(SubscriptionTraits.ReceivesJoins);
}
