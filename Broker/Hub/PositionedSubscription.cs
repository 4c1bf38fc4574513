using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Hub;

/// <summary>A subscription that tracks a position, gets deltas or has a filter.</summary>
/// <remarks>
/// While it is pending it keeps publications, because the history in its reply may have been read before or after them: the position where the
/// history ended decides. Thread rules are those of <see cref="Subscription.State"/>, unless a member says otherwise.
/// </remarks>
internal class PositionedSubscription(
    ISubscriber subscriber, ChannelName channel, SubscriptionTraits traits, bool tracksPosition, bool takesDeltas)
    : Subscription(subscriber, channel, traits)
{
    private PositionTracker _position;
    private DeltaBase _base;
    private StreamPosition? _awaited;
    private Queue<(StreamPosition Position, byte[] Frame)>? _kept;
    private StreamPosition? _required;
    private int _keptBytes;
    private bool _isKeeping = tracksPosition;
    private bool _hasOverflowed;

    /// <inheritdoc/>
    public override bool TracksPosition { get; } = tracksPosition;

    /// <summary>Only publications that match are delivered; null: all. Those that do not match count as received.</summary>
    public TagFilter? Filter { get; init; }

    /// <inheritdoc/>
    public override int KeptBytes => _keptBytes;

    /// <summary>What was kept is no longer whole: the subscription cannot begin.</summary>
    public bool HasOverflowed => _hasOverflowed;

    private PublicationForm WholeForm { get; } = takesDeltas ? PublicationForm.Whole : PublicationForm.Plain;

    private bool TakesDeltas => WholeForm is PublicationForm.Whole;

    /// <inheritdoc/>
    public override void StartAt(StreamPosition top, bool hasNewest)
    {
        _position = new PositionTracker(top);
        _base = new DeltaBase(hasNewest ? top.Offset : 0);
    }

    /// <inheritdoc/>
    public override DeliveryStep PickFrame(ChannelPush push, out byte[]? frame)
    {
        if (push.Kind is not PushKind.Publication)
        {
            return base.PickFrame(push, out frame);
        }

        frame = null;
        return State switch
        {
            SubscriptionState.Active => PickActiveFrame(push, out frame),
            SubscriptionState.Pending when _isKeeping && !Wants(push) => SkipLater(out frame),
            SubscriptionState.Pending when _isKeeping => PickVariant(push, WholeForm, out frame) is DeliveryStep.Send ? DeliveryStep.Keep : DeliveryStep.Inappropriate,
            _ => DeliveryStep.Pass,
        };
    }

    /// <inheritdoc/>
    public override bool TakesAll(PushBatch batch) =>
        Filter is null && !TakesDeltas && base.TakesAll(batch) && batch.FramesFor(Wire) is not null
        && (!TracksPosition || (batch.IsContiguous && _position.TryTake(batch.First.Position, batch.Last.Position)));

    /// <inheritdoc/>
    /// <remarks>While it is pending its history may be read before or after this, so the position is compared when it begins.</remarks>
    public override DeliveryStep Interrupt(StreamPosition? top)
    {
        if (!TracksPosition)
        {
            return InterruptWithoutPosition(top);
        }

        switch (State)
        {
            case SubscriptionState.Active:
                return top is { } reached && _position.HasReached(reached) ? DeliveryStep.Pass : DeliveryStep.InsufficientState;
            case SubscriptionState.Pending when !_isKeeping:
                return DeliveryStep.Pass;
            case SubscriptionState.Pending when top is { } required:
                _required = required;
                return DeliveryStep.Pass;
            case SubscriptionState.Pending:
                Overflow();
                return DeliveryStep.Pass;
            default:
                return DeliveryStep.Pass;
        }
    }

    /// <inheritdoc/>
    public override void Keep(StreamPosition position, byte[] frame)
    {
        if (!_hasOverflowed)
        {
            (_kept ??= new()).Enqueue((position, frame));
            _keptBytes += frame.Length;
        }
    }

    /// <inheritdoc/>
    public override void Overflow()
    {
        DropKept();
        _hasOverflowed = true;
    }

    /// <inheritdoc/>
    public override void DropKept()
    {
        _kept = null;
        _keptBytes = 0;
    }

    /// <inheritdoc/>
    public override DeliveryStep TakeKept(out byte[]? frame)
    {
        while (_kept is not null && _kept.TryDequeue(out var kept))
        {
            if (_position.Next(kept.Position) is var step and not PositionStep.Skip && (step is not PositionStep.Deliver || kept.Frame.Length > 0))
            {
                _base.TakesDelta(kept.Position.Offset);
                frame = kept.Frame;
                return step is PositionStep.Deliver ? DeliveryStep.Send : DeliveryStep.InsufficientState;
            }
        }

        frame = null;
        DropKept();
        var hasGap = _hasOverflowed || (_required is { } required && !_position.HasReached(required));
        return hasGap ? DeliveryStep.InsufficientState : DeliveryStep.Pass;
    }

    /// <inheritdoc/>
    public override bool HasCaughtUp(StreamPosition top)
    {
        var isBehind = _awaited is { } awaited && !_position.HasReached(awaited);
        _awaited = top;
        return !isBehind;
    }

    /// <summary>Begins or ends keeping what is delivered while it is pending; what was kept before is dropped.</summary>
    /// <remarks>A subscription that tracks its position keeps from the start.</remarks>
    public void SetKeeping(bool isKeeping)
    {
        DropKept();
        _isKeeping = isKeeping;
        _hasOverflowed = false;
        _required = null;
    }

    /// <summary>As <see cref="StartAt"/>, in a map: each change of a key may be a patch against the key's value before.</summary>
    /// <param name="top">The end of the changes that were read; offset 0 in a map without a stream.</param>
    public void StartInMapAt(StreamPosition top)
    {
        _position = new PositionTracker(top);
        _base = DeltaBase.OfMap;
    }

    // What was kept has no numbers by which a gap in it would show.
    private DeliveryStep InterruptWithoutPosition(StreamPosition? top)
    {
        if (State is SubscriptionState.Pending && _isKeeping)
        {
            Overflow();
        }

        return base.Interrupt(top);
    }

    private DeliveryStep PickActiveFrame(ChannelPush push, out byte[]? frame)
    {
        frame = null;
        if (TracksPosition && _position.Next(push.Position) is var step and not PositionStep.Deliver)
        {
            return step is PositionStep.Skip ? DeliveryStep.Pass : DeliveryStep.InsufficientState;
        }

        if (!Wants(push))
        {
            return DeliveryStep.Pass;
        }

        var form = TakesDeltas && _base.TakesDelta(push.Position.Offset) && push.HasPrevious ? PublicationForm.Patch : WholeForm;
        return PickVariant(push, form, out frame);
    }

    private bool Wants(ChannelPush push) => Filter is null || Filter.Matches(push.Tags);

    // An empty frame keeps its place in the channel.
    private static DeliveryStep SkipLater(out byte[] frame)
    {
        frame = [];
        return DeliveryStep.Keep;
    }
}
