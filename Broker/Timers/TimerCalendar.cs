using System.Diagnostics;
using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Timers;

/// <summary>Decides which events a second has. Pure: uses no clock and keeps no state.</summary>
/// <remarks>The table is in docs/reference/timers.md.</remarks>
internal static class TimerCalendar
{
    private static readonly string[] DayNames = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

    private static readonly string[] MonthNames =
    [
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
    ];

    private static readonly TimerEvent Second = Event(TimerKind.Second, "second");
    private static readonly TimerEvent Minute = Event(TimerKind.Minute, "minute");
    private static readonly TimerEvent Hour = Event(TimerKind.Hour, "hour");
    private static readonly TimerEvent Day = Event(TimerKind.Day, "day");
    private static readonly TimerEvent[] Weeks = [.. DayNames.Select(name => Event(TimerKind.Week, $"week.{name}"))];
    private static readonly TimerEvent[] Months = [.. MonthNames.Select(name => Event(TimerKind.Monthly, $"monthly.{name}"))];
    private static readonly TimerEvent Year = Event(TimerKind.Yearly, "yearly");

    /// <summary>The events of the second that a moment lies in, in the order of <see cref="TimerKind"/>.</summary>
    /// <param name="moment">UTC. Earlier moments have no influence: a boundary belongs to the second that begins with it.</param>
    public static IEnumerable<TimerEvent> EventsAt(DateTime moment)
    {
        yield return Second;
        if (moment.Second == 0)
        {
            yield return Minute;
        }

        if (moment is { Minute: 0, Second: 0 })
        {
            yield return Hour;
        }

        if (moment is { Hour: 0, Minute: 0, Second: 0 })
        {
            foreach (var due in EventsOfMidnight(moment))
            {
                yield return due;
            }
        }
    }

    /// <summary>The day's name in channel names: English, in lower case.</summary>
    public static string DayNameOf(DateTime moment) => DayNames[(int)moment.DayOfWeek];

    /// <inheritdoc cref="DayNameOf"/>
    public static string MonthNameOf(DateTime moment) => MonthNames[moment.Month - 1];

    private static IEnumerable<TimerEvent> EventsOfMidnight(DateTime moment)
    {
        yield return Day;
        yield return Weeks[(int)moment.DayOfWeek];
        if (moment.Day == 1)
        {
            yield return Months[moment.Month - 1];
        }

        if (moment is { Day: 1, Month: 1 })
        {
            yield return Year;
        }
    }

    private static TimerEvent Event(TimerKind kind, string timer) =>
        ChannelName.TryParse($"system.timer.{timer}", out var channel) ? new(kind, channel) : throw new UnreachableException();
}
