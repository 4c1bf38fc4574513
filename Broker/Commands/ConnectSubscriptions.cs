using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Protocol.Commands;

namespace ClawEvents.Broker.Commands;

/// <summary>Plans the subscriptions that begin with a connection: those that its token grants, and those that the client asks for.</summary>
/// <remarks>docs/reference/protocol.md#server-side-subscriptions</remarks>
internal sealed class ConnectSubscriptions(ChannelNames channels, ChannelNamespaces namespaces)
{
    /// <param name="granted">Their namespaces have to exist.</param>
    /// <param name="asked">By channel. Those that are not granted need the client's own permission; those that it may not have are left out.</param>
    public Outcome<IReadOnlyList<SubscriptionPlan>> Plan(IReadOnlyList<SubscriptionGrant> granted, IReadOnlyDictionary<string, SubscribeCommand> asked)
    {
        var plans = new List<SubscriptionPlan>(granted.Count + asked.Count);
        foreach (var grant in granted)
        {
            if (!channels.TryGet(grant.Channel, out var channel) || namespaces.Find(channel) is not { } options)
            {
                return Outcome<IReadOnlyList<SubscriptionPlan>>.Refused(ErrorCode.UnknownChannel);
            }

            var wish = asked.GetValueOrDefault(grant.Channel).Wish;
            plans.Add(SubscriptionPlan.Of(channel, options, wish, grant, grant.ExpiresAt, isServerSide: true) with { IsOptional = true });
        }

        foreach (var (name, subscribe) in asked)
        {
            if (subscribe.HasOtherType || !channels.TryGet(name, out var channel) || granted.Any(grant => grant.Channel == name))
            {
                continue;
            }

            if (namespaces.Find(channel) is { SubscribeProxy: null } options)
            {
                plans.Add(SubscriptionPlan.Of(channel, options, subscribe.Wish, isServerSide: true) with { IsOptional = true });
            }
            else if (channel.Kind is ChannelKind.Namespaced && namespaces.Find(channel) is null)
            {
                return Outcome<IReadOnlyList<SubscriptionPlan>>.Disconnected(DisconnectCode.BadRequest);
            }
        }

        return Outcome<IReadOnlyList<SubscriptionPlan>>.Of(plans);
    }
}
