using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Identity.ClientTokens;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Commands;

/// <summary>Lets a connection listen to a channel. docs/reference/protocol.md#subscribe</summary>
internal sealed class SubscribeHandler(
    ChannelNames channels, ChannelNamespaces namespaces, ChannelPermissions permissions, SubscribeAccess access, SubscriptionOpening opening)
{
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
        else if (connection.RefuseAnother(channel) is { } error)
        {
            connection.SendError(command.Id, error);
        }
        else if (command.HasFilter)
        {
            connection.SendError(command.Id, ErrorCode.BadRequest.Because("bad request: there are no tag filters (tf) here"));
        }
        else
        {
            await AskAsync(connection, channel, command);
        }
    }

    private async ValueTask AskAsync(ClientConnection connection, ChannelName channel, Command command)
    {
        var outcome = await access.AskAsync(connection, channel, command);
        if (outcome.Disconnect is { } code)
        {
            connection.Disconnect(code);
        }
        else if (outcome.Error is { } error)
        {
            connection.SendError(command.Id, error);
        }
        else
        {
            await JoinAsync(connection, channel, command, outcome.Result);
        }
    }

    /// <remarks>
    /// It joins before the permissions are asked: a lock set in between then finds the subscription and ends it, while asking first would leave
    /// one behind that nobody allowed.
    /// </remarks>
    private async ValueTask JoinAsync(ClientConnection connection, ChannelName channel, Command command, SubscriptionGrant? grant)
    {
        var options = namespaces.Find(channel);
        var plan = grant is null
            ? SubscriptionPlan.Of(options, command)
            : SubscriptionPlan.Of(options ?? ChannelOptions.None, command, grant, grant.ExpiresAt, isServerSide: false);
        var subscription = plan.Make(connection, channel);
        if (connection.TryJoin(subscription, out var error))
        {
            await OpenAsync(connection, command.Id, subscription, plan);
        }
        else
        {
            connection.SendError(command.Id, error!);
        }
    }

    private async ValueTask OpenAsync(ClientConnection connection, uint id, Subscription subscription, SubscriptionPlan plan)
    {
        ErrorCode? error = null;
        var isOpen = false;
        try
        {
            error = plan.Grant is null || subscription.Channel.IsClaw ? await RefuseAsync(connection, subscription) : null;
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
            return connection.TryStart(subscription, connection.Complete(reply));
        }

        connection.Disconnect(DisconnectCode.InappropriateProtocol);
        return false;
    }
}
