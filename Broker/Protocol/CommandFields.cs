using System.Text.Json;

namespace ClawEvents.Broker.Protocol;

/// <summary>The fields of the client protocol that this broker makes no use of: their types count all the same.</summary>
internal static class CommandFields
{
    /// <summary>Passes over a field's value.</summary>
    /// <param name="reader">On a property name within a request.</param>
    /// <param name="json">The text that the reader reads.</param>
    /// <returns>False when the protocol knows the field and the value has another type.</returns>
    public static bool TryPass(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json)
    {
        if (IsText(ref reader))
        {
            return JsonReading.TryReadText(ref reader, json, out _);
        }

        if (IsFlag(ref reader))
        {
            return JsonReading.TryReadFlag(ref reader, out _);
        }

        var isNumber = IsNumber(ref reader);
        JsonReading.Pass(ref reader);
        return !isNumber || IsWholeNumber(ref reader);
    }

    private static bool IsText(ref Utf8JsonReader reader) =>
        JsonReading.Is(ref reader, "name"u8)
        || JsonReading.Is(ref reader, "version"u8)
        || JsonReading.Is(ref reader, "epoch"u8)
        || JsonReading.Is(ref reader, "method"u8)
        || JsonReading.Is(ref reader, "key"u8);

    private static bool IsFlag(ref Utf8JsonReader reader) =>
        JsonReading.Is(ref reader, "positioned"u8)
        || JsonReading.Is(ref reader, "recoverable"u8)
        || JsonReading.Is(ref reader, "join_leave"u8)
        || JsonReading.Is(ref reader, "reverse"u8)
        || JsonReading.Is(ref reader, "removed"u8);

    private static bool IsNumber(ref Utf8JsonReader reader) =>
        JsonReading.Is(ref reader, "offset"u8)
        || JsonReading.Is(ref reader, "limit"u8)
        || JsonReading.Is(ref reader, "flag"u8)
        || JsonReading.Is(ref reader, "type"u8);

    private static bool IsWholeNumber(ref Utf8JsonReader reader) =>
        reader.TokenType is JsonTokenType.Null
        || (reader.TokenType is JsonTokenType.Number && (reader.TryGetInt64(out _) || reader.TryGetUInt64(out _)));
}
