using System.Text.Json;
using ClawEvents.Broker.Protocol.Commands;

namespace ClawEvents.Broker.Protocol.Json;

/// <summary>Reads one JSON command of the client protocol.</summary>
/// <remarks>
/// docs/reference/protocol.md#commands: <c>{"id":N,"NAME":{…}}</c>. Names are matched without regard to case, unknown fields are
/// ignored, the last of two equal fields wins, of two equal requests the fields are joined, a wrong type is an error. Pure and thread-safe.
/// Hot path: allocates only for a string with escapes and for the details of a connect (CommandReaderBenchmarks).
/// </remarks>
internal static class JsonCommandReader
{
    /// <param name="json">One object, without the separators around it.</param>
    /// <param name="command">Its memory is that of the text.</param>
    /// <returns>False when the text is not a command.</returns>
    public static bool TryRead(ReadOnlyMemory<byte> json, out Command command)
    {
        command = default;
        return JsonReading.Try(TryReadCommand, json, ref command);
    }

    private static bool TryReadCommand(ReadOnlyMemory<byte> json, ref Command command)
    {
        var reader = new Utf8JsonReader(json.Span, JsonReading.Options);
        return reader.Read() && reader.TokenType is JsonTokenType.StartObject
            && JsonReading.TryReadFields(ref reader, json, ref command, TryReadField)
            && command.IsComplete && !reader.Read();
    }

    private static bool TryReadField(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, ref Command command)
    {
        if (JsonReading.Is(ref reader, "id"u8))
        {
            var isRead = JsonReading.TryReadId(ref reader, out var id);
            command.Id = id;
            return isRead;
        }

        if (!TryReadKind(ref reader, out var kind))
        {
            return JsonReading.Skip(ref reader);
        }

        command.AddKind(kind);
        return reader.Read() && reader.TokenType is JsonTokenType.StartObject && JsonRequestReader.TryRead(ref reader, json, kind, ref command);
    }

    private static bool TryReadKind(ref Utf8JsonReader reader, out CommandKind kind)
    {
        kind = JsonReading.Is(ref reader, "publish"u8) ? CommandKind.Publish
            : JsonReading.Is(ref reader, "subscribe"u8) ? CommandKind.Subscribe
            : JsonReading.Is(ref reader, "unsubscribe"u8) ? CommandKind.Unsubscribe
            : JsonReading.Is(ref reader, "connect"u8) ? CommandKind.Connect
            : JsonReading.Is(ref reader, "presence"u8) ? CommandKind.Presence
            : JsonReading.Is(ref reader, "presence_stats"u8) ? CommandKind.PresenceStats
            : JsonReading.Is(ref reader, "history"u8) ? CommandKind.History
            : JsonReading.Is(ref reader, "rpc"u8) ? CommandKind.Rpc
            : JsonReading.Is(ref reader, "send"u8) ? CommandKind.Send
            : JsonReading.Is(ref reader, "refresh"u8) ? CommandKind.Refresh
            : JsonReading.Is(ref reader, "sub_refresh"u8) ? CommandKind.SubRefresh
            : CommandKind.Pong;
        return kind is not CommandKind.Pong;
    }
}
