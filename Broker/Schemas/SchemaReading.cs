using System.Runtime.InteropServices;
using System.Text.Json;

namespace ClawEvents.Broker.Schemas;

/// <summary>Values of keywords. One of the wrong kind is as if it were not there, which is what upstream and most validators do.</summary>
internal static class SchemaReading
{
    public static bool IsSchema(JsonElement value) => value.ValueKind is JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False;

    public static ExactNumber? Number(JsonElement schema, string keyword) =>
        schema.TryGetProperty(keyword, out var value) && value.ValueKind is JsonValueKind.Number
            ? ExactNumber.Parse(JsonMarshal.GetRawUtf8Value(value))
            : null;

    /// <returns>A length or count from 0; larger ones than an array can have are <see cref="int.MaxValue"/>.</returns>
    public static int? Count(JsonElement schema, string keyword) => Number(schema, keyword)?.ToCount();

    /// <returns>The strings of an array; what is no array has none.</returns>
    public static string[] Strings(JsonElement array) =>
        array.ValueKind is JsonValueKind.Array
            ? [.. array.EnumerateArray().Where(item => item.ValueKind is JsonValueKind.String).Select(item => item.GetString()!)]
            : [];

    /// <returns>The fields of an object; what is no object has none.</returns>
    public static IEnumerable<JsonProperty> Fields(JsonElement schema, string keyword) =>
        schema.TryGetProperty(keyword, out var map) && map.ValueKind is JsonValueKind.Object ? map.EnumerateObject() : [];
}
