using System.Text.Json;

namespace ClawEvents.Broker.Protocol.Json;

/// <summary>Reads one JSON command of the client protocol.</summary>
/// <remarks>
/// docs/reference/protocol.md#commands: <c>{"id":N,"NAME":{…}}</c>. Names are matched without regard to case, unknown fields are
/// passed over, the last of two equal fields wins, a wrong type is an error. Pure and thread-safe.
/// Hot path: allocates only for a string with escapes and for what only a connect has (CommandReaderBenchmarks).
/// </remarks>
internal static class JsonCommandReader
{
    /// <param name="json">One object, without the separators around it.</param>
    /// <param name="command">What it says.</param>
    /// <returns>False when the text is not a command: the connection is then closed with 3501.</returns>
    public static bool TryRead(ReadOnlyMemory<byte> json, out Command command) => JsonReading.Try(TryReadCommand, json, out command);

    private static bool TryReadCommand(ReadOnlyMemory<byte> json, out Command command)
    {
        command = default;
        var reader = new Utf8JsonReader(json.Span, JsonReading.Options);
        if (!reader.Read() || reader.TokenType is not JsonTokenType.StartObject)
        {
            return false;
        }

        uint id = 0;
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            if (JsonReading.Is(ref reader, "id"u8))
            {
                if (!JsonReading.TryReadId(ref reader, out id))
                {
                    return false;
                }
            }
            else if (TryReadKind(ref reader, out var kind))
            {
                if (!TryReadRequest(ref reader, json, kind, ref command))
                {
                    return false;
                }
            }
            else
            {
                JsonReading.Pass(ref reader);
            }
        }

        command = command with { Id = id };
        return command.IsComplete && !reader.Read();
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

    private static bool TryReadRequest(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, CommandKind kind, ref Command command)
    {
        // Of two equal requests the fields are joined, as Protobuf wants it.
        var request = kind == command.Kind ? command : new Command(kind, 0);
        if (!reader.Read() || reader.TokenType is not JsonTokenType.StartObject || !JsonRequestReader.TryRead(ref reader, json, ref request))
        {
            return false;
        }

        if (command.Kind is CommandKind.Pong || kind <= command.Kind)
        {
            command = request;
        }

        return true;
    }
}
