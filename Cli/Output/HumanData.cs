using System.Text;
using System.Text.Json;

namespace ClawEvents.Cli.Output;

/// <summary>A JSON object as a list for people: <c>• key : value</c>, nested values two spaces further in, lists of objects as tables, moments
/// as people say them.</summary>
/// <param name="width">Columns to wrap at.</param>
/// <param name="title">Paints the titles of a table.</param>
/// <param name="now">What moments are compared with.</param>
internal sealed class HumanData(int width, Func<string, string> title, DateTimeOffset now)
{
    private const string IndentStep = "  ";

    // JSON of users, which stays as it is: a number there need not be a moment.
    private static readonly string[] Foreign = ["payload", "schema"];

    /// <summary>Appends one line per member.</summary>
    /// <param name="json">One whole UTF-8 JSON object.</param>
    public void Append(StringBuilder text, byte[] json)
    {
        if (JsonText.TryParse(json) is { } data)
        {
            AppendMembers(text, data, "", isForeign: false);
        }
    }

    private void AppendMembers(StringBuilder text, JsonElement data, string indent, bool isForeign)
    {
        var longest = data.EnumerateObject().Select(member => member.Name.Length).DefaultIfEmpty().Max();
        foreach (var member in data.EnumerateObject())
        {
            var label = $"{indent}• {PlainText.Of(member.Name).PadRight(longest)} :";
            var foreign = isForeign || Foreign.Contains(member.Name);
            if (!foreign && HumanValue.AsMoment(member) is { } moment)
            {
                LineWrap.Append(text, label + " ", RelativeTime.WithMoment(moment, now), width);
            }
            else
            {
                AppendValue(text, label, member.Value, indent, foreign);
            }
        }
    }

    private void AppendItems(StringBuilder text, JsonElement list, string indent, bool isForeign)
    {
        if (!isForeign && list.EnumerateArray().All(item => item.ValueKind is JsonValueKind.Object))
        {
            AppendTable(text, list, indent);
            return;
        }
        var index = 0;
        foreach (var item in list.EnumerateArray())
        {
            AppendValue(text, $"{indent}• [{index++}]:", item, indent, isForeign);
        }
    }

    private void AppendTable(StringBuilder text, JsonElement list, string indent)
    {
        string[] columns = [.. list.EnumerateArray().SelectMany(item => item.EnumerateObject()).Select(member => member.Name).Distinct(StringComparer.Ordinal)];
        var rows = list.EnumerateArray().Select(item => (IReadOnlyList<string>)[.. columns.Select(column => HumanValue.Cell(item, column, now))]);
        new TextTable([.. columns.Select(PlainText.Of)], [.. rows]).Append(text, indent, title, width);
    }

    private void AppendValue(StringBuilder text, string label, JsonElement value, string indent, bool isForeign)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object when value.EnumerateObject().Any():
                text.Append(label).Append('\n');
                AppendMembers(text, value, indent + IndentStep, isForeign);
                break;
            case JsonValueKind.Array when value.GetArrayLength() > 0:
                text.Append(label).Append('\n');
                AppendItems(text, value, indent + IndentStep, isForeign);
                break;
            default:
                LineWrap.Append(text, label + " ", HumanValue.Scalar(value), width);
                break;
        }
    }
}
