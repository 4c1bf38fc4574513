using System.Diagnostics.CodeAnalysis;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Commands.Maps;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Protocol.Commands;

namespace ClawEvents.Broker.Commands;

/// <summary>Subscribes a connection to a channel. docs/reference/protocol.md#subscribe</summary>
internal sealed class SubscribeHandler(ChannelResolver channels, SubscribeAccess access, SubscriptionOpening opening, MapSubscribing maps)
{
    private static readonly ErrorCode BadFilter = ErrorCode.BadRequest.Because(
        $"bad request: a tag filter (tf) is a comparison (key, cmp, val or vals) or and, or, not of nodes; {FilterNode.MaxNodes} at most, {FilterNode.MaxDepth} deep");

    public async ValueTask HandleAsync(ClientConnection connection, uint id, SubscribeCommand command)
    {
        if (command.Channel.IsEmpty || command.Wish.Delta is DeltaType.Unknown)
        {
            connection.Disconnect(DisconnectCode.BadRequest);
        }
        else if (!channels.TryResolve(command.Channel.Span, out var channel))
        {
            connection.SendError(id, ErrorCode.BadRequest.Because(channels.Rule));
        }
        else if (connection.Subscriptions.Find(channel.Name) is MapSubscription { Paging: { } paging } && MapRequest.IsContinuation(command))
        {
            Answer(connection, id, channel, await maps.ContinueAsync(paging, MapRequest.Of(id, command, paging.Options)));
        }
        else if (connection.Subscriptions.CheckRoom(channel.Name) is { } error)
        {
            connection.SendError(id, error, channel.Name);
        }
        else if (!TryReadFilter(connection, channel, command.Wish, out var filter, out error))
        {
            connection.SendError(id, error, channel.Name);
        }
        else
        {
            await AskAsync(connection, id, channel, command, filter);
        }
    }

    // A channel without options is refused later, by the permissions.
    private static bool TryReadFilter(ClientConnection connection, ResolvedChannel channel, in SubscriptionWish wish, out TagFilter? filter, [NotNullWhen(false)] out ErrorCode? error)
    {
        (filter, error) = (null, null);
        if (wish.Filter is not { } written || channel.Options is not { } options)
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

    private async ValueTask AskAsync(ClientConnection connection, uint id, ResolvedChannel channel, SubscribeCommand command, TagFilter? filter)
    {
        var outcome = await access.AskAsync(connection, channel, command);
        if (outcome.Disconnect is { } code)
        {
            connection.Disconnect(code);
        }
        else if (outcome.Error is { } error)
        {
            connection.SendError(id, error, channel.Name);
        }
        else
        {
            var plan = PlanOf(channel, command.Wish, outcome.Value).With(filter);
            if (plan.IsMap)
            {
                Answer(connection, id, channel, await maps.BeginAsync(connection, plan, MapRequest.Of(id, command, channel.OptionsOrNone.Map)));
            }
            else
            {
                await OpenAsync(connection, id, plan);
            }
        }
    }

    private static SubscriptionPlan PlanOf(ResolvedChannel channel, in SubscriptionWish wish, AllowedSubscription? grant) => grant is null
        ? SubscriptionPlan.Of(channel, wish, isServerSide: false)
        : SubscriptionPlan.Of(channel, wish, grant, grant.ExpiresAt, isServerSide: false);

    private async ValueTask OpenAsync(ClientConnection connection, uint id, SubscriptionPlan plan)
    {
        var error = await opening.OpenAsync(connection, plan, new SubscribeReply(id));
        if (plan.Grant?.Source is { } source)
        {
            _ = SourceDelivery.RunAsync(connection, plan.Channel.Name, source);
        }

        Answer(connection, id, plan.Channel, error);
    }

    private static void Answer(ClientConnection connection, uint id, ResolvedChannel channel, ErrorCode? error)
    {
        if (error is not null && !connection.IsClosing)
        {
            connection.SendError(id, error, channel.Name);
        }
    }
}
