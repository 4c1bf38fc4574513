using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Permissions;

/// <summary>Removes the live subscribers of a channel who lost the right to listen: a lock was set, or a grant taken back.</summary>
internal sealed class SubscriptionSweeper(ChannelHub hub, ChannelPermissions permissions)
{
    /// <summary>Asks the permission question again for everybody who listens; their other subscriptions stay.</summary>
    /// <remarks>Call it after the change is in the store: whoever subscribes later is asked then.</remarks>
    public async ValueTask SweepAsync(ChannelName channel)
    {
        foreach (var subscription in hub.SubscriptionsOf(channel))
        {
            if (await permissions.CanSubscribeAsync(subscription.Subscriber.Principal, channel) is not AccessDecision.Allowed)
            {
                subscription.Subscriber.EndSubscription(subscription, UnsubscribeCode.PermissionDenied);
            }
        }
    }
}
