using System.Diagnostics.CodeAnalysis;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Protocol.Commands;

namespace ClawEvents.Broker.Commands;

/// <summary>Lets a connection listen to a channel. docs/reference/protocol.md#subscribe</summary>
internal sealed class SubscribeHandler(
    ChannelNames channels, ChannelNamespaces namespaces, ChannelPermissions permissions, SubscribeAccess access, SubscriptionOpening opening)
{
    private static readonly ErrorCode BadFilter = ErrorCode.BadRequest.Because(
        $"bad request: a tag filter (tf) is a comparison (key, cmp, val or vals) or and, or, not of nodes; {FilterNode.MaxNodes} at most, {FilterNode.MaxDepth} deep");

    public async ValueTask HandleAsync(ClientConnection connection, uint id, SubscribeCommand command)
    {
        if (command.Channel.IsEmpty || command.Wish.Delta is DeltaType.Unknown)
        {
            connection.Disconnect(DisconnectCode.BadRequest);
        }
        else if (!channels.TryGet(command.Channel.Span, out var channel))
        {
            connection.SendError(id, ErrorCode.BadRequest.Because(channels.Rule));
        }
        else if (connection.Subscriptions.CheckRoom(channel) is { } error)
        {
            connection.SendError(id, error);
        }
        else if (!TryReadFilter(connection, channel, command.Wish, out var filter, out error))
        {
            connection.SendError(id, error);
        }
        else
        {
            await AskAsync(connection, id, channel, command, filter);
        }
    }

    // Whether there is such a channel is said by others, and before this.
    private bool TryReadFilter(ClientConnection connection, ChannelName channel, in SubscriptionWish wish, out TagFilter? filter, [NotNullWhen(false)] out ErrorCode? error)
    {
        (filter, error) = (null, null);
        if (wish.Filter is not { } written || namespaces.Find(channel) is not { } options)
        {
            return true;
        }

        if (!options.AllowTagsFilter)
        {
            error = ErrorCode.BadRequest.Because("bad request: the namespace allows no tag filters (allow_tags_filter)");
            return false;
        }

        filter = connection.Codec.TryReadFilter(written, out var node) ? TagFilter.Of(node) : null;
        error = filter is null ? BadFilter : null;
        return filter is not null;
    }

    private async ValueTask AskAsync(ClientConnection connection, uint id, ChannelName channel, SubscribeCommand command, TagFilter? filter)
    {
        var outcome = await access.AskAsync(connection, channel, command);
        if (outcome.Disconnect is { } code)
        {
            connection.Disconnect(code);
        }
        else if (outcome.Error is { } error)
        {
            connection.SendError(id, error);
        }
        else
        {
            await JoinAsync(connection, id, channel, command.Wish, outcome.Value, filter);
        }
    }

    /// <remarks>
    /// It joins before the permissions are asked: a lock set in between then finds the subscription and ends it, while asking first would leave
    /// one behind that nobody allowed.
    /// </remarks>
    private async ValueTask JoinAsync(ClientConnection connection, uint id, ChannelName channel, SubscriptionWish wish, SubscriptionGrant? grant, TagFilter? filter)
    {
        var options = namespaces.Find(channel);
        var plan = grant is null
            ? SubscriptionPlan.Of(options, wish)
            : SubscriptionPlan.Of(options ?? ChannelOptions.None, wish, grant, grant.ExpiresAt, isServerSide: false);
        plan = plan.With(filter);
        var subscription = plan.Make(connection, channel);
        if (connection.Subscriptions.TryJoin(subscription, out var error))
        {
            await OpenAsync(connection, id, subscription, plan);
        }
        else
        {
            connection.SendError(id, error!);
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
            return connection.Subscriptions.TryStart(subscription, connection.Complete(reply));
        }

        connection.Disconnect(DisconnectCode.InappropriateProtocol);
        return false;
    }
}
