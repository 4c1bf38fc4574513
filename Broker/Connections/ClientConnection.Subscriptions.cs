using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Connections;

// What a connection listens to.
internal sealed partial class ClientConnection
{
    // A plain array: most connections have one subscription, and a walk over the 128 allowed ones is quicker than a table.
    // It is replaced and never changed; the receive loop adds, any thread removes.
    private Subscription[] _subscriptions = [];

    public bool IsSubscribedTo(ChannelName channel) => Find(Volatile.Read(ref _subscriptions), channel) is not null;

    /// <summary>Starts a subscription: it is in the hub, but gets nothing before <see cref="TryActivate"/>.</summary>
    /// <returns>Null with <paramref name="error"/> when the connection has this one already, or as many as it may.</returns>
    /// <remarks>Called by the receive loop only.</remarks>
    public Subscription? Join(ChannelName channel, out ErrorCode? error)
    {
        var current = Volatile.Read(ref _subscriptions);
        error = Find(current, channel) is not null ? ErrorCode.AlreadySubscribed
            : current.Length >= _services.Options.MaxSubscriptionsPerConnection ? ErrorCode.LimitExceeded
            : null;
        if (error is not null)
        {
            return null;
        }

        var subscription = new Subscription(this, channel);
        Change(static (all, added) => [.. all, added], subscription);
        _services.Hub.Add(subscription);
        return subscription;
    }

    /// <summary>Queues the reply to the subscribe and lets publications flow, in one step.</summary>
    /// <param name="subscription">A pending one.</param>
    /// <param name="reply">A whole frame; copied.</param>
    /// <returns>False when the subscription was ended meanwhile, because the right to it was taken away; nothing is sent then.</returns>
    public bool TryActivate(Subscription subscription, ReadOnlySpan<byte> reply) =>
        Settle(_outbound.TryMove(subscription, SubscriptionState.Pending, SubscriptionState.Active, reply));

    /// <summary>Ends the subscription to a channel, if there is one, and queues the reply in the same step: nothing of the channel follows it.</summary>
    /// <param name="channel">The channel to leave.</param>
    /// <param name="reply">A whole frame; copied.</param>
    public void Leave(ChannelName channel, ReadOnlySpan<byte> reply)
    {
        if (Find(Volatile.Read(ref _subscriptions), channel) is { } subscription)
        {
            Remove(subscription);
            if (Settle(_outbound.TryMove(subscription, SubscriptionState.Active, SubscriptionState.Ended, reply)))
            {
                return;
            }
        }

        Send(reply);
    }

    /// <summary>Takes back a subscription that was not allowed after all; the client has not been told of it.</summary>
    public void Abandon(Subscription subscription) => Remove(subscription);

    /// <inheritdoc/>
    public bool TryEnqueue(Subscription subscription, ReadOnlyMemory<byte> frame) => _outbound.TryDeliver(subscription, frame);

    /// <inheritdoc/>
    public void EndSubscription(Subscription subscription, UnsubscribeCode code)
    {
        Remove(subscription);
        var frame = FrameWriter.Begin();
        MessageCodec.Json.WriteUnsubscribePush(frame, subscription.Channel, code);
        Settle(_outbound.TryMove(subscription, SubscriptionState.Active, SubscriptionState.Ended, frame.Complete(Opcode.Text)));
    }

    private static Subscription? Find(Subscription[] subscriptions, ChannelName channel)
    {
        foreach (var subscription in subscriptions)
        {
            if (subscription.Channel.Equals(channel))
            {
                return subscription;
            }
        }

        return null;
    }

    private void Remove(Subscription subscription)
    {
        Change(static (all, removed) => Array.FindAll(all, kept => kept != removed), subscription);
        _services.Hub.Remove(subscription);
    }

    private void LeaveAll()
    {
        foreach (var subscription in Volatile.Read(ref _subscriptions))
        {
            _services.Hub.Remove(subscription);
        }
    }

    // A new array for each change: there are few, and readers need no gate.
    private void Change(Func<Subscription[], Subscription, Subscription[]> change, Subscription subscription)
    {
        Subscription[] current, changed;
        do
        {
            current = Volatile.Read(ref _subscriptions);
            changed = change(current, subscription);
        }
        while (Interlocked.CompareExchange(ref _subscriptions, changed, current) != current);
    }

    private bool Settle(QueueResult result)
    {
        if (result is QueueResult.Full)
        {
            Disconnect(DisconnectCode.Slow);
        }

        return result is not QueueResult.Refused;
    }
}
