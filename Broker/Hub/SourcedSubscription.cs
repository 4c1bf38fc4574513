using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Hub;

/// <summary>A subscription that also gets publications from a source of its own, which ends with it.</summary>
internal sealed class SourcedSubscription(ISubscriber subscriber, ChannelName channel, SubscriptionTraits traits, ISubscriptionSource source)
    : Subscription(subscriber, channel, traits)
{
    public ISubscriptionSource Source => source;

    /// <inheritdoc/>
    public override void Leave() =>
        // Not on this thread, which may hold a channel's gates: it may cancel a call.
        ThreadPool.UnsafeQueueUserWorkItem(static source => source.Dispose(), source, preferLocal: false);
}
