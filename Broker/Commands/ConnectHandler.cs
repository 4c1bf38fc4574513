using System.Text;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Commands;

/// <summary>The first command of a connection: who the client is.</summary>
/// <remarks>docs/reference/protocol.md#connect. No token means anonymous; a token must hold, even where none would be needed.</remarks>
internal sealed class ConnectHandler(BrokerOptions options, TokenVerifier tokens, TimeProvider time)
{
    public async ValueTask HandleAsync(ClientConnection connection, Command command)
    {
        var identity = command.Token.IsEmpty
            ? TokenResult.Anonymous
            : await tokens.VerifyAsync(Encoding.UTF8.GetString(command.Token.Span));
        switch (identity.Status)
        {
            case TokenStatus.Valid:
                Accept(connection, command.Id, identity);
                break;
            case TokenStatus.Expired:
                connection.Refuse();
                connection.SendError(command.Id, ErrorCode.TokenExpired);
                break;
            default:
                connection.Disconnect(DisconnectCode.InvalidToken);
                break;
        }
    }

    private void Accept(ClientConnection connection, uint id, TokenResult identity)
    {
        var frame = FrameWriter.Begin();
        var ping = (int)options.PingInterval.TotalSeconds;
        ReplyWriter.WriteConnected(frame, id, new(connection.Id, BrokerVersion.Text, identity.SecondsLeft(time), ping));
        connection.Send(frame.Complete(Opcode.Text));
        connection.Connect(identity.Principal, identity.ExpiresAt);
    }
}
