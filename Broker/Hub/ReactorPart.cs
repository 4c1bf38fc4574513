using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Transport;

namespace ClawEvents.Broker.Hub;

/// <summary>The subscribers of one channel on one reactor, and the pushes that were posted for them.</summary>
/// <remarks>
/// The table changes under the gate of the channel's shard; only the reactor's thread walks it. Posts come in the channel's order, and the mailbox keeps it, so each
/// subscriber gets the channel's order.
/// </remarks>
internal sealed class ReactorPart(Reactor reactor) : IReactorBatch
{
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
            Deliver(batch);
            batch.End();
        }
    }

    private void Deliver(PushBatch batch)
    {
        foreach (var subscription in Subscribers.Filled)
        {
            if (subscription is not null)
            {
                Deliver(batch, subscription);
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
