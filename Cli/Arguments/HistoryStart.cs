using System.Globalization;

namespace ClawEvents.Cli.Arguments;

/// <summary>Where in a history reading begins: behind an offset, or at a time. One of the two is there.</summary>
internal readonly record struct HistoryStart(ulong? Offset, DateTimeOffset? Time)
{
    // Unix milliseconds from 1973 on, as the output writes moments; no history is that long.
    private const ulong LeastMoment = 100_000_000_000;

    /// <summary>Reads an offset (<c>17</c>), Unix milliseconds, or what <see cref="TimeText.ReadMoment"/> reads.</summary>
    public static bool TryParse(string text, DateTimeOffset now, out HistoryStart start)
    {
        if (ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            start = number < LeastMoment ? new(number, null) : new(null, MomentOf(number));
            return start.Offset is not null || start.Time is not null;
        }
        start = new(null, TimeText.ReadMoment(text, now));
        return start.Time is not null;
    }

    private static DateTimeOffset? MomentOf(ulong milliseconds) =>
        milliseconds <= (ulong)DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() ? DateTimeOffset.FromUnixTimeMilliseconds((long)milliseconds) : null;
}
