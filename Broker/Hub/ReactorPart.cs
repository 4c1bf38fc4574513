using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Telemetry;
using ClawEvents.Broker.Transport;

namespace ClawEvents.Broker.Hub;

/// <summary>The subscribers of one channel on one reactor, and the pushes that were posted for them.</summary>
/// <remarks>
/// The table changes under the gate of the channel's shard; only the reactor's thread walks it. Posts come in the channel's order, and the mailbox keeps it, so each
/// subscriber gets the channel's order.
/// </remarks>
internal sealed class ReactorPart(Reactor reactor) : IReactorBatch
{
    private const int ReadTogether = 16;

    // Null unless something was posted. Used by the reactor's thread.
    private List<ChannelPush>? _posted;

    public SubscriberTable Subscribers { get; } = new();

    public void Post(ChannelPush push) => reactor.PostBatched(this, push);

    /// <inheritdoc/>
    public int Add(object item)
    {
        (_posted ??= []).Add((ChannelPush)item);
        return _posted.Count;
    }

    /// <inheritdoc/>
    /// <remarks>Hot path: no allocation per subscriber.</remarks>
    public void Flush()
    {
        var posted = _posted!;
        _posted = null;
        var batch = PushBatch.OfThisThread();
        for (var next = 0; next < posted.Count;)
        {
            next = batch.Begin(posted, next);
            using (PublishTrace.Deliver((batch.First as DetailedPush)?.FanOut)?.SetTag("clawevents.subscribers", Subscribers.Count).SetTag("clawevents.reactor", reactor.Index))
            {
                Deliver(batch);
            }

            batch.End();
        }
    }

    // The system call of a delivery takes most of the core's cache. What the next deliveries need is read together first, so that the core waits for memory
    // once and not at each of them.
    private void Deliver(PushBatch batch)
    {
        var all = Subscribers.Filled;
        for (var next = 0; next < all.Length; next += ReadTogether)
        {
            var some = all.Slice(next, Math.Min(ReadTogether, all.Length - next));
            foreach (var subscription in some)
            {
                subscription?.Subscriber.Prefetch();
            }

            foreach (var subscription in some)
            {
                if (subscription is not null)
                {
                    Deliver(batch, subscription);
                }
            }
        }
    }

    private void Deliver(PushBatch batch, Subscription subscription)
    {
        try
        {
            if (!subscription.Subscriber.TryEnqueue(subscription, batch))
            {
                // A full queue is that subscriber's problem: waiting here would let one slow reader stall the channel.
                subscription.Subscriber.Disconnect(DisconnectCode.Slow);
            }
        }
        catch (Exception exception)
        {
            // A bug: it ends this connection only, and the others get what was published.
            reactor.Report(exception);
            subscription.Subscriber.Disconnect(DisconnectCode.InternalServerError);
        }
    }
}
