using System.Text.Json;
using ClawEvents.Broker.Protocol.Commands;

namespace ClawEvents.Broker.Protocol.Json;

/// <summary>Reads the fields of a JSON subscribe.</summary>
/// <remarks>Throws as <see cref="JsonReading"/> does.</remarks>
internal static class JsonSubscribeReader
{
    public static bool TryReadField(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, ref SubscribeCommand subscribe) =>
        JsonReading.Is(ref reader, "channel"u8) ? JsonReading.TryReadText(ref reader, json, out subscribe.Channel)
        : JsonReading.Is(ref reader, "token"u8) ? JsonReading.TryReadText(ref reader, json, out subscribe.Token)
        : JsonReading.Is(ref reader, "data"u8) ? JsonReading.TryReadData(ref reader, json, out subscribe.Data)
        : JsonReading.Is(ref reader, "type"u8) ? JsonReading.TryReadInt32(ref reader, out subscribe.Type)
        : TryReadWish(ref reader, json, ref subscribe);

    private static bool TryReadWish(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, ref SubscribeCommand subscribe) =>
        JsonReading.Is(ref reader, "flag"u8) ? TryReadFlag(ref reader, ref subscribe.Wish)
        : JsonReading.Is(ref reader, "delta"u8) ? TryReadDelta(ref reader, json, ref subscribe.Wish)
        : JsonReading.Is(ref reader, "tf"u8) ? TryReadFilter(ref reader, json, ref subscribe.Wish)
        : JsonReading.Is(ref reader, "offset"u8) ? JsonReading.TryReadUInt64(ref reader, out subscribe.Wish.Offset)
        : JsonReading.Is(ref reader, "epoch"u8) ? JsonReading.TryReadText(ref reader, json, out subscribe.Wish.Epoch)
        : JsonReading.Is(ref reader, "recover"u8) ? JsonReading.TryReadFlag(ref reader, out subscribe.Wish.Recover)
        : JsonReading.Is(ref reader, "positioned"u8) ? JsonReading.TryReadFlag(ref reader, out subscribe.Wish.Positioned)
        : JsonReading.Is(ref reader, "recoverable"u8) ? JsonReading.TryReadFlag(ref reader, out subscribe.Wish.Recoverable)
        : JsonReading.Is(ref reader, "join_leave"u8) ? JsonReading.TryReadFlag(ref reader, out subscribe.Wish.JoinLeave)
        : TryReadPage(ref reader, json, ref subscribe.Page);

    private static bool TryReadFlag(ref Utf8JsonReader reader, ref SubscriptionWish wish)
    {
        var isRead = JsonReading.TryReadInt64(ref reader, out var flag);
        wish.RejectUnrecovered = SubscriptionWish.RejectsUnrecovered(flag);
        return isRead;
    }

    private static bool TryReadDelta(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, ref SubscriptionWish wish)
    {
        var isRead = JsonReading.TryReadText(ref reader, json, out var delta);
        wish.Delta = SubscriptionWish.DeltaOf(delta.Span);
        return isRead;
    }

    private static bool TryReadFilter(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, ref SubscriptionWish wish)
    {
        var filter = JsonReading.ReadRaw(ref reader, json);
        wish.Filter = reader.TokenType is JsonTokenType.Null ? (ReadOnlyMemory<byte>?)null : filter;
        return reader.TokenType is JsonTokenType.EndObject or JsonTokenType.Null;
    }

    private static bool TryReadPage(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, ref PageWish page) =>
        JsonReading.Is(ref reader, "phase"u8) ? JsonReading.TryReadInt32(ref reader, out page.Phase)
        : JsonReading.Is(ref reader, "cursor"u8) ? JsonReading.TryReadText(ref reader, json, out page.Cursor)
        : JsonReading.Is(ref reader, "limit"u8) ? JsonReading.TryReadInt32(ref reader, out page.Limit)
        : JsonReading.Is(ref reader, "asc"u8) ? JsonReading.TryReadFlag(ref reader, out page.Ascending)
        : JsonReading.Skip(ref reader);
}
