using System.Text.Json;

namespace ClawEvents.Broker.Protocol.Json;

/// <summary>Reads the fields of a JSON subscribe.</summary>
/// <remarks>Throws as <see cref="JsonReading"/> does.</remarks>
internal static class JsonSubscribeReader
{
    public static bool TryReadField(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, ref Command request) =>
        JsonRequestReader.TryReadChannel(ref reader, json, ref request)
        ?? TryReadExtra(ref reader, json, ref request)
        ?? JsonRequestReader.TryReadToken(ref reader, json, ref request)
        ?? JsonRequestReader.TryReadPosition(ref reader, json, ref request)
        ?? TryReadWish(ref reader, ref request)
        ?? JsonRequestReader.TryReadType(ref reader, ref request)
        ?? JsonRequestReader.TryReadData(ref reader, json, ref request)
        ?? TryPassKnown(ref reader, json)
        ?? JsonReading.Pass(ref reader);

    // These answer null when the field is another one.
    private static bool? TryReadExtra(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, ref Command request)
    {
        bool isRead;
        if (JsonReading.Is(ref reader, "flag"u8))
        {
            isRead = JsonReading.TryReadInt64(ref reader, out var flag);
            request = request with { RejectUnrecovered = SubscribeFields.RejectsUnrecovered(flag) };
        }
        else if (JsonReading.Is(ref reader, "delta"u8))
        {
            isRead = JsonReading.TryReadText(ref reader, json, out var delta);
            request = request with { Delta = SubscribeFields.DeltaOf(delta.Span) };
        }
        else if (JsonReading.Is(ref reader, "tf"u8))
        {
            var filter = JsonReading.ReadRaw(ref reader, json);
            request = request with { Filter = reader.TokenType is JsonTokenType.Null ? (ReadOnlyMemory<byte>?)null : filter };
            isRead = reader.TokenType is JsonTokenType.EndObject or JsonTokenType.Null;
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

    // Fields of other kinds of subscriptions, which this broker has not.
    private static bool? TryPassKnown(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json) =>
        JsonReading.Is(ref reader, "phase"u8) || JsonReading.Is(ref reader, "limit"u8)
            ? JsonReading.TryReadInt32(ref reader, out _)
        : JsonReading.Is(ref reader, "cursor"u8) ? JsonReading.TryReadText(ref reader, json, out _)
        : JsonReading.Is(ref reader, "asc"u8) ? JsonReading.TryReadFlag(ref reader, out _)
        : null;
}
