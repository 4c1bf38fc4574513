using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Hub;

namespace ClawEvents.Broker.Connections;

/// <summary>Tells the engine who comes into a channel, who still is there, and who goes, as far as the subscription's traits want it told.</summary>
/// <remarks>
/// Thread-safe. Nothing is held while the engine is asked, and no caller may hold a channel's gate. When the engine cannot be told that somebody
/// stays or goes, presence runs out by itself, and the others are not told.
/// </remarks>
internal sealed class Attendance(IChannelEngine engine, ILogger<Attendance> logger)
{
    /// <summary>How often the engine is told that a client is still there.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(27);

    // Two of the intervals may fail.
    private static readonly TimeSpan Ttl = TimeSpan.FromSeconds(60);

    private const SubscriptionTraits Any = SubscriptionTraits.ShowsPresence | SubscriptionTraits.TellsComings;

    /// <summary>Before the client is told that it is subscribed, so that whoever is told of it afterwards finds it.</summary>
    /// <exception cref="StoreUnavailableException">The engine's server is away: the subscribe fails.</exception>
    public ValueTask ArriveAsync(ClientConnection connection, Subscription subscription) =>
        subscription.Traits.HasFlag(SubscriptionTraits.ShowsPresence)
            ? engine.AddPresenceAsync(subscription.Channel, connection.Subscriptions.InfoOn(subscription), Ttl)
            : ValueTask.CompletedTask;

    /// <summary>After the client was told that it is subscribed.</summary>
    public ValueTask AnnounceAsync(ClientConnection connection, Subscription subscription) =>
        subscription.Traits.HasFlag(SubscriptionTraits.TellsComings) ? TellOfJoiningAsync(connection, subscription) : ValueTask.CompletedTask;

    /// <summary>After an active subscription has ended.</summary>
    public ValueTask LeaveAsync(ClientConnection connection, Subscription subscription) =>
        (subscription.Traits & Any) == 0 ? ValueTask.CompletedTask : TellOfLeavingAsync(connection, subscription);

    /// <summary>As <see cref="LeaveAsync"/>, for callers who cannot wait.</summary>
    public void Leave(ClientConnection connection, Subscription subscription) => _ = LeaveAsync(connection, subscription).AsTask();

    /// <summary>After a subscription that had arrived did not begin.</summary>
    public ValueTask WithdrawAsync(ClientConnection connection, Subscription subscription) =>
        subscription.Traits.HasFlag(SubscriptionTraits.ShowsPresence) ? TellOfAbsenceAsync(connection, subscription) : ValueTask.CompletedTask;

    /// <summary>From time to time while a subscription lives. Does not wait.</summary>
    public void Stay(ClientConnection connection, Subscription subscription)
    {
        if (subscription.Traits.HasFlag(SubscriptionTraits.ShowsPresence))
        {
            _ = TellOfPresenceAsync(connection, subscription).AsTask();
        }
    }

    // Apart from the methods above, which cost the many subscriptions without such traits nothing.
    private ValueTask TellOfJoiningAsync(ClientConnection connection, Subscription subscription) =>
        GuardAsync(() => engine.PublishJoinAsync(subscription.Channel, connection.Subscriptions.InfoOn(subscription)), "announce a join");

    private ValueTask TellOfPresenceAsync(ClientConnection connection, Subscription subscription) =>
        GuardAsync(() => RenewAsync(connection, subscription), "renew presence");

    private ValueTask TellOfAbsenceAsync(ClientConnection connection, Subscription subscription) =>
        GuardAsync(() => RemoveAsync(connection, subscription), "remove presence");

    private async ValueTask TellOfLeavingAsync(ClientConnection connection, Subscription subscription)
    {
        await WithdrawAsync(connection, subscription);
        if (subscription.Traits.HasFlag(SubscriptionTraits.TellsComings))
        {
            await GuardAsync(() => engine.PublishLeaveAsync(subscription.Channel, connection.Subscriptions.InfoOn(subscription)), "announce a leave");
        }
    }

    // A client may be back before the engine has been told that it left: presence knows the client and not its subscription.
    private async ValueTask RemoveAsync(ClientConnection connection, Subscription subscription)
    {
        await engine.RemovePresenceAsync(subscription.Channel, connection.Id);
        if (connection.Subscriptions.Find(subscription.Channel) is { } again && again != subscription)
        {
            await ArriveAsync(connection, again);
        }
    }

    // It may have left while this was under way.
    private async ValueTask RenewAsync(ClientConnection connection, Subscription subscription)
    {
        await ArriveAsync(connection, subscription);
        if (connection.Subscriptions.Find(subscription.Channel) is null)
        {
            await engine.RemovePresenceAsync(subscription.Channel, connection.Id);
        }
    }

    // The client is subscribed or gone, whatever the engine says.
    private ValueTask GuardAsync(Func<ValueTask> work, string purpose) => new(Unattended.RunAsync(work, logger, purpose));
}
