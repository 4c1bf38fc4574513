using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Commands;

/// <summary>Takes a client's message apart and has each command handled, one after another.</summary>
/// <remarks>Shared by all connections; the receive loop of a connection calls it once per message.</remarks>
internal sealed partial class CommandDispatcher(
    ConnectHandler connect,
    SubscribeHandler subscribe,
    UnsubscribeHandler unsubscribe,
    PublishHandler publish,
    RefreshHandler refresh,
    SubRefreshHandler subRefresh,
    HistoryHandler history,
    PresenceHandler presence,
    RpcDispatcher rpc,
    ILogger<CommandDispatcher> logger) : IMessageHandler
{
    /// <inheritdoc/>
    public async ValueTask HandleAsync(ClientConnection connection, ReadOnlyMemory<byte> message)
    {
        if (connection.Wire.IsUnidirectional)
        {
            await HandleUnidirectionalAsync(connection, message);
            return;
        }

        var rest = message;
        var commands = 0;
        if (rest.IsEmpty)
        {
            connection.Disconnect(DisconnectCode.BadRequest);
        }

        while (!connection.IsClosing && connection.Codec.ReadCommand(ref rest, out var command) is var read and not CommandRead.End)
        {
            if (++commands > ProtocolLimits.MaxCommandsPerMessage || read is CommandRead.Malformed)
            {
                connection.Disconnect(DisconnectCode.BadRequest);
                return;
            }

            await HandleAsync(connection, command);
        }
    }

    // The first message is the request of a connect, alone; whatever follows it is passed over.
    private ValueTask HandleUnidirectionalAsync(ClientConnection connection, ReadOnlyMemory<byte> message)
    {
        if (connection.Phase is not ConnectionPhase.AwaitingConnect)
        {
            return ValueTask.CompletedTask;
        }

        if (connection.Codec.TryReadConnectRequest(message, out var command))
        {
            return HandleAsync(connection, command);
        }

        connection.Disconnect(DisconnectCode.BadRequest);
        return ValueTask.CompletedTask;
    }

    private ValueTask HandleAsync(ClientConnection connection, in Command command)
    {
        switch (connection.Phase)
        {
            case ConnectionPhase.Connected when command.Kind is not CommandKind.Connect:
            case ConnectionPhase.AwaitingConnect when command.Kind is CommandKind.Connect:
                return GuardAsync(connection, command);
            case ConnectionPhase.Connected or ConnectionPhase.AwaitingConnect:
                connection.Disconnect(DisconnectCode.BadRequest);
                break;
        }

        // Refused, closing or closed: nobody gets an answer any more.
        return ValueTask.CompletedTask;
    }

    private async ValueTask GuardAsync(ClientConnection connection, Command command)
    {
        try
        {
            await HandleKnownAsync(connection, command);
        }
        catch (StoreUnavailableException)
        {
            // The store has told the log, once, and not for each command.
            connection.SendError(command.Id, ErrorCode.Internal.Because("store unavailable"));
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // A bug, or the store is sick. The client may try again, and the other connections never notice.
            Log.CommandFailed(logger, exception, connection.Id, command.Kind);
            connection.SendError(command.Id, ErrorCode.Internal);
        }
    }

    private ValueTask HandleKnownAsync(ClientConnection connection, in Command command)
    {
        switch (command.Kind)
        {
            case CommandKind.Pong:
                TakePong(connection);
                return ValueTask.CompletedTask;
            case CommandKind.Connect:
                return connect.HandleAsync(connection, command);
            case CommandKind.Subscribe:
                return subscribe.HandleAsync(connection, command);
            case CommandKind.Unsubscribe:
                return unsubscribe.HandleAsync(connection, command);
            case CommandKind.Publish:
                return publish.HandleAsync(connection, command);
            case CommandKind.Refresh:
                return refresh.HandleAsync(connection, command);
            case CommandKind.SubRefresh:
                return subRefresh.HandleAsync(connection, command);
            case CommandKind.Presence or CommandKind.PresenceStats:
                return presence.HandleAsync(connection, command);
            case CommandKind.History:
                return history.HandleAsync(connection, command);
            case CommandKind.Rpc:
                return rpc.HandleAsync(connection, command);
            case CommandKind.Send:
                // It has no reply to carry an error, so an unheard message ends the connection.
                connection.Disconnect(DisconnectCode.NotAvailable);
                return ValueTask.CompletedTask;
            default:
                connection.SendError(command.Id, ErrorCode.NotAvailable);
                return ValueTask.CompletedTask;
        }
    }

    private static void TakePong(ClientConnection connection)
    {
        if (!connection.KeepAlive.TryAcceptPongMessage())
        {
            connection.Disconnect(DisconnectCode.BadRequest);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Command {Kind} of {ConnectionId} failed.")]
        public static partial void CommandFailed(ILogger logger, Exception exception, Guid connectionId, CommandKind kind);
    }
}
