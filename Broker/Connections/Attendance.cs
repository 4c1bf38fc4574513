using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Hub;

namespace ClawEvents.Broker.Connections;

/// <summary>Reports to the engine when a client joins, stays in and leaves a channel, as far as the subscription's traits ask for it.</summary>
/// <remarks>
/// Thread-safe. No gate is held during a call of the engine, and no caller may hold a channel's gate. When the engine cannot be reached, presence
/// expires by itself, and other clients do not learn of a join or leave.
/// </remarks>
internal sealed class Attendance(IChannelEngine engine, MapPresence maps, ConnectionOptions options, ILogger<Attendance> logger)
{
    private const SubscriptionTraits Shown = SubscriptionTraits.ShowsPresence | SubscriptionTraits.ShowsInMaps;
    private const SubscriptionTraits Any = Shown | SubscriptionTraits.AnnouncesJoins | SubscriptionTraits.TakesKeyAlong;

    /// <summary>Adds presence before the client learns that it is subscribed, so that clients that see its join find it there.</summary>
    /// <exception cref="StoreUnavailableException">The engine's server is away: the subscribe fails.</exception>
    public ValueTask ArriveAsync(ClientConnection connection, Subscription subscription) =>
        (subscription.Traits & Shown) switch
        {
            SubscriptionTraits.None => ValueTask.CompletedTask,
            SubscriptionTraits.ShowsPresence => engine.AddPresenceAsync(subscription.Channel, connection.Subscriptions.InfoOn(subscription), options.PresenceTtl),
            _ => ArriveInMapsAsync(connection, subscription),
        };

    /// <summary>Announces the join after the client has learnt that it is subscribed.</summary>
    public ValueTask AnnounceAsync(ClientConnection connection, Subscription subscription) =>
        subscription.Has(SubscriptionTraits.AnnouncesJoins) ? AnnounceJoinAsync(connection, subscription) : ValueTask.CompletedTask;

    /// <summary>Removes presence and announces the leave after an active subscription has ended.</summary>
    public ValueTask LeaveAsync(ClientConnection connection, Subscription subscription) =>
        (subscription.Traits & Any) == 0 ? ValueTask.CompletedTask : EndPresenceAsync(connection, subscription);

    /// <summary>Like <see cref="LeaveAsync"/>, for callers that cannot wait.</summary>
    public void Leave(ClientConnection connection, Subscription subscription) => _ = LeaveAsync(connection, subscription).AsTask();

    /// <summary>Removes presence of a subscription that did not begin.</summary>
    public ValueTask WithdrawAsync(ClientConnection connection, Subscription subscription) =>
        (subscription.Traits & Shown) != 0 ? RemovePresenceAsync(connection, subscription) : ValueTask.CompletedTask;

    /// <summary>Renews presence while a subscription lives. Does not wait.</summary>
    public void Renew(ClientConnection connection, Subscription subscription)
    {
        if ((subscription.Traits & Shown) != 0)
        {
            _ = RenewPresenceAsync(connection, subscription).AsTask();
        }
    }

    // Closures apart from the methods above, so that the many subscriptions without such traits cost nothing.
    private ValueTask AnnounceJoinAsync(ClientConnection connection, Subscription subscription) =>
        GuardAsync(() => engine.PublishJoinAsync(subscription.Channel, connection.Subscriptions.InfoOn(subscription)), "announce a join");

    private ValueTask RenewPresenceAsync(ClientConnection connection, Subscription subscription) =>
        GuardAsync(() => RenewAsync(connection, subscription), "renew presence");

    private ValueTask RemovePresenceAsync(ClientConnection connection, Subscription subscription) =>
        GuardAsync(() => RemoveAsync(connection, subscription), "remove presence");

    private async ValueTask EndPresenceAsync(ClientConnection connection, Subscription subscription)
    {
        await WithdrawAsync(connection, subscription);
        if (subscription.Has(SubscriptionTraits.AnnouncesJoins))
        {
            await GuardAsync(() => engine.PublishLeaveAsync(subscription.Channel, connection.Subscriptions.InfoOn(subscription)), "announce a leave");
        }

        if (subscription.Has(SubscriptionTraits.TakesKeyAlong))
        {
            await GuardAsync(() => maps.TakeKeyAsync(connection, subscription), "remove the key of a client from a map");
        }
    }

    private async ValueTask ArriveInMapsAsync(ClientConnection connection, Subscription subscription)
    {
        if (subscription.Has(SubscriptionTraits.ShowsPresence))
        {
            await engine.AddPresenceAsync(subscription.Channel, connection.Subscriptions.InfoOn(subscription), options.PresenceTtl);
        }

        await maps.ArriveAsync(connection, subscription);
    }

    private async ValueTask DepartAsync(ClientConnection connection, Subscription subscription)
    {
        if (subscription.Has(SubscriptionTraits.ShowsPresence))
        {
            await engine.RemovePresenceAsync(subscription.Channel, connection.Id);
        }

        if (subscription.Has(SubscriptionTraits.ShowsInMaps))
        {
            await maps.LeaveAsync(connection, subscription);
        }
    }

    // A client may have subscribed again before this: presence knows the client and not its subscription.
    private async ValueTask RemoveAsync(ClientConnection connection, Subscription subscription)
    {
        await DepartAsync(connection, subscription);
        if (connection.Subscriptions.Find(subscription.Channel) is { } again && again != subscription)
        {
            await ArriveAsync(connection, again);
        }
    }

    // The client may have left meanwhile.
    private async ValueTask RenewAsync(ClientConnection connection, Subscription subscription)
    {
        await ArriveAsync(connection, subscription);
        if (connection.Subscriptions.Find(subscription.Channel) is null)
        {
            await DepartAsync(connection, subscription);
        }
    }

    // The client is subscribed or gone, whatever the engine says.
    private ValueTask GuardAsync(Func<ValueTask> work, string purpose) => new(Unattended.RunAsync(work, logger, purpose));
}
