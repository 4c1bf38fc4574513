using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Revocations;

/// <summary>Removes live subscribers of a channel that lost the right to listen: a lock was set, or a grant revoked.</summary>
/// <remarks>Thread-safe. Their other subscriptions stay.</remarks>
internal sealed class SubscriptionSweeper : IDisposable
{
    // A store behind a network answers this many simultaneous questions in a few milliseconds.
    private const int MaxQuestions = 256;

    private readonly ChannelHub _hub;
    private readonly ChannelPermissions _permissions;
    private readonly ChannelResolver _channels;
    private readonly PendingChecks<ChannelName> _changed;
    private readonly PendingChecks<ChannelName> _missed;

    public SubscriptionSweeper(ChannelHub hub, ChannelPermissions permissions, ChannelResolver channels, TimeProvider time, ILogger<SubscriptionSweeper> logger)
    {
        _hub = hub;
        _permissions = permissions;
        _channels = channels;
        _changed = new(SweepAsync, EndUnchecked, CheckPolicy.KnownChange, time, logger);
        _missed = new(SweepAsync, EndUnchecked, CheckPolicy.MissedChange, time, logger);
    }

    /// <summary>Checks the permission of every subscriber again.</summary>
    /// <remarks>Call it after the change is in the store: later subscribers are checked when they subscribe.</remarks>
    /// <exception cref="Faults.StoreUnavailableException">Some subscribers were not checked.</exception>
    public async ValueTask SweepAsync(ChannelName channel)
    {
        var resolved = _channels.Resolve(channel);

        // One question for all subscribers with the same principal, such as the many anonymous ones.
        var listening = _hub.SubscriptionsOf(channel).GroupBy(subscription => subscription.Subscriber.Principal.Name, StringComparer.Ordinal);
        foreach (var some in listening.Chunk(MaxQuestions))
        {
            await Task.WhenAll(some.Select(subscriptions => SweepAsync(resolved, [.. subscriptions])));
        }
    }

    /// <summary>Sweeps a channel in the background after a change of its lock or grants. Subscribers that cannot be checked in time are ended, too.</summary>
    /// <returns>See <see cref="PendingChecks{TKey}.RunAsync(TKey)"/>. Does not wait.</returns>
    public Task SweepSoonAsync(ChannelName channel) => _changed.RunAsync(channel);

    /// <summary>Sweeps every channel that could be locked, in the background, because a change may have been missed.</summary>
    /// <returns>Complete when every subscriber was checked, however long the store is unavailable; never fails.</returns>
    public Task SweepAllAsync() =>
        Task.WhenAll(_hub.CountByChannel().Select(channel => channel.Key).Where(channel => channel.IsLockable).Select(_missed.RunAsync));

    public void Dispose()
    {
        _changed.Dispose();
        _missed.Dispose();
    }

    private async Task SweepAsync(ResolvedChannel channel, Subscription[] subscriptions)
    {
        if ((await _permissions.CanSubscribeAsync(subscriptions[0].Subscriber.Principal, channel)).IsAllowed())
        {
            return;
        }

        foreach (var subscription in subscriptions)
        {
            subscription.Subscriber.EndSubscription(subscription, UnsubscribeCode.PermissionDenied);
        }
    }

    // A lock holds more than a stream does: without an answer only the owner is known to have the right. The others come back, and are checked then.
    private void EndUnchecked(ChannelName channel)
    {
        foreach (var subscription in _hub.SubscriptionsOf(channel))
        {
            if (!ChannelPermissions.IsOwner(subscription.Subscriber.Principal, channel))
            {
                subscription.Subscriber.EndSubscription(subscription, UnsubscribeCode.InsufficientState);
            }
        }
    }
}
