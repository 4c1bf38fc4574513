using System.Collections.Frozen;
using System.Text;
using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Identity.ClientTokens;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Commands;

/// <summary>The first command of a connection: who the client is, and what it is subscribed to from the beginning.</summary>
/// <remarks>docs/reference/protocol.md#connect. No token means anonymous; a token must hold, even where none would be needed.</remarks>
internal sealed class ConnectHandler(BrokerOptions options, ConnectionTokens tokens, ConnectSubscriptions subscriptions, NodeIdentity node, TimeProvider time)
{
    private static readonly FrozenDictionary<string, Command> NothingAsked = FrozenDictionary<string, Command>.Empty;

    public async ValueTask HandleAsync(ClientConnection connection, Command command)
    {
        var (status, identity) = command.Token.IsEmpty
            ? (TokenStatus.Valid, ConnectionIdentity.Anonymous)
            : await tokens.VerifyAsync(Encoding.UTF8.GetString(command.Token.Span));
        switch (status)
        {
            case TokenStatus.Valid:
                await AcceptAsync(connection, command, identity);
                break;
            case TokenStatus.Expired:
                Refuse(connection, command.Id, ErrorCode.TokenExpired);
                break;
            case TokenStatus.Unavailable:
                Refuse(connection, command.Id, ErrorCode.Internal);
                break;
            default:
                connection.Disconnect(DisconnectCode.InvalidToken);
                break;
        }
    }

    private static void Refuse(ClientConnection connection, uint id, ErrorCode error)
    {
        connection.Refuse();
        connection.SendError(id, error);
    }

    private async ValueTask AcceptAsync(ClientConnection connection, Command command, ConnectionIdentity identity)
    {
        connection.Identify(identity);
        var opened = await subscriptions.OpenAsync(connection, identity.Subscriptions, command.Connect?.Subscriptions ?? NothingAsked);
        if (opened.Disconnect is { } code)
        {
            connection.Disconnect(code);
        }
        else if (opened.Error is { } error)
        {
            Refuse(connection, command.Id, error);
        }
        else
        {
            Confirm(connection, command.Id, identity, opened);
            await subscriptions.AnnounceAsync(connection, opened);
        }
    }

    private void Confirm(ClientConnection connection, uint id, ConnectionIdentity identity, ConnectOpening opened)
    {
        var reply = FrameWriter.Begin();
        var ping = connection.PingsNatively ? 0 : (int)options.PingInterval.TotalSeconds;
        var result = new ConnectResult(connection.Id, BrokerVersion.Text, TokenLife.SecondsLeft(identity.ExpiresAt, time), ping)
        {
            Pong = ping > 0 && !connection.Wire.IsUnidirectional,
            Subscriptions = opened.Results,
            Session = connection.Session,
            Node = connection.Wire.IsEmulated ? node.Name : null,
        };
        if (connection.Wire.IsUnidirectional ? connection.Codec.TryWriteConnectPush(reply, result) : connection.Codec.TryWriteConnected(reply, id, result))
        {
            connection.Start(opened.Subscriptions, connection.Complete(reply));
            connection.Connect();
        }
        else
        {
            connection.Disconnect(DisconnectCode.InappropriateProtocol);
        }
    }
}
