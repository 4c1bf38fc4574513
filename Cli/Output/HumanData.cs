using System.Text;
using System.Text.Json;

namespace ClawEvents.Cli.Output;

/// <summary>A JSON object as a list for people: <c>• key : value</c>, nested values two spaces further in.</summary>
internal static class HumanData
{
    private const string IndentStep = "  ";

    /// <summary>Appends one line per member, wrapped at <paramref name="width"/> columns.</summary>
    /// <param name="json">One whole UTF-8 JSON object.</param>
    public static void Append(StringBuilder text, byte[] json, int width)
    {
        if (JsonText.TryParse(json) is { } data)
        {
            AppendMembers(text, data, "", width);
        }
    }

    private static void AppendMembers(StringBuilder text, JsonElement data, string indent, int width)
    {
        var longest = data.EnumerateObject().Select(member => member.Name.Length).DefaultIfEmpty().Max();
        foreach (var member in data.EnumerateObject())
        {
            AppendValue(text, $"{indent}• {PlainText.Of(member.Name).PadRight(longest)} :", member.Value, indent, width);
        }
    }

    private static void AppendItems(StringBuilder text, JsonElement list, string indent, int width)
    {
        var index = 0;
        foreach (var item in list.EnumerateArray())
        {
            AppendValue(text, $"{indent}• [{index++}]:", item, indent, width);
        }
    }

    private static void AppendValue(StringBuilder text, string label, JsonElement value, string indent, int width)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object when value.EnumerateObject().Any():
                text.Append(label).Append('\n');
                AppendMembers(text, value, indent + IndentStep, width);
                break;
            case JsonValueKind.Array when value.GetArrayLength() > 0:
                text.Append(label).Append('\n');
                AppendItems(text, value, indent + IndentStep, width);
                break;
            default:
                LineWrap.Append(text, label + " ", Scalar(value), width);
                break;
        }
    }

    private static string Scalar(JsonElement value) =>
        PlainText.Of(value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText());
}
