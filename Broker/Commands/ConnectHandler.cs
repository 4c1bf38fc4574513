using System.Text;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Identity.ClientTokens;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Commands;

/// <summary>The first command of a connection: who the client is.</summary>
/// <remarks>docs/reference/protocol.md#connect. No token means anonymous; a token must hold, even where none would be needed.</remarks>
internal sealed class ConnectHandler(BrokerOptions options, ConnectionTokens tokens, TimeProvider time)
{
    public async ValueTask HandleAsync(ClientConnection connection, Command command)
    {
        var (status, identity) = command.Token.IsEmpty
            ? (TokenStatus.Valid, ConnectionIdentity.Anonymous)
            : await tokens.VerifyAsync(Encoding.UTF8.GetString(command.Token.Span));
        switch (status)
        {
            case TokenStatus.Valid:
                Accept(connection, command.Id, identity);
                break;
            case TokenStatus.Expired:
                connection.Refuse();
                connection.SendError(command.Id, ErrorCode.TokenExpired);
                break;
            case TokenStatus.Unavailable:
                connection.Refuse();
                connection.SendError(command.Id, ErrorCode.Internal);
                break;
            default:
                connection.Disconnect(DisconnectCode.InvalidToken);
                break;
        }
    }

    private void Accept(ClientConnection connection, uint id, ConnectionIdentity identity)
    {
        var reply = FrameWriter.Begin();
        var ping = (int)options.PingInterval.TotalSeconds;
        var isWritten = connection.Codec.TryWriteConnected(
            reply, id, new(connection.Id, BrokerVersion.Text, TokenLife.SecondsLeft(identity.ExpiresAt, time), ping) { Pong = ping > 0 });
        connection.Identify(identity);
        connection.Send(reply, isWritten);
        connection.Connect();
    }
}
