using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.SharedPolls;

/// <summary>One key that one subscription tracks.</summary>
/// <remarks>Thread rules are those of <see cref="Subscription.State"/>, unless a member says otherwise.</remarks>
/// <param name="owner">Once it has ended, nothing is delivered any more.</param>
/// <param name="key">The key of its channel.</param>
/// <param name="version">Of the value that the client has; 0: none.</param>
/// <param name="expiresAt">In seconds since 1970; 0: never.</param>
internal sealed class TrackedKey(SharedPollSubscription owner, PolledKey key, ulong version, long expiresAt) : Subscription(owner.Subscriber, owner.Channel)
{
    private ulong _version = version;
    private bool _hasValue;

    /// <summary>Does not change.</summary>
    public SharedPollSubscription Owner => owner;

    /// <inheritdoc cref="Owner"/>
    public PolledKey Key => key;

    /// <summary>Of the value that the client had when it began to track the key. Does not change.</summary>
    public ulong FirstVersion { get; } = version;

    /// <inheritdoc cref="Owner"/>
    public long ExpiresAt => expiresAt;

    /// <inheritdoc/>
    public override bool TakesAll(PushBatch batch) => false;

    /// <inheritdoc/>
    public override DeliveryStep PickFrame(ChannelPush push, out byte[]? frame)
    {
        frame = null;
        return push is KeyPush change && State is SubscriptionState.Active && owner.State is SubscriptionState.Active ? PickFrame(change, out frame) : DeliveryStep.Pass;
    }

    private DeliveryStep PickFrame(KeyPush push, out byte[]? frame)
    {
        frame = null;
        if (push.IsRemoval)
        {
            State = SubscriptionState.Ended;
            return PickVariant(push, PublicationForm.Plain, out frame);
        }

        if (push.Version <= _version)
        {
            return DeliveryStep.Pass;
        }

        var isPatch = _hasValue && push.HasPrevious && push.PreviousVersion == _version;
        _version = push.Version;
        _hasValue = true;
        return PickVariant(push, !owner.TakesDeltas ? PublicationForm.Plain : isPatch ? PublicationForm.Patch : PublicationForm.Whole, out frame);
    }
}
