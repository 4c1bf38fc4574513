using System.Text.Json;

namespace ClawEvents.Broker.Protocol.Json;

/// <summary>Reads the fields of a JSON connect.</summary>
/// <remarks>Throws as <see cref="JsonReading"/> does.</remarks>
internal static class JsonConnectReader
{
    /// <summary>Reads the request alone: <c>{"token":TEXT,…}</c>, a null, or nothing.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> json, out Command command)
    {
        command = new Command(CommandKind.Connect, 1);
        if (json.IsEmpty)
        {
            return true;
        }

        var reader = new Utf8JsonReader(json.Span, JsonReading.Options);
        reader.Read();
        return (reader.TokenType is JsonTokenType.Null
                || (reader.TokenType is JsonTokenType.StartObject && JsonRequestReader.TryRead(ref reader, json, ref command)))
            && !reader.Read();
    }

    /// <param name="reader">On the name of a field.</param>
    /// <param name="json">The text that the reader reads.</param>
    /// <param name="request">Gets the field's value.</param>
    public static bool TryReadField(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, ref Command request)
    {
        bool isRead;
        if (JsonReading.Is(ref reader, "token"u8))
        {
            isRead = JsonReading.TryReadText(ref reader, json, out var token);
            request = request with { Token = token };
        }
        else if (JsonReading.Is(ref reader, "data"u8))
        {
            isRead = true;
            request = request with { Data = JsonReading.ReadRaw(ref reader, json) };
        }
        else
        {
            var details = request.Connect ?? new ConnectRequest();
            request = request with { Connect = details };
            isRead = TryReadDetail(ref reader, json, details);
        }

        return isRead;
    }

    private static bool TryReadDetail(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, ConnectRequest details)
    {
        bool isRead;
        if (JsonReading.Is(ref reader, "name"u8))
        {
            isRead = JsonReading.TryReadString(ref reader, out var name);
            details.Name = name;
        }
        else if (JsonReading.Is(ref reader, "version"u8))
        {
            isRead = JsonReading.TryReadString(ref reader, out var version);
            details.Version = version;
        }
        else
        {
            isRead = JsonReading.Is(ref reader, "subs"u8) ? TryReadSubscriptions(ref reader, json, details)
                : JsonReading.Is(ref reader, "headers"u8) ? TryReadHeaders(ref reader, details)
                : JsonReading.Is(ref reader, "flag"u8) ? JsonReading.TryReadInt64(ref reader, out _)
                : JsonReading.Is(ref reader, "dict"u8) || JsonReading.Is(ref reader, "profile"u8) ? JsonReading.TryReadText(ref reader, json, out _)
                : JsonReading.Pass(ref reader);
        }

        return isRead;
    }

    private static bool TryReadSubscriptions(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, ConnectRequest details)
    {
        reader.Read();
        if (reader.TokenType is not JsonTokenType.StartObject)
        {
            return reader.TokenType is JsonTokenType.Null;
        }

        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var channel = reader.GetString()!;
            if (!TryReadSubscription(ref reader, json, out var subscribe) || !details.TryAddSubscription(channel, subscribe))
            {
                return false;
            }
        }

        return true;
    }

    // The name in the map is the channel, whatever the request in it says.
    private static bool TryReadSubscription(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, out Command subscribe)
    {
        var channel = JsonReading.ReadName(ref reader, json);
        subscribe = new Command(CommandKind.Subscribe, 0);
        reader.Read();
        var isRead = reader.TokenType is JsonTokenType.Null
            || (reader.TokenType is JsonTokenType.StartObject && JsonRequestReader.TryRead(ref reader, json, ref subscribe));
        subscribe = subscribe with { Channel = channel };
        return isRead;
    }

    private static bool TryReadHeaders(ref Utf8JsonReader reader, ConnectRequest details)
    {
        reader.Read();
        if (reader.TokenType is not JsonTokenType.StartObject)
        {
            return reader.TokenType is JsonTokenType.Null;
        }

        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            if (!JsonReading.TryReadString(ref reader, out var value) || !details.TryAddHeader(name, value))
            {
                return false;
            }
        }

        return true;
    }
}
