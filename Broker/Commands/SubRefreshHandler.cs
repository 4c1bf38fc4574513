using System.Text;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Identity.Tokens;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Commands;

/// <summary>Brings a new token for a subscription before the old one ends. docs/reference/protocol.md#sub_refresh</summary>
internal sealed class SubRefreshHandler(ChannelNames channels, SubscriptionTokens tokens, Renewal renewal, TimeProvider time)
{
    private static readonly ErrorCode NoToken = ErrorCode.BadRequest.Because("bad request: token is missing");

    public async ValueTask HandleAsync(ClientConnection connection, Command command)
    {
        if (command.Channel.IsEmpty)
        {
            connection.Disconnect(DisconnectCode.BadRequest);
        }
        else if (command.HasOtherType)
        {
            connection.SendError(command.Id, AccessError.OtherType);
        }
        else if (!channels.TryGet(command.Channel.Span, out var channel) || connection.Subscriptions.Find(channel) is not { } subscription)
        {
            connection.SendError(command.Id, channel is null ? ErrorCode.PermissionDenied : AccessError.Of(AccessDecision.Denied, channel));
        }
        else if (renewal.IsAskedAbout(channel))
        {
            connection.Disconnect(DisconnectCode.BadRequest);
        }
        else if (command.Token.IsEmpty)
        {
            connection.SendError(command.Id, NoToken);
        }
        else
        {
            await RenewAsync(connection, command, subscription);
        }
    }

    private async ValueTask RenewAsync(ClientConnection connection, Command command, Subscription subscription)
    {
        var (status, grant) = await tokens.VerifyAsync(
            Encoding.UTF8.GetString(command.Token.Span), subscription.Channel.Value, connection.Principal.Name, connection.Id);
        switch (status)
        {
            case SubscriptionTokenStatus.Valid:
                connection.Subscriptions.Renew(subscription, new SubscriptionTerms(grant!.Info, grant.ExpiresAt));
                Confirm(connection, command.Id, grant.ExpiresAt);
                break;
            case SubscriptionTokenStatus.Expired or SubscriptionTokenStatus.Ended:
                connection.SendError(command.Id, ErrorCode.TokenExpired);
                break;
            case SubscriptionTokenStatus.Unavailable:
                connection.SendError(command.Id, ErrorCode.Internal);
                break;
            default:
                connection.Disconnect(DisconnectCode.InvalidToken);
                break;
        }
    }

    private void Confirm(ClientConnection connection, uint id, DateTimeOffset expiresAt)
    {
        var reply = FrameWriter.Begin();
        connection.Codec.WriteSubscriptionRefreshed(reply, id, TokenLife.SecondsLeft(expiresAt, time));
        connection.Send(reply);
    }
}
