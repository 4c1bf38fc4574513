using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Revocations;

/// <summary>Removes the live subscribers of a channel who lost the right to listen: a lock was set, or a grant taken back.</summary>
/// <remarks>Thread-safe. Their other subscriptions stay.</remarks>
internal sealed class SubscriptionSweeper : IDisposable
{
    // A store behind a network answers so many questions at once in a few milliseconds.
    private const int MaxQuestions = 256;

    private readonly ChannelHub _hub;
    private readonly ChannelPermissions _permissions;
    private readonly PendingChecks<ChannelName> _soon;

    /// <param name="hub">Knows who listens.</param>
    /// <param name="permissions">Answers the question.</param>
    /// <param name="time">For sweeps that have to wait for the store.</param>
    /// <param name="logger">Is told of those that cannot be made.</param>
    public SubscriptionSweeper(ChannelHub hub, ChannelPermissions permissions, TimeProvider time, ILogger<SubscriptionSweeper> logger)
    {
        _hub = hub;
        _permissions = permissions;
        _soon = new(SweepAsync, time, logger);
    }

    /// <summary>Asks the permission question again for everybody who listens.</summary>
    /// <remarks>Call it after the change is in the store: whoever subscribes later is asked then.</remarks>
    /// <exception cref="StoreUnavailableException">Not everybody was asked.</exception>
    public async ValueTask SweepAsync(ChannelName channel)
    {
        // One question for all that are the same principal, as the many anonymous ones are.
        var listening = _hub.SubscriptionsOf(channel).GroupBy(subscription => subscription.Subscriber.Principal.Name, StringComparer.Ordinal);
        foreach (var some in listening.Chunk(MaxQuestions))
        {
            await Task.WhenAll(some.Select(subscriptions => SweepAsync(channel, [.. subscriptions])));
        }
    }

    /// <summary>Sweeps a channel in the background, and again until everybody was asked.</summary>
    /// <returns>As <see cref="PendingChecks{TKey}.RunAsync(TKey)"/>. Does not wait.</returns>
    public Task SweepSoonAsync(ChannelName channel) => _soon.RunAsync(channel);

    /// <summary>Sweeps every channel that could be locked, in the background: a change may have been missed.</summary>
    /// <returns>Complete when everybody was asked, however long the store is away; never fails.</returns>
    public Task SweepAllAsync() =>
        Task.WhenAll(_hub.CountByChannel().Select(channel => channel.Key).Where(channel => channel.IsLockable).Select(SweepSoonAsync));

    public void Dispose() => _soon.Dispose();

    private async Task SweepAsync(ChannelName channel, Subscription[] subscriptions)
    {
        if (await _permissions.CanSubscribeAsync(subscriptions[0].Subscriber.Principal, channel) is AccessDecision.Allowed)
        {
            return;
        }

        foreach (var subscription in subscriptions)
        {
            subscription.Subscriber.EndSubscription(subscription, UnsubscribeCode.PermissionDenied);
        }
    }
}
