using System.Text;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Protocol.Commands;

namespace ClawEvents.Broker.Commands;

/// <summary>Subscribes and unsubscribes live connections for the server API. docs/reference/protocol.md#server-side-subscriptions</summary>
/// <remarks>Thread-safe: the connection's own commands may run at the same time.</remarks>
internal sealed class ServerSubscriptions(ChannelResolver channels, SubscriptionOpening opening)
{
    /// <summary>Subscribes a connection and sends it a push. A subscription that is there already is replaced.</summary>
    /// <param name="connection">Has its connect reply.</param>
    /// <param name="grant">Its permissions are checked on the channels of claw.events only.</param>
    /// <param name="expiresAt">When it ends; <see cref="DateTimeOffset.MaxValue"/>: never.</param>
    /// <param name="since">The position to recover from; null: there is no recovery.</param>
    /// <returns>Null when it is subscribed.</returns>
    public async ValueTask<ErrorCode?> SubscribeAsync(
        ClientConnection connection, AllowedSubscription grant, DateTimeOffset expiresAt, StreamPosition? since = null)
    {
        if (!channels.TryResolve(grant.Channel, out var channel))
        {
            return ErrorCode.BadRequest.Because(channels.Rule);
        }

        if (channel.Options is null)
        {
            return ErrorCode.UnknownChannel;
        }

        if (connection.Subscriptions.Find(channel.Name) is { } former)
        {
            connection.Subscriptions.Abandon(former);
        }

        var plan = SubscriptionPlan.Of(channel, WishOf(since), grant, expiresAt, isServerSide: true);
        var error = await opening.OpenAsync(connection, plan, new Push(channel.Name));
        if (error == ErrorCode.LimitExceeded)
        {
            connection.Disconnect(DisconnectCode.ChannelLimit);
        }

        return error;
    }

    /// <summary>Ends a subscription and sends the client a push, whether the client or the server made it.</summary>
    /// <returns>False when the connection is not subscribed.</returns>
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

    private readonly struct Push(ChannelName channel) : ISubscriptionReply
    {
        public bool TryWrite(FrameWriter message, MessageCodec codec, in SubscribeResult result) => codec.TryWriteSubscribePush(message, channel, result);
    }
}
