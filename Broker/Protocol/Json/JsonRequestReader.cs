using System.Text.Json;
using ClawEvents.Broker.Protocol.Commands;

namespace ClawEvents.Broker.Protocol.Json;

/// <summary>Reads the fields of one JSON request. Fields that this broker does not use are read, too, because a wrong type is an error in them as well.</summary>
/// <remarks>Throws as <see cref="JsonReading"/> does.</remarks>
internal static class JsonRequestReader
{
    /// <param name="reader">On the object's start; afterwards on its end.</param>
    /// <param name="json">The text that the reader reads.</param>
    /// <param name="kind">The kind of request.</param>
    /// <param name="command">The request of that kind gets the fields; those that come replace the ones it had.</param>
    /// <returns>False when a field has a wrong type.</returns>
    public static bool TryRead(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, CommandKind kind, ref Command command) => kind switch
    {
        CommandKind.Connect => JsonReading.TryReadFields(ref reader, json, ref command.Connect, JsonConnectReader.TryReadField),
        CommandKind.Subscribe => JsonReading.TryReadFields(ref reader, json, ref command.Subscribe, JsonSubscribeReader.TryReadField),
        CommandKind.Unsubscribe => JsonReading.TryReadFields(ref reader, json, ref command.Unsubscribe, TryReadUnsubscribe),
        CommandKind.Publish => JsonReading.TryReadFields(ref reader, json, ref command.Publish, TryReadPublish),
        CommandKind.Presence => JsonReading.TryReadFields(ref reader, json, ref command.Presence, TryReadPresence),
        CommandKind.PresenceStats => JsonReading.TryReadFields(ref reader, json, ref command.PresenceStats, TryReadPresence),
        CommandKind.History => JsonReading.TryReadFields(ref reader, json, ref command.History, TryReadHistory),
        CommandKind.Rpc => JsonReading.TryReadFields(ref reader, json, ref command.Rpc, TryReadRpc),
        CommandKind.Send => JsonReading.TryReadFields(ref reader, json, ref command.Send, TryReadSend),
        CommandKind.Refresh => JsonReading.TryReadFields(ref reader, json, ref command.Refresh, TryReadRefresh),
        _ => JsonReading.TryReadFields(ref reader, json, ref command.SubRefresh, TryReadSubRefresh),
    };

    private static bool TryReadUnsubscribe(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, ref UnsubscribeCommand unsubscribe) =>
        JsonReading.Is(ref reader, "channel"u8) ? JsonReading.TryReadText(ref reader, json, out unsubscribe.Channel) : JsonReading.Skip(ref reader);

    private static bool TryReadPublish(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, ref PublishCommand publish) =>
        JsonReading.Is(ref reader, "channel"u8) ? JsonReading.TryReadText(ref reader, json, out publish.Channel)
        : JsonReading.Is(ref reader, "data"u8) ? JsonReading.TryReadData(ref reader, json, out publish.Data)
        : JsonReading.Is(ref reader, "type"u8) ? JsonReading.TryReadInt32(ref reader, out publish.Type)
        : JsonReading.Is(ref reader, "key"u8) ? JsonReading.TryReadText(ref reader, json, out publish.Key)
        : JsonReading.Is(ref reader, "removed"u8) ? JsonReading.TryReadFlag(ref reader, out publish.Removed)
        : JsonReading.Skip(ref reader);

    private static bool TryReadPresence(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, ref PresenceCommand presence) =>
        JsonReading.Is(ref reader, "channel"u8) ? JsonReading.TryReadText(ref reader, json, out presence.Channel) : JsonReading.Skip(ref reader);

    private static bool TryReadHistory(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, ref HistoryCommand history) =>
        JsonReading.Is(ref reader, "channel"u8) ? JsonReading.TryReadText(ref reader, json, out history.Channel)
        : JsonReading.Is(ref reader, "limit"u8) ? JsonReading.TryReadInt32(ref reader, out history.Limit)
        : JsonReading.Is(ref reader, "reverse"u8) ? JsonReading.TryReadFlag(ref reader, out history.Reverse)
        : JsonReading.Is(ref reader, "since"u8) ? TryReadSince(ref reader, json, ref history)
        : JsonReading.Skip(ref reader);

    private static bool TryReadSince(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, ref HistoryCommand history)
    {
        reader.Read();
        history.HasSince = reader.TokenType is JsonTokenType.StartObject;
        return history.HasSince
            ? JsonReading.TryReadFields(ref reader, json, ref history, TryReadPosition)
            : reader.TokenType is JsonTokenType.Null;
    }

    private static bool TryReadPosition(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, ref HistoryCommand history) =>
        JsonReading.Is(ref reader, "offset"u8) ? JsonReading.TryReadUInt64(ref reader, out history.Offset)
        : JsonReading.Is(ref reader, "epoch"u8) ? JsonReading.TryReadText(ref reader, json, out history.Epoch)
        : JsonReading.Skip(ref reader);

    private static bool TryReadRpc(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, ref RpcCommand rpc) =>
        JsonReading.Is(ref reader, "method"u8) ? JsonReading.TryReadText(ref reader, json, out rpc.Method)
        : JsonReading.Is(ref reader, "data"u8) ? JsonReading.TryReadData(ref reader, json, out rpc.Data)
        : JsonReading.Skip(ref reader);

    private static bool TryReadSend(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, ref SendCommand send) =>
        JsonReading.Is(ref reader, "data"u8) ? JsonReading.TryReadData(ref reader, json, out send.Data) : JsonReading.Skip(ref reader);

    private static bool TryReadRefresh(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, ref RefreshCommand refresh) =>
        JsonReading.Is(ref reader, "token"u8) ? JsonReading.TryReadText(ref reader, json, out refresh.Token) : JsonReading.Skip(ref reader);

    private static bool TryReadSubRefresh(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, ref SubRefreshCommand refresh) =>
        JsonReading.Is(ref reader, "channel"u8) ? JsonReading.TryReadText(ref reader, json, out refresh.Channel)
        : JsonReading.Is(ref reader, "token"u8) ? JsonReading.TryReadText(ref reader, json, out refresh.Token)
        : JsonReading.Is(ref reader, "type"u8) ? JsonReading.TryReadInt32(ref reader, out refresh.Type)
        : JsonReading.Is(ref reader, "track"u8) ? JsonTrackReader.TryReadBatches(ref reader, json, refresh.Keys ??= new())
        : JsonReading.Is(ref reader, "untrack"u8) ? JsonTrackReader.TryReadKeys(ref reader, refresh.Keys ??= new())
        : JsonReading.Skip(ref reader);
}
