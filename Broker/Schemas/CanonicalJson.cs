using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace ClawEvents.Broker.Schemas;

/// <summary>One text for all JSON with the same value, so that values can be compared as strings and found in a set.</summary>
/// <remarks>
/// 1 and 1.0 are the same, the order of an object's fields does not matter, and the last of two fields with one name counts.
/// Strings carry their length, so their content cannot look like structure.
/// </remarks>
internal static class CanonicalJson
{
    /// <summary>The cost of <see cref="Of"/>, in bytes of a text that is only read.</summary>
    /// <remarks>The names of an object's fields are sorted.</remarks>
    public static int CostOf(JsonElement value) =>
        8 + ((value.ValueKind is JsonValueKind.Object or JsonValueKind.Array ? 16 : 6) * JsonMarshal.GetRawUtf8Value(value).Length);

    public static string Of(JsonElement value)
    {
        var text = new StringBuilder();
        Append(text, value);
        return text.ToString();
    }

    private static void Append(StringBuilder text, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                AppendObject(text, value);
                break;
            case JsonValueKind.Array:
                AppendArray(text, value);
                break;
            case JsonValueKind.String:
                AppendString(text, value.GetString()!);
                break;
            case JsonValueKind.Number:
                text.Append(ExactNumber.Parse(JsonMarshal.GetRawUtf8Value(value)).ToCanonicalText());
                break;
            default:
                text.Append(value.GetRawText());
                break;
        }
    }

    private static void AppendObject(StringBuilder text, JsonElement value)
    {
        var fields = new SortedDictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var property in value.EnumerateObject())
        {
            fields[property.Name] = property.Value;
        }

        text.Append('{');
        foreach (var (name, field) in fields)
        {
            AppendString(text, name);
            Append(text, field);
            text.Append(',');
        }

        text.Append('}');
    }

    private static void AppendArray(StringBuilder text, JsonElement value)
    {
        text.Append('[');
        foreach (var item in value.EnumerateArray())
        {
            Append(text, item);
            text.Append(',');
        }

        text.Append(']');
    }

    private static void AppendString(StringBuilder text, string value) =>
        text.Append(CultureInfo.InvariantCulture, $"\"{value.Length}:").Append(value);
}
