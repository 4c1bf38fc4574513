using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Protocol.Commands;

namespace ClawEvents.Broker.Commands;

/// <summary>Plans the subscriptions that begin with a connection: those that its token grants, and those that the client asks for.</summary>
/// <remarks>docs/reference/protocol.md#server-side-subscriptions</remarks>
internal sealed class ConnectSubscriptions(ChannelResolver channels)
{
    /// <param name="granted">Their namespaces have to exist.</param>
    /// <param name="asked">By channel. Those that are not granted need the client's own permission; those that it may not have are left out.</param>
    public Outcome<IReadOnlyList<SubscriptionPlan>> Plan(IReadOnlyList<AllowedSubscription> granted, IReadOnlyDictionary<string, SubscribeCommand> asked)
    {
        if (granted.Count + asked.Count == 0)
        {
            return Outcome<IReadOnlyList<SubscriptionPlan>>.Of([]);
        }

        var plans = new List<SubscriptionPlan>(granted.Count + asked.Count);
        foreach (var grant in granted)
        {
            if (!channels.TryResolve(grant.Channel, out var channel) || channel.Options is null)
            {
                return Outcome<IReadOnlyList<SubscriptionPlan>>.Refused(ErrorCode.UnknownChannel);
            }

            var wish = asked.GetValueOrDefault(grant.Channel).Wish;
            plans.Add(SubscriptionPlan.Of(channel, wish, grant, grant.ExpiresAt, isServerSide: true) with { IsOptional = true });
        }

        foreach (var (name, subscribe) in asked)
        {
            if (subscribe.Type != 0 || !channels.TryResolve(name, out var channel) || AccessError.OfType(channel, 0) is not null || granted.Any(grant => grant.Channel == name))
            {
                continue;
            }

            if (channel.Options is { SubscribeProxy: null })
            {
                plans.Add(SubscriptionPlan.Of(channel, subscribe.Wish, isServerSide: true) with { IsOptional = true });
            }
            else if (channel is { Options: null, Name.Kind: ChannelKind.Namespaced })
            {
                return Outcome<IReadOnlyList<SubscriptionPlan>>.Disconnected(DisconnectCode.BadRequest);
            }
        }

        return Outcome<IReadOnlyList<SubscriptionPlan>>.Of(plans);
    }
}
