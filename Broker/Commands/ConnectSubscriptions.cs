using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Protocol.Commands;

namespace ClawEvents.Broker.Commands;

/// <summary>The subscriptions that begin with a connection: what its token grants, and what the client asks for and may have.</summary>
/// <remarks>docs/reference/protocol.md#server-side-subscriptions</remarks>
internal sealed class ConnectSubscriptions(
    ChannelNames channels, ChannelNamespaces namespaces, ChannelPermissions permissions, SubscriptionOpening opening)
{
    /// <summary>Prepares them: they are pending until <see cref="ConnectionSubscriptions.StartAll"/>.</summary>
    /// <param name="connection">It knows who it is, and has not been told that it is connected.</param>
    /// <param name="granted">No permission is asked for, but their namespaces have to exist. Those of claw.events have permissions that nobody else gives.</param>
    /// <param name="asked">By channel, with the positions to recover from. Of these, those that are not granted are for clients that may subscribe themselves;
    /// what they may not is passed over.</param>
    /// <returns>In case of a refusal nothing is left of them.</returns>
    public async ValueTask<ConnectOpening> OpenAsync(
        ClientConnection connection, IReadOnlyList<SubscriptionGrant> granted, IReadOnlyDictionary<string, SubscribeCommand> asked)
    {
        if (granted.Count == 0 && asked.Count == 0)
        {
            return ConnectOpening.Nothing;
        }

        var opened = new ConnectOpening();
        var isOpen = false;
        try
        {
            await OpenGrantedAsync(connection, granted, asked, opened);
            await OpenAskedAsync(connection, asked, opened);
            isOpen = !opened.IsRefused;
        }
        finally
        {
            if (!isOpen)
            {
                await AbandonAsync(connection, opened);
            }
        }

        return opened;
    }

    /// <summary>Tells the others, after the client has been told.</summary>
    public async ValueTask AnnounceAsync(ClientConnection connection, ConnectOpening opened)
    {
        foreach (var subscription in opened.Subscriptions)
        {
            await opening.AnnounceAsync(connection, subscription);
        }
    }

    private async ValueTask OpenGrantedAsync(
        ClientConnection connection, IReadOnlyList<SubscriptionGrant> granted, IReadOnlyDictionary<string, SubscribeCommand> asked, ConnectOpening opened)
    {
        foreach (var grant in granted)
        {
            if (!channels.TryGet(grant.Channel, out var channel) || namespaces.Find(channel) is not { } options)
            {
                opened.Refuse(ErrorCode.UnknownChannel);
            }
            else
            {
                var plan = SubscriptionPlan.Of(options, asked.GetValueOrDefault(grant.Channel).Wish, grant, grant.ExpiresAt, isServerSide: true);
                await OpenAsync(connection, channel, plan, opened, isAllowed: !channel.IsClaw);
            }

            if (opened.IsRefused)
            {
                return;
            }
        }
    }

    private async ValueTask OpenAskedAsync(ClientConnection connection, IReadOnlyDictionary<string, SubscribeCommand> asked, ConnectOpening opened)
    {
        foreach (var (name, subscribe) in asked)
        {
            if (opened.IsRefused)
            {
                return;
            }

            if (subscribe.HasOtherType || !channels.TryGet(name, out var channel) || connection.Subscriptions.Contains(channel))
            {
                continue;
            }

            if (namespaces.Find(channel) is { SubscribeProxy: null } options)
            {
                var plan = SubscriptionPlan.Of(options, subscribe.Wish, new(name), DateTimeOffset.MaxValue, isServerSide: true);
                await OpenAsync(connection, channel, plan, opened, isAllowed: false);
            }
            else if (channel.Kind is ChannelKind.Namespaced && namespaces.Find(channel) is null)
            {
                opened.Refuse(DisconnectCode.BadRequest);
            }
        }
    }

    // As with a subscribe, it joins before it asks.
    private async ValueTask OpenAsync(ClientConnection connection, ChannelName channel, SubscriptionPlan plan, ConnectOpening opened, bool isAllowed)
    {
        var subscription = plan.Make(connection, channel);
        if (!connection.Subscriptions.TryJoin(subscription, out var error))
        {
            if (error == ErrorCode.LimitExceeded)
            {
                opened.Refuse(DisconnectCode.ChannelLimit);
            }

            // Otherwise it is granted twice.
            return;
        }

        var isOpen = false;
        try
        {
            if (isAllowed || await permissions.CanSubscribeAsync(connection.Principal, channel) is AccessDecision.Allowed)
            {
                (var result, error) = await opening.PrepareAsync(connection, subscription, plan);
                opened.Add(subscription, result);
                isOpen = true;
            }
        }
        finally
        {
            if (!isOpen)
            {
                await opening.AbandonAsync(connection, subscription);
            }
        }
    }

    private async ValueTask AbandonAsync(ClientConnection connection, ConnectOpening opened)
    {
        foreach (var subscription in opened.Subscriptions)
        {
            await opening.AbandonAsync(connection, subscription);
        }
    }
}
