using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Hub;

// The subscriptions of the connection: what they send, keep and skip is decided under the queue's gate.
internal abstract partial class OutboundQueue
{
    /// <summary>Sends, keeps or skips one push of a channel, as the subscription decides.</summary>
    /// <param name="subscription">Of this connection.</param>
    /// <param name="push">In the channel's order.</param>
    /// <returns>What was done, or why it could not be. <see cref="DeliveryStep.Send"/> also when the connection has ended; the frame is then
    /// dropped.</returns>
    public DeliveryStep TryDeliver(Subscription subscription, ChannelPush push)
    {
        lock (this)
        {
            var step = subscription.PickFrame(push, out var frame);
            if (step is DeliveryStep.Send)
            {
                return TrySend(frame!) ? DeliveryStep.Send : DeliveryStep.Full;
            }

            if (step is DeliveryStep.Keep)
            {
                Keep(subscription, push.Position, frame!);
            }

            return step;
        }
    }

    /// <summary>Sends, keeps or skips the pushes of a channel that came together. On the reactor's thread.</summary>
    /// <param name="subscription">Of this connection.</param>
    /// <param name="batch">In the channel's order.</param>
    /// <inheritdoc cref="TryDeliver(Subscription, ChannelPush)" path="/returns"/>
    public DeliveryStep TryDeliver(Subscription subscription, PushBatch batch)
    {
        lock (this)
        {
            if (subscription.TakesAll(batch) && batch.FramesFor(subscription.Wire) is { } frames)
            {
                return TrySendShared(frames) ? DeliveryStep.Send : DeliveryStep.Full;
            }
        }

        return DeliverEach(subscription, batch);
    }

    /// <inheritdoc cref="Subscription.Interrupt"/>
    /// <param name="subscription">Of this connection.</param>
    /// <param name="top">As in <see cref="Engine.IChannelReceiver.DeliverInterruption"/>.</param>
    public DeliveryStep Interrupt(Subscription subscription, StreamPosition? top)
    {
        lock (this)
        {
            _keptBytes -= subscription.KeptBytes;
            var step = subscription.Interrupt(top);
            _keptBytes += subscription.KeptBytes;
            return step;
        }
    }

    /// <inheritdoc cref="PositionedSubscription.SetKeeping"/>
    /// <param name="subscription">Of this connection, pending.</param>
    /// <param name="isKeeping">Whether it keeps from now on.</param>
    public void SetKeeping(PositionedSubscription subscription, bool isKeeping)
    {
        lock (this)
        {
            _keptBytes -= subscription.KeptBytes;
            subscription.SetKeeping(isKeeping);
        }
    }

    /// <summary>Changes the state of a subscription and sends the frame that says so: no push of the channel comes in between.</summary>
    /// <param name="subscription">Of this connection.</param>
    /// <param name="from">The state it must be in; in any other, <paramref name="to"/> being the end, it still ends, silently.</param>
    /// <param name="to">The state it gets. When it becomes active, what it has kept follows the frame.</param>
    /// <param name="frame">Copied.</param>
    public QueueResult TryMove(Subscription subscription, SubscriptionState from, SubscriptionState to, ReadOnlySpan<byte> frame)
    {
        lock (this)
        {
            if (subscription.State != from)
            {
                if (to is SubscriptionState.Ended)
                {
                    End(subscription);
                }

                return QueueResult.Refused;
            }

            if (!TryEnqueue(frame))
            {
                End(subscription);
                return QueueResult.Full;
            }

            if (to is SubscriptionState.Active)
            {
                return Begin(subscription);
            }

            End(subscription);
            return QueueResult.Queued;
        }
    }

    /// <summary>Sends the reply to a connect and begins the subscriptions in it: none of their pushes comes before it.</summary>
    /// <param name="subscriptions">Of this connection, pending.</param>
    /// <param name="reply">Copied.</param>
    /// <param name="over">Receives those that were ended meanwhile.</param>
    public QueueResult TryBegin(IReadOnlyList<Subscription> subscriptions, ReadOnlySpan<byte> reply, ICollection<Subscription> over)
    {
        lock (this)
        {
            var result = TryEnqueue(reply) ? QueueResult.Queued : QueueResult.Full;
            for (var i = 0; i < subscriptions.Count && result is QueueResult.Queued; i++)
            {
                if (subscriptions[i].State is SubscriptionState.Pending)
                {
                    result = Begin(subscriptions[i]);
                }
                else
                {
                    over.Add(subscriptions[i]);
                }
            }

            return result;
        }
    }

    /// <summary>Ends a subscription, silently.</summary>
    /// <returns>Whether it was active.</returns>
    public bool End(Subscription subscription)
    {
        lock (this)
        {
            var wasActive = subscription.State is SubscriptionState.Active;
            subscription.State = SubscriptionState.Ended;
            _keptBytes -= subscription.KeptBytes;
            subscription.DropKept();
            return wasActive;
        }
    }

    /// <inheritdoc cref="Subscription.HasCaughtUp"/>
    public bool HasCaughtUp(Subscription subscription, StreamPosition top)
    {
        lock (this)
        {
            return subscription.State is not SubscriptionState.Active || subscription.HasCaughtUp(top);
        }
    }

    // Until one of them says that the subscription, or the connection, has to end.
    private DeliveryStep DeliverEach(Subscription subscription, PushBatch batch)
    {
        Cork();
        var step = DeliveryStep.Pass;
        foreach (var push in batch.Pushes)
        {
            step = !subscription.HasJoinedBefore(push) ? DeliveryStep.Pass
                : push.Kind is PushKind.Interruption ? Interrupt(subscription, push.Top)
                : TryDeliver(subscription, push);
            if (step >= DeliveryStep.Full)
            {
                break;
            }
        }

        Uncork();
        return step;
    }

    private QueueResult Begin(Subscription subscription)
    {
        subscription.State = SubscriptionState.Active;
        _keptBytes -= subscription.KeptBytes;
        DeliveryStep step;
        while ((step = subscription.TakeKept(out var frame)) is DeliveryStep.Send)
        {
            if (!TrySend(frame!))
            {
                return QueueResult.Full;
            }
        }

        return step is DeliveryStep.Pass ? QueueResult.Queued : QueueResult.Lost;
    }

    private void Keep(Subscription subscription, StreamPosition position, byte[] frame)
    {
        _keptBytes -= subscription.KeptBytes;
        if (WaitingBytes + _keptBytes + subscription.KeptBytes + frame.Length > MaxWaitingBytes)
        {
            subscription.Overflow();
        }
        else
        {
            subscription.Keep(position, frame);
        }

        _keptBytes += subscription.KeptBytes;
    }
}
