using System.Text.Json;
using ClawEvents.Broker.Protocol.Commands;

namespace ClawEvents.Broker.Protocol.Json;

/// <summary>Reads the fields of a JSON connect.</summary>
/// <remarks>Throws as <see cref="JsonReading"/> does.</remarks>
internal static class JsonConnectReader
{
    /// <summary>Reads the request alone: <c>{"token":TEXT,…}</c>, a null, or nothing.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> json, ref ConnectCommand connect)
    {
        if (json.IsEmpty)
        {
            return true;
        }

        var reader = new Utf8JsonReader(json.Span, JsonReading.Options);
        reader.Read();
        return (reader.TokenType is JsonTokenType.Null
                || (reader.TokenType is JsonTokenType.StartObject && JsonReading.TryReadFields(ref reader, json, ref connect, TryReadField)))
            && !reader.Read();
    }

    public static bool TryReadField(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, ref ConnectCommand connect) =>
        JsonReading.Is(ref reader, "token"u8) ? JsonReading.TryReadText(ref reader, json, out connect.Token)
        : JsonReading.Is(ref reader, "data"u8) ? JsonReading.TryReadData(ref reader, json, out connect.Data)
        : JsonReading.Is(ref reader, "flag"u8) ? JsonReading.TryReadInt64(ref reader, out _)
        : JsonReading.Is(ref reader, "dict"u8) || JsonReading.Is(ref reader, "profile"u8) ? JsonReading.TryReadText(ref reader, json, out _)
        : TryReadDetail(ref reader, json, connect.Details ??= new());

    private static bool TryReadDetail(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, ConnectDetails details) =>
        JsonReading.Is(ref reader, "name"u8) ? JsonReading.TryReadString(ref reader, out details.Name)
        : JsonReading.Is(ref reader, "version"u8) ? JsonReading.TryReadString(ref reader, out details.Version)
        : JsonReading.Is(ref reader, "subs"u8) ? TryReadMap(ref reader, json, details, TryReadSubscription)
        : JsonReading.Is(ref reader, "headers"u8) ? TryReadMap(ref reader, json, details, TryReadHeader)
        : JsonReading.Skip(ref reader);

    private static bool TryReadMap(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, ConnectDetails details, JsonReading.FieldReader<ConnectDetails> readEntry)
    {
        reader.Read();
        return reader.TokenType is JsonTokenType.StartObject
            ? JsonReading.TryReadFields(ref reader, json, ref details, readEntry)
            : reader.TokenType is JsonTokenType.Null;
    }

    private static bool TryReadSubscription(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, ref ConnectDetails details)
    {
        var (name, channel, subscribe) = (reader.GetString()!, JsonReading.ReadName(ref reader, json), default(SubscribeCommand));
        reader.Read();
        var isRead = reader.TokenType is JsonTokenType.Null
            || (reader.TokenType is JsonTokenType.StartObject && JsonReading.TryReadFields(ref reader, json, ref subscribe, JsonSubscribeReader.TryReadField));

        // The name in the map is the channel, not the one in the request.
        subscribe.Channel = channel;
        return isRead && details.TryAddSubscription(name, subscribe);
    }

    private static bool TryReadHeader(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, ref ConnectDetails details)
    {
        var name = reader.GetString()!;
        return JsonReading.TryReadString(ref reader, out var value) && details.TryAddHeader(name, value);
    }
}
