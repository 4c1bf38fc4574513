using System.Text.Json;

namespace ClawEvents.Broker.Protocol.Json;

/// <summary>Reads the fields of one JSON request, those this broker makes no use of included: their types count all the same.</summary>
/// <remarks>Throws as <see cref="JsonReading"/> does.</remarks>
internal static class JsonRequestReader
{
    /// <param name="reader">On the object's start; afterwards on its end.</param>
    /// <param name="json">The text that the reader reads.</param>
    /// <param name="request">Its kind decides which fields there are. Fields that come replace what it had.</param>
    /// <returns>False when a field has a wrong type.</returns>
    public static bool TryRead(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, ref Command request)
    {
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            if (!TryReadField(ref reader, json, ref request))
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryReadField(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, ref Command request) => request.Kind switch
    {
        CommandKind.Publish => TryReadPublish(ref reader, json, ref request),
        CommandKind.Subscribe => JsonSubscribeReader.TryReadField(ref reader, json, ref request),
        CommandKind.Connect => JsonConnectReader.TryReadField(ref reader, json, ref request),
        CommandKind.History => TryReadHistory(ref reader, json, ref request),
        CommandKind.Rpc => TryReadRpc(ref reader, json, ref request),
        CommandKind.Send => TryReadData(ref reader, json, ref request) ?? JsonReading.Pass(ref reader),
        CommandKind.Refresh => TryReadToken(ref reader, json, ref request) ?? JsonReading.Pass(ref reader),
        CommandKind.SubRefresh => TryReadSubRefresh(ref reader, json, ref request),
        _ => TryReadChannel(ref reader, json, ref request) ?? JsonReading.Pass(ref reader),
    };

    // These answer null when the field is another one.
    public static bool? TryReadChannel(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, ref Command request)
    {
        if (!JsonReading.Is(ref reader, "channel"u8))
        {
            return null;
        }

        var isRead = JsonReading.TryReadText(ref reader, json, out var channel);
        request = request with { Channel = channel };
        return isRead;
    }

    public static bool? TryReadToken(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, ref Command request)
    {
        if (!JsonReading.Is(ref reader, "token"u8))
        {
            return null;
        }

        var isRead = JsonReading.TryReadText(ref reader, json, out var token);
        request = request with { Token = token };
        return isRead;
    }

    public static bool? TryReadData(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, ref Command request)
    {
        if (!JsonReading.Is(ref reader, "data"u8))
        {
            return null;
        }

        request = request with { Data = JsonReading.ReadRaw(ref reader, json) };
        return true;
    }

    public static bool? TryReadType(ref Utf8JsonReader reader, ref Command request)
    {
        if (!JsonReading.Is(ref reader, "type"u8))
        {
            return null;
        }

        var isRead = JsonReading.TryReadInt32(ref reader, out var type);
        request = request with { HasOtherType = type != 0 };
        return isRead;
    }

    public static bool? TryReadPosition(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, ref Command request)
    {
        bool isRead;
        if (JsonReading.Is(ref reader, "offset"u8))
        {
            isRead = JsonReading.TryReadUInt64(ref reader, out var offset);
            request = request with { Offset = offset };
        }
        else if (JsonReading.Is(ref reader, "epoch"u8))
        {
            isRead = JsonReading.TryReadText(ref reader, json, out var epoch);
            request = request with { Epoch = epoch };
        }
        else
        {
            return null;
        }

        return isRead;
    }

    private static bool TryReadPublish(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, ref Command request) =>
        TryReadChannel(ref reader, json, ref request)
        ?? TryReadData(ref reader, json, ref request)
        ?? TryReadType(ref reader, ref request)
        ?? (JsonReading.Is(ref reader, "key"u8) ? JsonReading.TryReadText(ref reader, json, out _)
            : JsonReading.Is(ref reader, "removed"u8) ? JsonReading.TryReadFlag(ref reader, out _)
            : JsonReading.Pass(ref reader));

    private static bool TryReadHistory(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, ref Command request)
    {
        bool isRead;
        if (JsonReading.Is(ref reader, "limit"u8))
        {
            isRead = JsonReading.TryReadInt32(ref reader, out var limit);
            request = request with { Limit = limit };
        }
        else if (JsonReading.Is(ref reader, "reverse"u8))
        {
            isRead = JsonReading.TryReadFlag(ref reader, out var reverse);
            request = request with { Reverse = reverse };
        }
        else
        {
            isRead = JsonReading.Is(ref reader, "since"u8)
                ? TryReadSince(ref reader, json, ref request)
                : TryReadChannel(ref reader, json, ref request) ?? JsonReading.Pass(ref reader);
        }

        return isRead;
    }

    private static bool TryReadSince(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, ref Command request)
    {
        reader.Read();
        request = request with { HasSince = reader.TokenType is JsonTokenType.StartObject };
        if (!request.HasSince)
        {
            return reader.TokenType is JsonTokenType.Null;
        }

        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            if (!(TryReadPosition(ref reader, json, ref request) ?? JsonReading.Pass(ref reader)))
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryReadRpc(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, ref Command request)
    {
        if (!JsonReading.Is(ref reader, "method"u8))
        {
            return TryReadData(ref reader, json, ref request) ?? JsonReading.Pass(ref reader);
        }

        var isRead = JsonReading.TryReadText(ref reader, json, out var method);
        request = request with { Method = method };
        return isRead;
    }

    private static bool TryReadSubRefresh(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, ref Command request) =>
        TryReadChannel(ref reader, json, ref request)
        ?? TryReadToken(ref reader, json, ref request)
        ?? TryReadType(ref reader, ref request)
        ?? JsonReading.Pass(ref reader);
}
