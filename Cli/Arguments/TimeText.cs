using System.Globalization;
using System.Text.RegularExpressions;

namespace ClawEvents.Cli.Arguments;

/// <summary>Times as people write them in options.</summary>
internal static partial class TimeText
{
    /// <summary>Reads a duration with its units: <c>500ms</c>, <c>10s</c>, <c>1h30m</c>, <c>7d</c>.</summary>
    /// <returns>null if it is something else, 0, or longer than a timer can wait (49 days).</returns>
    public static TimeSpan? ReadDuration(string text) => ReadAmount(text) is { } amount && amount > 0 && amount < uint.MaxValue ? TimeSpan.FromMilliseconds(amount) : null;

    /// <summary>Reads a moment: a duration before <paramref name="now"/>, or a date with or without a time as in ISO 8601. Without an
    /// offset it is a local time.</summary>
    /// <returns>null if it is neither.</returns>
    public static DateTimeOffset? ReadMoment(string text, DateTimeOffset now)
    {
        if (ReadAmount(text) is { } amount)
        {
            return amount < (now - DateTimeOffset.UnixEpoch).TotalMilliseconds ? now - TimeSpan.FromMilliseconds(amount) : DateTimeOffset.UnixEpoch;
        }
        return DateTimeOffset.TryParseExact(text, Moments, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out var moment) ? moment : null;
    }

    private static readonly string[] Moments =
    [
        "yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd HH:mm", "yyyy-MM-dd HH:mm:ss",
        "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK",
    ];

    // Milliseconds.
    private static double? ReadAmount(string text)
    {
        var match = Duration().Match(text);
        return match.Success
            ? match.Groups[1].Captures.Zip(match.Groups[2].Captures).Sum(part => double.Parse(part.First.Value, CultureInfo.InvariantCulture) * LengthOf(part.Second.Value))
            : null;
    }

    private static double LengthOf(string unit) => unit switch
    {
        "d" => 86_400_000,
        "h" => 3_600_000,
        "m" => 60_000,
        "s" => 1_000,
        _ => 1,
    };

    [GeneratedRegex(@"\A(?:([0-9]{1,9}(?:\.[0-9]{1,3})?)(ms|s|m|h|d))+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Duration();
}
