using System.Globalization;

namespace ClawEvents.Cli.Channels;

/// <summary>Where in a history reading begins: behind an offset, or at a time. One of the two is there.</summary>
internal readonly record struct HistoryStart(ulong? Offset, DateTimeOffset? Time)
{
    // Unix milliseconds from 1973 on, as the output writes moments; no history is that long.
    private const ulong LeastMoment = 100_000_000_000;

    /// <summary>Reads an offset (<c>17</c>), an age (<c>90s</c>, <c>10m</c>, <c>2h</c>, <c>3d</c>), Unix milliseconds, or a date with or without a time (<c>2026-01-31T08:00</c>, local unless it says otherwise).</summary>
    public static bool TryParse(string text, DateTimeOffset now, out HistoryStart start)
    {
        if (ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            start = number < LeastMoment ? new(number, null) : new(null, MomentOf(number));
            return start.Offset is not null || start.Time is not null;
        }
        start = new(null, AgeOf(text) is { } age ? now - age : DateOf(text));
        return start.Time is not null;
    }

    private static DateTimeOffset? MomentOf(ulong milliseconds) =>
        milliseconds <= (ulong)DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() ? DateTimeOffset.FromUnixTimeMilliseconds((long)milliseconds) : null;

    private static TimeSpan? AgeOf(string text) =>
        text.Length > 1 && ushort.TryParse(text.AsSpan(..^1), NumberStyles.None, CultureInfo.InvariantCulture, out var amount)
            ? text[^1] switch
            {
                's' => TimeSpan.FromSeconds(amount),
                'm' => TimeSpan.FromMinutes(amount),
                'h' => TimeSpan.FromHours(amount),
                'd' => TimeSpan.FromDays(amount),
                _ => null,
            }
            : null;

    private static DateTimeOffset? DateOf(string text) =>
        text.Contains('-', StringComparison.Ordinal) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out var date) ? date : null;
}
