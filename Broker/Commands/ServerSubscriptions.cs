using System.Text;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Protocol.Commands;

namespace ClawEvents.Broker.Commands;

/// <summary>Subscriptions that the server makes and ends while a connection lives: for the server API. docs/reference/protocol.md#server-side-subscriptions</summary>
/// <remarks>Thread-safe: the connection's own commands may run at the same time.</remarks>
internal sealed class ServerSubscriptions(ChannelNames channels, ChannelNamespaces namespaces, ChannelPermissions permissions, SubscriptionOpening opening)
{
    /// <summary>Subscribes a connection and tells it so with a push. Who has the subscription already gets it anew.</summary>
    /// <param name="connection">One that has connected.</param>
    /// <param name="grant">The channel, and what is said of it; no permission is asked for, but on the channels of claw.events.</param>
    /// <param name="expiresAt">When it ends; <see cref="DateTimeOffset.MaxValue"/>: never.</param>
    /// <param name="since">Where the client is to recover from; null: it does not.</param>
    /// <returns>Why not; null: it is subscribed, or its connection is ending.</returns>
    public async ValueTask<ErrorCode?> SubscribeAsync(
        ClientConnection connection, SubscriptionGrant grant, DateTimeOffset expiresAt, StreamPosition? since = null)
    {
        if (!channels.TryGet(grant.Channel, out var channel))
        {
            return ErrorCode.BadRequest.Because(channels.Rule);
        }

        if (namespaces.Find(channel) is not { } options)
        {
            return ErrorCode.UnknownChannel;
        }

        if (connection.Subscriptions.Find(channel) is { } former)
        {
            connection.Subscriptions.Abandon(former);
        }

        var plan = SubscriptionPlan.Of(options, WishOf(since), grant, expiresAt, isServerSide: true);
        var subscription = plan.Make(connection, channel);
        if (connection.Subscriptions.TryJoin(subscription, out var error))
        {
            return await OpenAsync(connection, subscription, plan);
        }

        if (error == ErrorCode.LimitExceeded)
        {
            connection.Disconnect(DisconnectCode.ChannelLimit);
        }

        return null;
    }

    /// <summary>Ends a subscription and tells the client so with a push, whoever has made it.</summary>
    /// <returns>False when there is none.</returns>
    public static bool Unsubscribe(ClientConnection connection, ChannelName channel, UnsubscribeCode code)
    {
        if (connection.Subscriptions.Find(channel) is not { } subscription)
        {
            return false;
        }

        connection.Subscriptions.End(subscription, code);
        return true;
    }

    private static SubscriptionWish WishOf(StreamPosition? since) => since is not { } position ? default : new()
    {
        Recover = true,
        Offset = position.Offset,
        Epoch = Encoding.UTF8.GetBytes(position.Epoch),
    };

    private async ValueTask<ErrorCode?> OpenAsync(ClientConnection connection, Subscription subscription, SubscriptionPlan plan)
    {
        ErrorCode? error = null;
        var isOpen = false;
        try
        {
            if (subscription.Channel.IsClaw && await permissions.CanSubscribeAsync(connection.Principal, subscription.Channel) is not AccessDecision.Allowed)
            {
                return ErrorCode.Forbidden;
            }

            (var result, error) = await opening.PrepareAsync(connection, subscription, plan);
            isOpen = error is null && TryTell(connection, subscription, result);
        }
        finally
        {
            if (!isOpen)
            {
                await opening.AbandonAsync(connection, subscription);
            }
        }

        if (isOpen)
        {
            await opening.AnnounceAsync(connection, subscription);
        }

        return error;
    }

    private static bool TryTell(ClientConnection connection, Subscription subscription, in SubscribeResult result)
    {
        var push = FrameWriter.Begin();
        if (connection.Codec.TryWriteSubscribePush(push, subscription.Channel, result))
        {
            return connection.Subscriptions.TryStart(subscription, connection.Complete(push));
        }

        connection.Disconnect(DisconnectCode.InappropriateProtocol);
        return false;
    }
}
