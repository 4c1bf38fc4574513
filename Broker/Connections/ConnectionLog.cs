using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Limits;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Protocol.Commands;
using ClawEvents.Broker.Telemetry;
using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Connections;

/// <summary>What happens to connections, for the log and for those who follow it live: each event has the connection's id and its user. docs/reference/logs.md</summary>
/// <remarks>
/// What clients cause is at Debug. Nothing is formatted while that level is off and nobody follows. Payloads, tokens and the messages of refusals, which may quote
/// payloads, are in no event. Thread-safe.
/// </remarks>
internal static partial class ConnectionLog
{
    public static void Connected(ClientConnection connection)
    {
        Trace(connection, "connected");
        if (IsOn(connection, out var logger))
        {
            Log.Connected(logger, connection.Id, UserOf(connection), connection.Wire.Transport, connection.Address);
        }
    }

    public static void Disconnecting(ClientConnection connection, DisconnectCode code)
    {
        Trace(connection, "disconnecting", code: code.Code, reason: code.Reason);
        if (IsOn(connection, out var logger))
        {
            Log.Disconnecting(logger, connection.Id, UserOf(connection), code.Code, LogText.Of(code.Reason));
        }
    }

    /// <param name="code">Of the close frame; 1006: there was none.</param>
    public static void Closed(ClientConnection connection, int code)
    {
        Trace(connection, "closed", code: code);
        if (IsOn(connection, out var logger))
        {
            Log.Closed(logger, connection.Id, UserOf(connection), code);
        }
    }

    public static void Refused(ClientConnection connection, ErrorCode error, ChannelName? channel)
    {
        Trace(connection, "refused", channel, error.Code, error.Message);
        if (IsOn(connection, out var logger))
        {
            Log.Refused(logger, connection.Id, UserOf(connection), error.Code);
        }
    }

    public static void Subscribed(ClientConnection connection, ChannelName channel)
    {
        Trace(connection, "subscribed", channel);
        if (IsOn(connection, out var logger))
        {
            Log.Subscribed(logger, connection.Id, UserOf(connection), channel.Value);
        }
    }

    /// <summary>The client has left a channel.</summary>
    public static void Unsubscribed(ClientConnection connection, ChannelName channel)
    {
        Trace(connection, "unsubscribed", channel);
        if (IsOn(connection, out var logger))
        {
            Log.Unsubscribed(logger, connection.Id, UserOf(connection), channel.Value);
        }
    }

    /// <summary>The broker has ended a subscription.</summary>
    public static void Unsubscribed(ClientConnection connection, ChannelName channel, UnsubscribeCode code)
    {
        Trace(connection, "subscription_ended", channel, code.Code, code.Reason);
        if (IsOn(connection, out var logger))
        {
            Log.SubscriptionEnded(logger, connection.Id, UserOf(connection), channel.Value, code.Code, LogText.Of(code.Reason));
        }
    }

    /// <summary>A fault of the broker, not of the client.</summary>
    public static void Failed(ClientConnection connection, Exception exception) =>
        Log.Failed(connection.Services.Logger, exception, connection.Id, UserOf(connection));

    /// <inheritdoc cref="Failed"/>
    public static void CommandFailed(ClientConnection connection, CommandKind kind, Exception exception) =>
        Log.CommandFailed(connection.Services.Logger, exception, kind, connection.Id, UserOf(connection));

    // Those who follow a user or a channel may see what the log does not keep: the words of a refusal.
    private static void Trace(ClientConnection connection, string word, ChannelName? channel = null, int code = 0, string? reason = null)
    {
        if (connection.Services.Trace is { IsOn: true } trace)
        {
            trace.Tell(new(word, connection.Principal.Name)
            {
                Client = connection.Id,
                Channel = channel?.Value,
                Code = code,
                Reason = reason,
                Transport = connection.Wire.Transport,
                Action = word == "refused" ? CommandMetrics.Names[(int)connection.Handling] : null,
            });
        }
    }

    private static bool IsOn(ClientConnection connection, out ILogger logger)
    {
        logger = connection.Services.Logger;
        return logger.IsEnabled(LogLevel.Debug);
    }

    private static string UserOf(ClientConnection connection) => connection.Principal.IsAnonymous ? Principal.AnonymousSender : LogText.Of(connection.Principal.Name);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "Disconnecting {ConnectionId} of {User}: {Code} {Reason}")]
        public static partial void Disconnecting(ILogger logger, Guid connectionId, string user, int code, string reason);

        [LoggerMessage(2, LogLevel.Error, "Connection {ConnectionId} of {User} failed.")]
        public static partial void Failed(ILogger logger, Exception exception, Guid connectionId, string user);

        [LoggerMessage(3, LogLevel.Debug, "Connected {ConnectionId} of {User} over {Transport} from {Address}.")]
        public static partial void Connected(ILogger logger, Guid connectionId, string user, string transport, AddressKey address);

        [LoggerMessage(4, LogLevel.Debug, "Closed {ConnectionId} of {User}: {Code}")]
        public static partial void Closed(ILogger logger, Guid connectionId, string user, int code);

        [LoggerMessage(5, LogLevel.Debug, "Refused a command of {ConnectionId} of {User}: error {Code}")]
        public static partial void Refused(ILogger logger, Guid connectionId, string user, int code);

        [LoggerMessage(6, LogLevel.Debug, "Subscribed {ConnectionId} of {User} to {Channel}.")]
        public static partial void Subscribed(ILogger logger, Guid connectionId, string user, string channel);

        [LoggerMessage(7, LogLevel.Debug, "Unsubscribed {ConnectionId} of {User} from {Channel}.")]
        public static partial void Unsubscribed(ILogger logger, Guid connectionId, string user, string channel);

        [LoggerMessage(8, LogLevel.Debug, "Ended the subscription of {ConnectionId} of {User} to {Channel}: {Code} {Reason}")]
        public static partial void SubscriptionEnded(ILogger logger, Guid connectionId, string user, string channel, int code, string reason);

        [LoggerMessage(9, LogLevel.Error, "Command {Kind} of {ConnectionId} of {User} failed.")]
        public static partial void CommandFailed(ILogger logger, Exception exception, CommandKind kind, Guid connectionId, string user);
    }
}
