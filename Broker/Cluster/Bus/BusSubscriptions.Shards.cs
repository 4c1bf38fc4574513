namespace ClawEvents.Broker.Cluster.Bus;

/// <content>Sharded subscriptions, which a server may refuse and may end.</content>
internal sealed partial class BusSubscriptions
{
    /// <summary>The server has begun, or has ended, to send the messages of a channel: because it was asked, or because its slot has left.</summary>
    /// <remarks>Called in the order in which the server says so.</remarks>
    /// <returns>Whether the server has ended a subscription by itself; see <see cref="Retry"/>.</returns>
    public bool SetHeld(BusHome home, ReadOnlySpan<byte> name, bool isHeld)
    {
        lock (_gate)
        {
            if (Find(name) is not { } subscription || subscription.Home != home)
            {
                return false;
            }

            subscription.IsHeld = isHeld;
            if (isHeld || !subscription.IsConfirmed)
            {
                return false;
            }

            // Publications until it is subscribed again are missed.
            subscription.IsInterrupted = true;
            subscription.IsAsked = false;
            home.Unsettled.Enqueue(subscription);
            return true;
        }
    }

    /// <summary>The server has answered all sharded commands of a batch.</summary>
    /// <returns>Whether it has refused some; see <see cref="Retry"/>.</returns>
    public bool ConfirmShards(BusHome home, BusBatch batch)
    {
        var confirmed = new List<TaskCompletionSource>();
        bool isRefused;
        lock (_gate)
        {
            if (home.Connection != batch.Connection)
            {
                // Lost meanwhile: all names have started again.
                return false;
            }

            foreach (var subscription in batch.ShardSubscribe.Concat(batch.ShardUnsubscribe).Where(subscription => ++subscription.Answered == subscription.Sent))
            {
                if (SettleShard(subscription, home) is { } confirmation)
                {
                    confirmed.Add(confirmation);
                }
            }

            isRefused = home.Unsettled.Count > 0;
        }

        confirmed.ForEach(confirmation => confirmation.SetResult());
        Wake(batch.ShardSubscribe.Concat(batch.ShardUnsubscribe));
        return isRefused;
    }

    /// <summary>Queues names that the server has refused, or has ended, and that still belong to it.</summary>
    public void Retry(BusHome home)
    {
        lock (_gate)
        {
            while (home.Unsettled.TryDequeue(out var subscription))
            {
                if (subscription.Home == home)
                {
                    Queue(subscription);
                }
            }
        }

        home.Wake();
    }

    /// <summary>Finds the subscription of a message that every server sends: only one of them has the channel.</summary>
    /// <returns>Null when this server does not send the channel's messages.</returns>
    public BusSubscription? FindHeld(BusHome home, ReadOnlySpan<byte> name)
    {
        lock (_gate)
        {
            return Find(name) is { IsHeld: true } subscription && subscription.Home == home ? subscription : null;
        }
    }

    private TaskCompletionSource? SettleShard(BusSubscription subscription, BusHome home)
    {
        if (subscription.IsAsked == subscription.IsHeld)
        {
            return Settle(subscription);
        }

        subscription.IsAsked = subscription.IsHeld;
        home.Unsettled.Enqueue(subscription);
        return subscription.IsAsked ? Settle(subscription) : null;
    }
}
