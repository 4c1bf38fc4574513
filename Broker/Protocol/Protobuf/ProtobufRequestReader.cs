using ClawEvents.Broker.Protocol.Commands;

namespace ClawEvents.Broker.Protocol.Protobuf;

/// <summary>Reads the fields of one Protobuf request, numbered as in docs/reference/protocol.md#protobuf.</summary>
internal static class ProtobufRequestReader
{
    /// <param name="message">The request.</param>
    /// <param name="kind">The kind of request.</param>
    /// <param name="command">The request of that kind gets the fields; those that come replace the ones it had.</param>
    /// <returns>False for bytes that are not Protobuf, or a field of a wrong type.</returns>
    public static bool TryRead(ReadOnlyMemory<byte> message, CommandKind kind, ref Command command) => kind switch
    {
        CommandKind.Connect => ProtobufReader.TryReadFields(message, ref command.Connect, ProtobufConnectReader.TryReadField),
        CommandKind.Subscribe => ProtobufReader.TryReadFields(message, ref command.Subscribe, ProtobufSubscribeReader.TryReadField),
        CommandKind.Unsubscribe => ProtobufReader.TryReadFields(message, ref command.Unsubscribe, TryReadUnsubscribe),
        CommandKind.Publish => ProtobufReader.TryReadFields(message, ref command.Publish, TryReadPublish),
        CommandKind.Presence => ProtobufReader.TryReadFields(message, ref command.Presence, TryReadPresence),
        CommandKind.PresenceStats => ProtobufReader.TryReadFields(message, ref command.PresenceStats, TryReadPresence),
        CommandKind.History => ProtobufReader.TryReadFields(message, ref command.History, TryReadHistory),
        CommandKind.Rpc => ProtobufReader.TryReadFields(message, ref command.Rpc, TryReadRpc),
        CommandKind.Send => ProtobufReader.TryReadFields(message, ref command.Send, TryReadSend),
        CommandKind.Refresh => ProtobufReader.TryReadFields(message, ref command.Refresh, TryReadRefresh),
        _ => ProtobufReader.TryReadFields(message, ref command.SubRefresh, TryReadSubRefresh),
    };

    /// <summary>Reads a payload. Empty bytes are never written; when they come, they mean that there is none.</summary>
    public static bool TryReadData(ref ProtobufReader reader, WireType type, out ReadOnlyMemory<byte>? data)
    {
        var isRead = reader.TryReadBytes(type, out var bytes);
        data = bytes.IsEmpty ? (ReadOnlyMemory<byte>?)null : bytes;
        return isRead;
    }

    /// <summary>Reads a number of 32 bits with a sign, however long it is written.</summary>
    public static bool TryReadInt32(ref ProtobufReader reader, WireType type, out int value)
    {
        var isRead = reader.TryReadNumber(type, out var number);
        value = (int)number;
        return isRead;
    }

    private static bool TryReadUnsubscribe(ref ProtobufReader reader, int field, WireType type, ref UnsubscribeCommand unsubscribe) =>
        field == 1 ? reader.TryReadText(type, out unsubscribe.Channel) : reader.TrySkip(type);

    private static bool TryReadPublish(ref ProtobufReader reader, int field, WireType type, ref PublishCommand publish) => field switch
    {
        1 => reader.TryReadText(type, out publish.Channel),
        2 => TryReadData(ref reader, type, out publish.Data),
        3 => TryReadInt32(ref reader, type, out publish.Type),
        4 => reader.TryReadText(type, out publish.Key),
        5 => reader.TryReadFlag(type, out publish.Removed),
        _ => reader.TrySkip(type),
    };

    private static bool TryReadPresence(ref ProtobufReader reader, int field, WireType type, ref PresenceCommand presence) =>
        field == 1 ? reader.TryReadText(type, out presence.Channel) : reader.TrySkip(type);

    private static bool TryReadHistory(ref ProtobufReader reader, int field, WireType type, ref HistoryCommand history) => field switch
    {
        1 => reader.TryReadText(type, out history.Channel),
        7 => TryReadInt32(ref reader, type, out history.Limit),
        8 => TryReadSince(ref reader, type, ref history),
        9 => reader.TryReadFlag(type, out history.Reverse),
        _ => reader.TrySkip(type),
    };

    private static bool TryReadSince(ref ProtobufReader reader, WireType type, ref HistoryCommand history)
    {
        history.HasSince = true;
        return reader.TryReadBytes(type, out var since) && ProtobufReader.TryReadFields(since, ref history, TryReadPosition);
    }

    private static bool TryReadPosition(ref ProtobufReader reader, int field, WireType type, ref HistoryCommand history) => field switch
    {
        1 => reader.TryReadNumber(type, out history.Offset),
        2 => reader.TryReadText(type, out history.Epoch),
        _ => reader.TrySkip(type),
    };

    private static bool TryReadRpc(ref ProtobufReader reader, int field, WireType type, ref RpcCommand rpc) => field switch
    {
        1 => TryReadData(ref reader, type, out rpc.Data),
        2 => reader.TryReadText(type, out rpc.Method),
        _ => reader.TrySkip(type),
    };

    private static bool TryReadSend(ref ProtobufReader reader, int field, WireType type, ref SendCommand send) =>
        field == 1 ? TryReadData(ref reader, type, out send.Data) : reader.TrySkip(type);

    private static bool TryReadRefresh(ref ProtobufReader reader, int field, WireType type, ref RefreshCommand refresh) =>
        field == 1 ? reader.TryReadText(type, out refresh.Token) : reader.TrySkip(type);

    private static bool TryReadSubRefresh(ref ProtobufReader reader, int field, WireType type, ref SubRefreshCommand refresh) => field switch
    {
        1 => reader.TryReadText(type, out refresh.Channel),
        2 => reader.TryReadText(type, out refresh.Token),
        3 => TryReadInt32(ref reader, type, out refresh.Type),
        4 => ProtobufTrackReader.TryReadBatch(ref reader, type, refresh.Keys ??= new()),
        5 => ProtobufTrackReader.TryReadKey(ref reader, type, refresh.Keys ??= new()),
        _ => reader.TrySkip(type),
    };
}
