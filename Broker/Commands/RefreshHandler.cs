using System.Text;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Identity.ClientTokens;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Commands;

/// <summary>Brings a new token of the same principal before the old one ends. docs/reference/protocol.md#refresh</summary>
internal sealed class RefreshHandler(ConnectionTokens tokens, TimeProvider time)
{
    public async ValueTask HandleAsync(ClientConnection connection, Command command)
    {
        if (command.Token.IsEmpty)
        {
            connection.Disconnect(DisconnectCode.BadRequest);
            return;
        }

        var (status, identity) = await tokens.VerifyAsync(Encoding.UTF8.GetString(command.Token.Span));
        if (status is TokenStatus.Expired)
        {
            connection.Disconnect(DisconnectCode.ConnectionExpired);
        }
        else if (status is TokenStatus.Unavailable)
        {
            connection.SendError(command.Id, ErrorCode.Internal);
        }
        else if (status is not TokenStatus.Valid || identity.Principal.Name != connection.Principal.Name)
        {
            connection.Disconnect(DisconnectCode.InvalidToken);
        }
        else
        {
            Prolong(connection, command.Id, identity);
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
