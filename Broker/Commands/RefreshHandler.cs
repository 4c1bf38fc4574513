using System.Text;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Identity.Tokens;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Protocol.Commands;
using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Commands;

/// <summary>Prolongs a connection with a new token of the same principal. docs/reference/protocol.md#refresh</summary>
internal sealed class RefreshHandler(ConnectionTokens tokens, Renewal renewal, TimeProvider time)
{
    public async ValueTask HandleAsync(ClientConnection connection, uint id, RefreshCommand command)
    {
        if (command.Token.IsEmpty || renewal.IsAskedAboutConnections)
        {
            connection.Disconnect(DisconnectCode.BadRequest);
            return;
        }

        var (status, identity) = await tokens.VerifyAsync(Encoding.UTF8.GetString(command.Token.Span));
        connection.Services.Metrics.CountUnlessValid("client", status);
        if (status is TokenStatus.Expired || identity.ExpiresAt <= time.GetUtcNow())
        {
            connection.Disconnect(DisconnectCode.ConnectionExpired);
        }
        else if (status is TokenStatus.Unavailable)
        {
            connection.SendError(id, ErrorCode.Internal);
        }
        else if (status is not TokenStatus.Valid || identity.Principal.Name != connection.Principal.Name)
        {
            connection.Disconnect(DisconnectCode.InvalidToken);
        }
        else if (!connection.Profile.IsGranted(identity.Subscriptions))
        {
            // The new token grants other subscriptions; the client gets them when it connects again.
            connection.Disconnect(DisconnectCode.InsufficientState);
        }
        else
        {
            Prolong(connection, id, identity);
        }
    }

    private void Prolong(ClientConnection connection, uint id, ConnectionIdentity identity)
    {
        connection.Identify(identity);
        var reply = FrameWriter.Begin();
        connection.Codec.WriteRefreshed(reply, id, new(connection.Id, BrokerVersion.Text, TokenLife.SecondsLeft(identity.ExpiresAt, time)));
        connection.Send(reply);
    }
}
