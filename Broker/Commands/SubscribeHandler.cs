using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Commands;

/// <summary>Lets a connection listen to a channel. docs/reference/protocol.md#subscribe</summary>
internal sealed class SubscribeHandler(
    ChannelNames channels, ChannelNamespaces namespaces, ChannelPermissions permissions, SubscriptionOpening opening)
{
    /// <remarks>
    /// It joins before it asks: a lock set in between then finds the subscription and ends it, while asking first would leave
    /// one behind that nobody allowed.
    /// </remarks>
    public async ValueTask HandleAsync(ClientConnection connection, Command command)
    {
        if (command.Channel.IsEmpty || command.Delta is DeltaType.Unknown)
        {
            connection.Disconnect(DisconnectCode.BadRequest);
        }
        else if (!channels.TryGet(command.Channel.Span, out var channel))
        {
            connection.SendError(command.Id, ErrorCode.BadRequest.Because(channels.Rule));
        }
        else if (command.HasFilter)
        {
            connection.SendError(command.Id, ErrorCode.BadRequest.Because("bad request: there are no tag filters (tf) here"));
        }
        else
        {
            var plan = SubscriptionPlan.Of(namespaces.Find(channel), command);
            var subscription = plan.Make(connection, channel);
            if (!connection.TryJoin(subscription, out var error))
            {
                connection.SendError(command.Id, error!);
            }
            else
            {
                await OpenAsync(connection, command.Id, subscription, plan);
            }
        }
    }

    private async ValueTask OpenAsync(ClientConnection connection, uint id, Subscription subscription, SubscriptionPlan plan)
    {
        ErrorCode? error = null;
        var isOpen = false;
        try
        {
            error = await RefuseAsync(connection, subscription);
            if (error is null)
            {
                (var result, error) = await opening.PrepareAsync(connection, subscription, plan);
                isOpen = error is null && TryConfirm(connection, id, subscription, result);
            }
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
        else if (!connection.IsClosing)
        {
            // Without an error the right was lost before the client could be told of it.
            connection.SendError(id, error ?? AccessError.Of(AccessDecision.Denied, subscription.Channel));
        }
    }

    private async ValueTask<ErrorCode?> RefuseAsync(ClientConnection connection, Subscription subscription) =>
        await permissions.CanSubscribeAsync(connection.Principal, subscription.Channel) is var decision && decision is AccessDecision.Allowed
            ? null
            : AccessError.Of(decision, subscription.Channel);

    private static bool TryConfirm(ClientConnection connection, uint id, Subscription subscription, in SubscribeResult result)
    {
        var reply = FrameWriter.Begin();
        if (connection.Codec.TryWriteSubscribed(reply, id, result))
        {
            return connection.TryStart(subscription, connection.Wire.Complete(reply));
        }

        connection.Disconnect(DisconnectCode.InappropriateProtocol);
        return false;
    }
}
