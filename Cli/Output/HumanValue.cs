using System.Text.Json;

namespace ClawEvents.Cli.Output;

/// <summary>One JSON value as text for people.</summary>
internal static class HumanValue
{
    // Unix milliseconds from 1973 to 5138: smaller numbers are durations or counts.
    private const long LeastMoment = 100_000_000_000;
    private const long MostMoment = 100_000_000_000_000;

    /// <summary>Text without its quotes, safe for a terminal; anything else as it is written.</summary>
    public static string Scalar(JsonElement value) =>
        PlainText.Of(value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText());

    /// <summary>The moment that a member holds, by its name and its size; null if it holds something else.</summary>
    public static DateTimeOffset? AsMoment(JsonProperty member) =>
        (member.Name.EndsWith("At", StringComparison.Ordinal) || member.NameEquals("timestamp"u8))
        && member.Value.ValueKind is JsonValueKind.Number
        && member.Value.TryGetInt64(out var milliseconds)
        && milliseconds is >= LeastMoment and < MostMoment
            ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)
            : null;

    /// <summary>One member of an object as the cell of a table.</summary>
    public static string Cell(JsonElement row, string column, DateTimeOffset now)
    {
        foreach (var member in row.EnumerateObject())
        {
            if (member.NameEquals(column))
            {
                return AsMoment(member) is { } moment ? RelativeTime.Of(moment, now) : Cell(member.Value);
            }
        }
        return "-";
    }

    // What is inside a nested value is shown by the command for that one thing.
    private static string Cell(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => "-",
        JsonValueKind.Object or JsonValueKind.Array or JsonValueKind.True => "yes",
        JsonValueKind.False => "no",
        _ => Scalar(value).Replace('\n', ' '),
    };
}
