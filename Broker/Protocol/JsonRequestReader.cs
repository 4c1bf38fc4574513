using System.Text.Json;

namespace ClawEvents.Broker.Protocol;

/// <summary>Reads the fields of one JSON request, those this broker makes no use of included: their types count all the same.</summary>
/// <remarks>Throws as <see cref="JsonReading"/> does.</remarks>
internal static class JsonRequestReader
{
    /// <param name="reader">On the object's start; afterwards on its end.</param>
    /// <param name="json">The text that the reader reads.</param>
    /// <param name="request">Its kind decides which fields there are.</param>
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

    private static bool TryReadField(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, ref Command request)
    {
        switch (request.Kind)
        {
            case CommandKind.Publish:
                return TryReadPublish(ref reader, json, ref request);
            case CommandKind.Subscribe:
                return TryReadSubscribe(ref reader, json, ref request);
            case CommandKind.Connect:
                return JsonConnectReader.TryReadField(ref reader, json, ref request);
            case CommandKind.History:
                return TryReadHistory(ref reader, json, ref request);
            case CommandKind.Rpc or CommandKind.Send:
                return TryReadCall(ref reader, json, ref request);
            case CommandKind.Refresh:
                return TryReadToken(ref reader, json, ref request);
            case CommandKind.SubRefresh:
                return TryReadSubRefresh(ref reader, json, ref request);
            default:
                return TryReadChannel(ref reader, json, ref request);
        }
    }

    private static bool TryReadChannel(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, ref Command request)
    {
        if (!JsonReading.Is(ref reader, "channel"u8))
        {
            JsonReading.Pass(ref reader);
            return true;
        }

        var isRead = JsonReading.TryReadText(ref reader, json, out var channel);
        request = request with { Channel = channel };
        return isRead;
    }

    private static bool TryReadToken(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, ref Command request)
    {
        if (!JsonReading.Is(ref reader, "token"u8))
        {
            JsonReading.Pass(ref reader);
            return true;
        }

        var isRead = JsonReading.TryReadText(ref reader, json, out var token);
        request = request with { Token = token };
        return isRead;
    }

    private static bool TryReadPublish(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, ref Command request)
    {
        if (JsonReading.Is(ref reader, "data"u8))
        {
            request = request with { Data = JsonReading.ReadRaw(ref reader, json) };
            return true;
        }

        return JsonReading.Is(ref reader, "type"u8) ? JsonReading.TryReadInt32(ref reader, out _)
            : JsonReading.Is(ref reader, "key"u8) ? JsonReading.TryReadText(ref reader, json, out _)
            : JsonReading.Is(ref reader, "removed"u8) ? JsonReading.TryReadFlag(ref reader, out _)
            : TryReadChannel(ref reader, json, ref request);
    }

    private static bool TryReadSubscribe(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, ref Command request)
    {
        bool isRead;
        if (JsonReading.Is(ref reader, "channel"u8))
        {
            isRead = JsonReading.TryReadText(ref reader, json, out var channel);
            request = request with { Channel = channel };
        }
        else if (JsonReading.Is(ref reader, "flag"u8))
        {
            isRead = JsonReading.TryReadInt64(ref reader, out var flag);
            request = request with { RejectUnrecovered = (flag & 2) != 0 };
        }
        else if (JsonReading.Is(ref reader, "token"u8))
        {
            isRead = JsonReading.TryReadText(ref reader, json, out var token);
            request = request with { Token = token };
        }
        else if (JsonReading.Is(ref reader, "data"u8))
        {
            isRead = true;
            request = request with { Data = JsonReading.ReadRaw(ref reader, json) };
        }
        else if (JsonReading.Is(ref reader, "delta"u8))
        {
            isRead = JsonReading.TryReadText(ref reader, json, out var delta);
            request = request with { Delta = TypeOf(delta.Span) };
        }
        else
        {
            return TryReadPosition(ref reader, json, ref request) ?? TryReadWish(ref reader, ref request) ?? TryPassSubscribe(ref reader, json);
        }

        return isRead;
    }

    public static DeltaType TypeOf(ReadOnlySpan<byte> delta) =>
        delta.IsEmpty ? DeltaType.None : delta.SequenceEqual("fossil"u8) ? DeltaType.Fossil : DeltaType.Unknown;

    // Null: the field is another one.
    private static bool? TryReadPosition(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, ref Command request)
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

    private static bool? TryReadWish(ref Utf8JsonReader reader, ref Command request)
    {
        bool isRead;
        if (JsonReading.Is(ref reader, "recover"u8))
        {
            isRead = JsonReading.TryReadFlag(ref reader, out var recover);
            request = request with { Recover = recover };
        }
        else if (JsonReading.Is(ref reader, "positioned"u8))
        {
            isRead = JsonReading.TryReadFlag(ref reader, out var positioned);
            request = request with { Positioned = positioned };
        }
        else if (JsonReading.Is(ref reader, "recoverable"u8))
        {
            isRead = JsonReading.TryReadFlag(ref reader, out var recoverable);
            request = request with { Recoverable = recoverable };
        }
        else if (JsonReading.Is(ref reader, "join_leave"u8))
        {
            isRead = JsonReading.TryReadFlag(ref reader, out var joinLeave);
            request = request with { JoinLeave = joinLeave };
        }
        else
        {
            return null;
        }

        return isRead;
    }

    private static bool TryPassSubscribe(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json)
    {
        if (JsonReading.Is(ref reader, "type"u8) || JsonReading.Is(ref reader, "phase"u8) || JsonReading.Is(ref reader, "limit"u8))
        {
            return JsonReading.TryReadInt32(ref reader, out _);
        }

        if (JsonReading.Is(ref reader, "cursor"u8))
        {
            return JsonReading.TryReadText(ref reader, json, out _);
        }

        if (JsonReading.Is(ref reader, "asc"u8))
        {
            return JsonReading.TryReadFlag(ref reader, out _);
        }

        JsonReading.Pass(ref reader);
        return true;
    }

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
        else if (JsonReading.Is(ref reader, "since"u8))
        {
            isRead = TryReadSince(ref reader, json, ref request);
        }
        else
        {
            return TryReadChannel(ref reader, json, ref request);
        }

        return isRead;
    }

    private static bool TryReadSince(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, ref Command request)
    {
        reader.Read();
        request = request with { HasSince = reader.TokenType is JsonTokenType.StartObject, Offset = 0, Epoch = default };
        if (!request.HasSince)
        {
            return reader.TokenType is JsonTokenType.Null;
        }

        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            switch (TryReadPosition(ref reader, json, ref request))
            {
                case false:
                    return false;
                case null:
                    JsonReading.Pass(ref reader);
                    break;
            }
        }

        return true;
    }

    private static bool TryReadCall(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, ref Command request)
    {
        if (JsonReading.Is(ref reader, "data"u8))
        {
            request = request with { Data = JsonReading.ReadRaw(ref reader, json) };
            return true;
        }

        if (request.Kind is CommandKind.Rpc && JsonReading.Is(ref reader, "method"u8))
        {
            var isRead = JsonReading.TryReadText(ref reader, json, out var method);
            request = request with { Method = method };
            return isRead;
        }

        JsonReading.Pass(ref reader);
        return true;
    }

    private static bool TryReadSubRefresh(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, ref Command request) =>
        JsonReading.Is(ref reader, "token"u8) ? TryReadToken(ref reader, json, ref request)
        : JsonReading.Is(ref reader, "type"u8) ? JsonReading.TryReadInt32(ref reader, out _)
        : TryReadChannel(ref reader, json, ref request);
}
