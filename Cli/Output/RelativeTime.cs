using System.Globalization;

namespace ClawEvents.Cli.Output;

/// <summary>A moment as people say it.</summary>
internal static class RelativeTime
{
    private static readonly (string Unit, double Seconds)[] Units =
        [("year", 365.25 * 86_400), ("month", 30.44 * 86_400), ("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)];

    /// <summary><c>5 minutes ago</c>, <c>in 2 days</c> or <c>now</c>.</summary>
    public static string Of(DateTimeOffset moment, DateTimeOffset now)
    {
        var seconds = (now - moment).TotalSeconds;
        foreach (var (unit, length) in Units)
        {
            if (Math.Abs(seconds) >= length)
            {
                var count = (long)(Math.Abs(seconds) / length);
                var amount = string.Create(CultureInfo.InvariantCulture, $"{count} {unit}{(count == 1 ? "" : "s")}");
                return seconds > 0 ? $"{amount} ago" : $"in {amount}";
            }
        }
        return "now";
    }

    /// <summary>The same with the moment itself, in UTC.</summary>
    public static string WithMoment(DateTimeOffset moment, DateTimeOffset now) =>
        string.Create(CultureInfo.InvariantCulture, $"{Of(moment, now)} ({moment.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC)");
}
