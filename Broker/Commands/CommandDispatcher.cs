using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Protocol.Commands;
using ClawEvents.Broker.Telemetry;

namespace ClawEvents.Broker.Commands;

/// <summary>Reads the commands of a client's message and has each one handled, one after another.</summary>
/// <remarks>Shared by all connections; the receive loop of a connection calls it once per message.</remarks>
internal sealed class CommandDispatcher(
    ConnectHandler connect,
    SubscribeHandler subscribe,
    UnsubscribeHandler unsubscribe,
    PublishHandler publish,
    RefreshHandler refresh,
    SubRefreshHandler subRefresh,
    HistoryHandler history,
    PresenceHandler presence,
    RpcDispatcher rpc) : IMessageHandler
{
    // A connect of a unidirectional connection has no id, and its reply is a push.
    private const uint UnidirectionalId = 1;

    /// <inheritdoc/>
    public async ValueTask HandleAsync(ClientConnection connection, ReadOnlyMemory<byte> message)
    {
        if (connection.Wire.IsUnidirectional)
        {
            await HandleUnidirectionalAsync(connection, message);
            return;
        }

        if (message.IsEmpty)
        {
            connection.Disconnect(DisconnectCode.BadRequest);
        }

        var rest = message;
        for (var commands = 0; !connection.IsClosing && !rest.IsEmpty; commands++)
        {
            if (commands == ProtocolLimits.MaxCommandsPerMessage || !TryHandleNext(connection, ref rest, out var handling))
            {
                connection.Disconnect(DisconnectCode.BadRequest);
                return;
            }

            await handling;
            if (connection.CountCommand())
            {
                await connection.NextTurnAsync();
            }
        }
    }

    // The first message is the request of a connect, alone; later ones are ignored.
    private ValueTask HandleUnidirectionalAsync(ClientConnection connection, ReadOnlyMemory<byte> message)
    {
        if (connection.Phase is not ConnectionPhase.AwaitingConnect)
        {
            return ValueTask.CompletedTask;
        }

        if (connection.Codec.TryReadConnect(message, out var command))
        {
            var start = Begin(connection, CommandKind.Connect);
            return TimeAsync(connection, start, GuardAsync(connection, CommandKind.Connect, UnidirectionalId, connect.HandleAsync(connection, UnidirectionalId, command)));
        }

        connection.Disconnect(DisconnectCode.BadRequest);
        return ValueTask.CompletedTask;
    }

    // Not async, so that the command stays on the stack.
    private bool TryHandleNext(ClientConnection connection, ref ReadOnlyMemory<byte> rest, out ValueTask handling)
    {
        var isRead = connection.Codec.TryReadCommand(ref rest, out var command);
        handling = isRead ? HandleAsync(connection, command) : default;
        return isRead;
    }

    private ValueTask HandleAsync(ClientConnection connection, in Command command)
    {
        switch (connection.Phase)
        {
            case ConnectionPhase.Connected when command.Kind is not CommandKind.Connect:
            case ConnectionPhase.AwaitingConnect when command.Kind is CommandKind.Connect:
                return CountAsync(connection, command);
            case ConnectionPhase.Connected or ConnectionPhase.AwaitingConnect:
                connection.Disconnect(DisconnectCode.BadRequest);
                break;
        }

        // A connection that was refused, is closing or closed gets no further answers.
        return ValueTask.CompletedTask;
    }

    private ValueTask CountAsync(ClientConnection connection, in Command command)
    {
        var start = Begin(connection, command.Kind);
        return TimeAsync(connection, start, GuardAsync(connection, command.Kind, command.Id, DispatchAsync(connection, command)));
    }

    private static long Begin(ClientConnection connection, CommandKind kind)
    {
        connection.Handling = kind;
        return connection.Services.Metrics.Commands.Begin((int)kind);
    }

    private static ValueTask TimeAsync(ClientConnection connection, long start, ValueTask handling) =>
        start == 0 ? handling : EndAsync(connection.Services.Metrics.Commands, connection.Handling, start, handling);

    private static async ValueTask EndAsync(CommandMetrics metrics, CommandKind kind, long start, ValueTask handling)
    {
        await handling;
        metrics.End((int)kind, start);
    }

    private ValueTask DispatchAsync(ClientConnection connection, in Command command) => command.Kind switch
    {
        CommandKind.Connect => connect.HandleAsync(connection, command.Id, command.Connect),
        CommandKind.Subscribe => subscribe.HandleAsync(connection, command.Id, command.Subscribe),
        CommandKind.Unsubscribe => unsubscribe.HandleAsync(connection, command.Id, command.Unsubscribe),
        CommandKind.Publish => publish.HandleAsync(connection, command.Id, command.Publish),
        CommandKind.Presence => presence.HandleAsync(connection, command.Id, command.Presence),
        CommandKind.PresenceStats => presence.HandleStatsAsync(connection, command.Id, command.PresenceStats),
        CommandKind.History => history.HandleAsync(connection, command.Id, command.History),
        CommandKind.Rpc => rpc.HandleAsync(connection, command.Id, command.Rpc),
        CommandKind.Send => HandleSend(connection),
        CommandKind.Refresh => refresh.HandleAsync(connection, command.Id, command.Refresh),
        CommandKind.SubRefresh => subRefresh.HandleAsync(connection, command.Id, command.SubRefresh),
        _ => HandlePong(connection),
    };

    /// <remarks>Handlers are async methods: their exceptions come with the task, never before it.</remarks>
    private static ValueTask GuardAsync(ClientConnection connection, CommandKind kind, uint id, ValueTask handling) =>
        handling.IsCompletedSuccessfully ? handling : GuardSlowAsync(connection, kind, id, handling);

    private static async ValueTask GuardSlowAsync(ClientConnection connection, CommandKind kind, uint id, ValueTask handling)
    {
        try
        {
            await handling;
        }
        catch (StoreUnavailableException exception)
        {
            // The store logs it once, not for each command.
            connection.SendError(id, ErrorCode.Internal.Because(exception.Problem));
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // A bug, or a failing store. The client may try again, and the other connections never notice.
            ConnectionLog.CommandFailed(connection, kind, exception);
            connection.SendError(id, ErrorCode.Internal);
        }
    }

    // Nothing listens to a send, and it has no reply to carry an error: so it ends the connection.
    private static ValueTask HandleSend(ClientConnection connection)
    {
        connection.Disconnect(DisconnectCode.NotAvailable);
        return ValueTask.CompletedTask;
    }

    private static ValueTask HandlePong(ClientConnection connection)
    {
        if (!connection.KeepAlive.TryAcceptPongMessage())
        {
            connection.Disconnect(DisconnectCode.BadRequest);
        }

        return ValueTask.CompletedTask;
    }
}
