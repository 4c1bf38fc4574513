using System.Runtime.InteropServices;
using System.Text.Json;

namespace ClawEvents.Broker.Schemas;

/// <summary>Reads the values of keywords. A value of the wrong kind counts as missing, as in upstream and most validators.</summary>
internal static class SchemaReading
{
    public static bool IsSchema(JsonElement value) => value.ValueKind is JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False;

    public static ExactNumber? Number(JsonElement schema, string keyword) =>
        schema.TryGetProperty(keyword, out var value) && value.ValueKind is JsonValueKind.Number
            ? ExactNumber.Parse(JsonMarshal.GetRawUtf8Value(value))
            : null;

    /// <returns>A length or count from 0 on; <see cref="int.MaxValue"/> if it is larger than any array.</returns>
    public static int? Count(JsonElement schema, string keyword) => Number(schema, keyword)?.ToCount();

    /// <returns>The strings of an array; none for other values.</returns>
    public static string[] Strings(JsonElement array) =>
        array.ValueKind is JsonValueKind.Array
            ? [.. array.EnumerateArray().Where(item => item.ValueKind is JsonValueKind.String).Select(item => item.GetString()!)]
            : [];

    /// <returns>The fields of an object; none for other values.</returns>
    public static IEnumerable<JsonProperty> Fields(JsonElement schema, string keyword) =>
        schema.TryGetProperty(keyword, out var map) && map.ValueKind is JsonValueKind.Object ? map.EnumerateObject() : [];
}
