using System.Text;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Identity.Tokens;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Protocol.Commands;
using ClawEvents.Broker.SharedPolls;

namespace ClawEvents.Broker.Commands;

/// <summary>Prolongs a subscription with a new token, or changes the keys that it tracks. docs/reference/protocol.md#sub_refresh</summary>
internal sealed class SubRefreshHandler(ChannelResolver channels, SubscriptionTokens tokens, TrackHandler tracking, TimeProvider time)
{
    private const int Track = 1;
    private const int Untrack = 2;

    private static readonly ErrorCode BadType = ErrorCode.BadRequest.Because("bad request: type is 0 (a new token), 1 (track) or 2 (untrack)");
    private static readonly ErrorCode NoToken = ErrorCode.BadRequest.Because("bad request: token is missing");

    public async ValueTask HandleAsync(ClientConnection connection, uint id, SubRefreshCommand command)
    {
        if (command.Channel.IsEmpty)
        {
            connection.Disconnect(DisconnectCode.BadRequest);
        }
        else if (!channels.TryResolve(command.Channel.Span, out var channel))
        {
            connection.SendError(id, ErrorCode.PermissionDenied);
        }
        else if (command.Type != 0 && AccessError.OfType(channel, (int)SubscriptionType.SharedPoll) is { } mismatch)
        {
            connection.SendError(id, mismatch, channel.Name);
        }
        else if (connection.Subscriptions.Find(channel.Name) is not { } subscription)
        {
            connection.SendError(id, AccessError.Of(AccessRule.NotSubscribed, channel.Name), channel.Name);
        }
        else if (command.Type != 0)
        {
            ChangeKeys(connection, id, command, subscription);
        }
        else if (channel.Options is { SubRefreshProxy: not null })
        {
            connection.Disconnect(DisconnectCode.BadRequest);
        }
        else if (command.Token.IsEmpty)
        {
            connection.SendError(id, NoToken, channel.Name);
        }
        else
        {
            await RenewAsync(connection, id, command.Token, subscription);
        }
    }

    // A subscription that the broker made is of the same kind.
    private void ChangeKeys(ClientConnection connection, uint id, in SubRefreshCommand command, Subscription subscription)
    {
        if (subscription is not SharedPollSubscription polled || command.Type is not (Track or Untrack))
        {
            connection.SendError(id, BadType, subscription.Channel);
        }
        else if (command.Type is Track)
        {
            tracking.Track(connection, id, polled, command.Keys);
        }
        else
        {
            TrackHandler.Untrack(connection, id, polled, command.Keys);
        }
    }

    private async ValueTask RenewAsync(ClientConnection connection, uint id, ReadOnlyMemory<byte> token, Subscription subscription)
    {
        var (status, grant) = await tokens.VerifyAsync(
            Encoding.UTF8.GetString(token.Span), subscription.Channel.Value, connection.Principal.Name, connection.Id);
        connection.Services.Metrics.CountUnlessValid("subscription", status);
        switch (status)
        {
            case SubscriptionTokenStatus.Valid:
                connection.Subscriptions.Renew(subscription, new SubscriptionTerms(grant!.Info, grant.ExpiresAt));
                Confirm(connection, id, grant.ExpiresAt);
                break;
            case SubscriptionTokenStatus.Expired or SubscriptionTokenStatus.Ended:
                connection.SendError(id, ErrorCode.TokenExpired, subscription.Channel);
                break;
            case SubscriptionTokenStatus.Unavailable:
                connection.SendError(id, ErrorCode.Internal, subscription.Channel);
                break;
            default:
                connection.Disconnect(DisconnectCode.InvalidToken);
                break;
        }
    }

    private void Confirm(ClientConnection connection, uint id, DateTimeOffset expiresAt)
    {
        var reply = FrameWriter.Begin();
        connection.Send(reply, connection.Codec.TryWriteSubscriptionRefreshed(reply, id, new(TokenLife.SecondsLeft(expiresAt, time))));
    }
}
