using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Connections;

// What a connection listens to: how a subscription begins and ends.
internal sealed partial class ClientConnection
{
    // A plain array: most connections have one subscription, and a walk over the 128 allowed ones is quicker than a table.
    // It is replaced and never changed; any thread may do so.
    private Subscription[] _subscriptions = [];

    public bool IsSubscribedTo(ChannelName channel) => FindSubscription(channel) is not null;

    /// <returns>The subscription to a channel, even if it is only about to begin; null: none.</returns>
    public Subscription? FindSubscription(ChannelName channel)
    {
        foreach (var subscription in Volatile.Read(ref _subscriptions))
        {
            if (subscription.Channel.Equals(channel))
            {
                return subscription;
            }
        }

        return null;
    }

    /// <summary>What others in a channel are shown of the client.</summary>
    public ClientInfo InfoOn(ChannelName channel) => FindSubscription(channel) is { } subscription ? InfoOn(subscription) : Info;

    /// <inheritdoc cref="InfoOn(ChannelName)"/>
    public ClientInfo InfoOn(Subscription subscription) =>
        subscription.Terms is { Info.IsEmpty: false } terms ? Info with { ChannelInfo = terms.Info } : Info;

    /// <summary>Why the connection may not have another subscription, to this channel; null: it may.</summary>
    public ErrorCode? RefuseAnother(ChannelName channel) => RefuseAnother(Volatile.Read(ref _subscriptions), channel);

    /// <summary>Puts a pending subscription into the hub: it gets nothing before <see cref="TryStart(Subscription, ReadOnlySpan{byte})"/>.</summary>
    /// <param name="subscription">Of this connection, new.</param>
    /// <param name="error">Why not: the connection has this one already, as many as it may, or is over.</param>
    public bool TryJoin(Subscription subscription, out ErrorCode? error)
    {
        Subscription[] current;
        do
        {
            current = Volatile.Read(ref _subscriptions);
            error = RefuseAnother(current, subscription.Channel);
        }
        while (error is null && Interlocked.CompareExchange(ref _subscriptions, [.. current, subscription], current) != current);
        if (error is not null)
        {
            return false;
        }

        _services.Hub.Add(subscription);
        if (Phase is ConnectionPhase.Closed)
        {
            // It may have left all its subscriptions before this one was among them.
            Abandon(subscription);
            error = ErrorCode.NotAvailable;
        }

        return error is null;
    }

    /// <summary>Has the node get what other nodes publish in the subscription's channel, before the client is told that it listens.</summary>
    /// <exception cref="Faults.StoreUnavailableException">Not now.</exception>
    public async ValueTask ListenAsync(Subscription subscription)
    {
        await _services.NodeSubscriptions.SubscribeAsync(subscription.Channel);
        if (!subscription.TryEnterBus())
        {
            _services.NodeSubscriptions.Unsubscribe(subscription.Channel);
        }
    }

    /// <summary>Queues the reply to the subscribe and lets publications flow, in one step.</summary>
    /// <param name="subscription">A pending one.</param>
    /// <param name="reply">A whole frame; copied.</param>
    /// <returns>False when the subscription was ended meanwhile, because the right to it was taken away; nothing is sent then.</returns>
    public bool TryStart(Subscription subscription, ReadOnlySpan<byte> reply)
    {
        var isStarted = Settle(_outbound.TryMove(subscription, SubscriptionState.Pending, SubscriptionState.Active, reply));
        if (isStarted)
        {
            LookAfter(subscription);
        }

        return isStarted;
    }

    /// <summary>Queues the reply to the connect and lets the publications of its subscriptions flow, in one step.</summary>
    /// <param name="subscriptions">Pending ones. Of those that were ended meanwhile the client is told so.</param>
    /// <param name="reply">A whole frame; copied.</param>
    public void Start(IReadOnlyList<Subscription> subscriptions, ReadOnlySpan<byte> reply)
    {
        if (subscriptions.Count == 0)
        {
            Send(reply);
            return;
        }

        var over = new List<Subscription>();
        Settle(_outbound.TryBegin(subscriptions, reply, over));
        foreach (var subscription in over)
        {
            var push = FrameWriter.Begin();
            Codec.WriteUnsubscribePush(push, subscription.Channel, UnsubscribeCode.PermissionDenied);
            Send(push);
        }

        foreach (var subscription in subscriptions.Except(over))
        {
            LookAfter(subscription);
        }
    }

    /// <summary>Ends the subscription to a channel, if there is one, and queues the reply in the same step: nothing of the channel follows it.</summary>
    /// <param name="channel">The channel to leave.</param>
    /// <param name="reply">A whole frame; copied.</param>
    public ValueTask LeaveAsync(ChannelName channel, ReadOnlySpan<byte> reply)
    {
        if (FindSubscription(channel) is { } subscription)
        {
            Remove(subscription);
            if (Settle(_outbound.TryMove(subscription, SubscriptionState.Active, SubscriptionState.Ended, reply)))
            {
                return _services.Attendance.LeaveAsync(this, subscription);
            }
        }

        Send(reply);
        return ValueTask.CompletedTask;
    }

    /// <summary>Takes back a subscription that was not allowed after all; the client has not been told of it.</summary>
    public void Abandon(Subscription subscription)
    {
        Remove(subscription);
        _outbound.End(subscription);
    }

    /// <inheritdoc/>
    public void EndSubscription(Subscription subscription, UnsubscribeCode code)
    {
        if (TryEnd(subscription, code))
        {
            _services.Attendance.Leave(this, subscription);
        }
    }

    private ErrorCode? RefuseAnother(Subscription[] subscriptions, ChannelName channel) =>
        Array.Exists(subscriptions, other => other.Channel.Equals(channel)) ? ErrorCode.AlreadySubscribed
        : subscriptions.Length >= _services.Options.MaxSubscriptionsPerConnection ? ErrorCode.LimitExceeded
        : null;

    private bool TryEnd(Subscription subscription, UnsubscribeCode code)
    {
        Remove(subscription);
        var push = FrameWriter.Begin();
        Codec.WriteUnsubscribePush(push, subscription.Channel, code);
        return Settle(_outbound.TryMove(subscription, SubscriptionState.Active, SubscriptionState.Ended, Complete(push)));
    }

    private void Remove(Subscription subscription)
    {
        Subscription[] current;
        do
        {
            current = Volatile.Read(ref _subscriptions);
        }
        while (Interlocked.CompareExchange(ref _subscriptions, Array.FindAll(current, kept => kept != subscription), current) != current);
        LeaveHub(subscription);
    }

    private void LeaveHub(Subscription subscription)
    {
        _services.Hub.Remove(subscription);
        if (subscription.TryLeaveBus())
        {
            _services.NodeSubscriptions.Unsubscribe(subscription.Channel);
        }
    }

    private async ValueTask LeaveAllAsync()
    {
        StopLookingAfter();
        foreach (var subscription in Interlocked.Exchange(ref _subscriptions, []))
        {
            LeaveHub(subscription);
            if (_outbound.End(subscription))
            {
                await _services.Attendance.LeaveAsync(this, subscription);
            }
        }
    }

    private bool Settle(QueueResult result)
    {
        if (result is QueueResult.Full)
        {
            Disconnect(DisconnectCode.Slow);
        }
        else if (result is QueueResult.Lost)
        {
            Disconnect(DisconnectCode.InsufficientState);
        }

        return result is not QueueResult.Refused;
    }
}
