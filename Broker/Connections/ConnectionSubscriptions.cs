using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Connections;

/// <summary>The subscriptions of one connection: how they begin and end.</summary>
/// <remarks>
/// A view of the connection, not an object: the state is in its <see cref="ClientConnection.SubscriptionTable"/>. Thread-safe.
/// </remarks>
internal readonly struct ConnectionSubscriptions(ClientConnection connection)
{
    private ConnectionServices Services => connection.Services;

    private int Limit => Services.Options.MaxSubscriptionsPerConnection;

    /// <returns>The subscription to a channel, also a pending one; null when there is none.</returns>
    public Subscription? Find(ChannelName channel) => connection.SubscriptionTable.Find(channel);

    /// <summary>Whether there is a subscription to a channel, also a pending one.</summary>
    public bool Contains(ChannelName channel) => Find(channel) is not null;

    /// <summary>The client as others in a channel see it.</summary>
    /// <param name="subscription">The client's in that channel; null when it has none.</param>
    public ClientInfo InfoOn(Subscription? subscription) =>
        subscription?.Terms is { Info.IsEmpty: false } terms ? connection.Info with { ChannelInfo = terms.Info } : connection.Info;

    /// <inheritdoc cref="SubscriptionTable.CheckRoom(ChannelName, int)"/>
    public ErrorCode? CheckRoom(ChannelName channel) => connection.SubscriptionTable.CheckRoom(channel, Limit);

    /// <summary>Puts a pending subscription into the hub: nothing is delivered to it before <see cref="TryStart"/>.</summary>
    /// <param name="subscription">A new one of this connection.</param>
    /// <param name="error">When it may not join: the connection has this one already, has as many as it may, or is closed.</param>
    public bool TryJoin(Subscription subscription, out ErrorCode? error)
    {
        error = connection.SubscriptionTable.TryAdd(subscription, Limit);
        if (error is not null)
        {
            return false;
        }

        Services.Hub.Add(subscription);
        if (connection.Phase is ConnectionPhase.Closed)
        {
            // The connection may have left all its subscriptions before this one was among them.
            Abandon(subscription);
            error = ErrorCode.NotAvailable;
        }

        return error is null;
    }

    /// <summary>Has the node receive what other nodes publish in the subscription's channel, before the client learns that it is subscribed.</summary>
    /// <exception cref="Faults.StoreUnavailableException">The bus is away.</exception>
    public async ValueTask ListenAsync(Subscription subscription)
    {
        await Services.NodeSubscriptions.SubscribeAsync(subscription.Channel);
        if (!subscription.TryEnterBus())
        {
            Services.NodeSubscriptions.Unsubscribe(subscription.Channel);
        }
    }

    /// <summary>Queues the reply to the subscribe and lets publications flow, in one step.</summary>
    /// <param name="subscription">A pending one.</param>
    /// <param name="reply">A whole frame; copied.</param>
    /// <returns>False when the subscription was ended meanwhile, because the right to it was taken away; nothing is sent then.</returns>
    public bool TryStart(Subscription subscription, ReadOnlySpan<byte> reply)
    {
        var isStarted = TryFinish(connection.Outbound.TryMove(subscription, SubscriptionState.Pending, SubscriptionState.Active, reply));
        if (isStarted)
        {
            OnStarted(subscription);
        }

        return isStarted;
    }

    /// <summary>Queues the reply to the connect and lets the publications of its subscriptions flow, in one step.</summary>
    /// <param name="subscriptions">Pending ones. The client is sent an unsubscribe for those that were ended meanwhile.</param>
    /// <param name="reply">A whole frame; copied.</param>
    public void StartAll(IReadOnlyList<Subscription> subscriptions, ReadOnlySpan<byte> reply)
    {
        if (subscriptions.Count == 0)
        {
            connection.Send(reply);
            return;
        }

        var ended = new List<Subscription>();
        TryFinish(connection.Outbound.TryBegin(subscriptions, reply, ended));
        foreach (var subscription in ended)
        {
            connection.Send(UnsubscribePush(subscription, UnsubscribeCode.PermissionDenied));
        }

        foreach (var subscription in subscriptions.Except(ended))
        {
            OnStarted(subscription);
        }
    }

    /// <summary>Queues a push for a subscription, unless that has ended.</summary>
    /// <param name="push">A whole frame; copied.</param>
    public void Push(Subscription subscription, ReadOnlySpan<byte> push) =>
        TryFinish(connection.Outbound.TryMove(subscription, SubscriptionState.Active, SubscriptionState.Active, push));

    /// <summary>Queues the reply to a command and lets the keys that it names flow, in one step.</summary>
    /// <param name="keys">Pending; they are in none of the hub's channels.</param>
    /// <param name="reply">A whole frame; copied.</param>
    public void StartTracking(IReadOnlyList<Subscription> keys, ReadOnlySpan<byte> reply) => TryFinish(connection.Outbound.TryBegin(keys, reply, []));

    /// <summary>Ends keys: nothing of them is delivered any more.</summary>
    public void EndTracking(IReadOnlyList<Subscription> keys)
    {
        foreach (var key in keys)
        {
            connection.Outbound.End(key);
        }
    }

    /// <summary>Ends the subscription to a channel, if there is one, and queues the reply in the same step: nothing of the channel follows it.</summary>
    /// <param name="channel">The channel to leave.</param>
    /// <param name="reply">A whole frame; copied.</param>
    public ValueTask LeaveAsync(ChannelName channel, ReadOnlySpan<byte> reply)
    {
        if (Find(channel) is { } subscription)
        {
            Remove(subscription);
            if (TryFinish(connection.Outbound.TryMove(subscription, SubscriptionState.Active, SubscriptionState.Ended, reply)))
            {
                ConnectionLog.Unsubscribed(connection, channel);
                return Services.Attendance.LeaveAsync(connection, subscription);
            }
        }

        connection.Send(reply);
        return ValueTask.CompletedTask;
    }

    /// <summary>Removes all when the connection closes.</summary>
    public async ValueTask LeaveAllAsync()
    {
        connection.SubscriptionTable.Upkeep?.Stop();
        foreach (var subscription in connection.SubscriptionTable.RemoveAll())
        {
            LeaveHub(subscription);
            if (connection.Outbound.End(subscription))
            {
                await Services.Attendance.LeaveAsync(connection, subscription);
            }
        }
    }

    /// <summary>Removes a subscription without a message to the client.</summary>
    public void Abandon(Subscription subscription)
    {
        Remove(subscription);
        connection.Outbound.End(subscription);
    }

    /// <inheritdoc cref="ISubscriber.EndSubscription"/>
    public void End(Subscription subscription, UnsubscribeCode code)
    {
        if (subscription.IsServerSide && code == UnsubscribeCode.InsufficientState)
        {
            // A client subscribes again only to what it has subscribed to itself.
            connection.Disconnect(DisconnectCode.InsufficientState);
        }
        else if (TryEnd(subscription, code))
        {
            Services.Attendance.Leave(connection, subscription);
        }
    }

    /// <summary>Sets new terms, which a token or a back end has given.</summary>
    public void Renew(Subscription subscription, SubscriptionTerms terms)
    {
        subscription.Terms = terms;
        SubscriptionUpkeep.StartIfNeeded(connection, subscription);
    }

    /// <summary>Ends a subscription whose terms have expired.</summary>
    public void Expire(Subscription subscription)
    {
        if (subscription.IsServerSide)
        {
            connection.Disconnect(DisconnectCode.SubscriptionExpired);
        }
        else
        {
            End(subscription, UnsubscribeCode.SubscriptionExpired);
        }
    }

    /// <summary>Ends a subscription that still misses what the channel had when this was called before.</summary>
    /// <param name="subscription">One of this connection.</param>
    /// <param name="top">The channel's position, asked for just now.</param>
    public void EndIfBehind(Subscription subscription, StreamPosition top)
    {
        if (!connection.Outbound.HasCaughtUp(subscription, top))
        {
            EndAfterLoss(subscription);
        }
    }

    /// <summary>Ends a subscription that has missed something, so that the client recovers.</summary>
    /// <remarks>The channel's gates may be held here: what asks the engine has to wait for another thread.</remarks>
    public void EndAfterLoss(Subscription subscription)
    {
        if (subscription.IsServerSide)
        {
            // A client cannot recover one subscription that it did not make, but all of them when it connects again.
            connection.Disconnect(DisconnectCode.InsufficientState);
        }
        else if (TryEnd(subscription, UnsubscribeCode.InsufficientState))
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                static gone => gone.Connection.Services.Attendance.Leave(gone.Connection, gone.Subscription), (Connection: connection, Subscription: subscription), preferLocal: false);
        }
    }

    private void OnStarted(Subscription subscription)
    {
        ConnectionLog.Subscribed(connection, subscription.Channel);
        SubscriptionUpkeep.StartIfNeeded(connection, subscription);
    }

    private bool TryEnd(Subscription subscription, UnsubscribeCode code)
    {
        Remove(subscription);
        connection.Services.Metrics.Unsubscribed(code.Code);
        ConnectionLog.Unsubscribed(connection, subscription.Channel, code);
        var push = connection.Complete(UnsubscribePush(subscription, code));
        return TryFinish(connection.Outbound.TryMove(subscription, SubscriptionState.Active, SubscriptionState.Ended, push));
    }

    private FrameWriter UnsubscribePush(Subscription subscription, UnsubscribeCode code)
    {
        var push = FrameWriter.Begin();
        connection.Codec.WriteUnsubscribePush(push, subscription.Channel, code);
        return push;
    }

    private void Remove(Subscription subscription)
    {
        connection.SubscriptionTable.Remove(subscription);
        LeaveHub(subscription);
    }

    private void LeaveHub(Subscription subscription)
    {
        Services.Hub.Remove(subscription);
        subscription.Leave();
        if (subscription.TryLeaveBus())
        {
            Services.NodeSubscriptions.Unsubscribe(subscription.Channel);
        }
    }

    // A queue that is full or has lost something ends the connection; only a refusal leaves the subscription as it was.
    private bool TryFinish(QueueResult result)
    {
        if (result is QueueResult.Full)
        {
            connection.Disconnect(DisconnectCode.Slow);
        }
        else if (result is QueueResult.Lost)
        {
            connection.Disconnect(DisconnectCode.InsufficientState);
        }

        return result is not QueueResult.Refused;
    }
}
