using System.Globalization;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Timers;

namespace ClawEvents.Broker.Tests.Timers;

internal sealed class TimerCalendarTests
{
    [TestCase("2026-03-04 05:06:07", "second")]
    [TestCase("2026-03-04 05:06:59", "second")]
    [TestCase("2026-03-04 05:00:01", "second")]
    [TestCase("2026-03-04 00:00:01", "second")]
    [TestCase("2026-12-31 23:59:59", "second")]
    [TestCase("2026-03-04 05:06:00", "second minute")]
    [TestCase("2026-03-04 00:01:00", "second minute")]
    [TestCase("2026-01-01 23:59:00", "second minute")]
    [TestCase("2026-03-04 05:00:00", "second minute hour")]
    [TestCase("2026-01-01 01:00:00", "second minute hour")]
    [TestCase("2026-03-04 00:00:00", "second minute hour day week.wednesday")]
    [TestCase("2026-01-02 00:00:00", "second minute hour day week.friday")]
    [TestCase("2026-01-31 00:00:00", "second minute hour day week.saturday")]
    [TestCase("2024-02-29 00:00:00", "second minute hour day week.thursday")]
    [TestCase("2024-03-01 00:00:00", "second minute hour day week.friday monthly.march")]
    [TestCase("2026-02-01 00:00:00", "second minute hour day week.sunday monthly.february")]
    [TestCase("2026-01-01 00:00:00", "second minute hour day week.thursday monthly.january yearly")]
    [TestCase("2028-01-01 00:00:00", "second minute hour day week.saturday monthly.january yearly")]
    public void A_second_has_its_own_event_and_those_of_its_boundaries(string moment, string timers)
    {
        Assert.That(TimersAt(Utc(moment)), Is.EqualTo(timers));
    }

    [Test]
    public void Fractions_of_a_second_are_ignored()
    {
        Assert.That(TimersAt(Utc("2026-03-04 05:06:00").AddTicks(TimeSpan.TicksPerSecond - 1)), Is.EqualTo("second minute"));
    }

    [Test]
    public void Every_day_of_the_week_has_its_channel()
    {
        var sunday = Utc("2026-03-01 00:00:00");

        var channels = Enumerable.Range(0, 7).Select(day => ChannelAt(sunday.AddDays(day), TimerKind.Week));

        Assert.That(channels, Is.EqualTo(new[]
        {
            "system.timer.week.sunday", "system.timer.week.monday", "system.timer.week.tuesday", "system.timer.week.wednesday",
            "system.timer.week.thursday", "system.timer.week.friday", "system.timer.week.saturday",
        }));
    }

    [Test]
    public void Every_month_has_its_channel()
    {
        var january = Utc("2027-01-01 00:00:00");

        var channels = Enumerable.Range(0, 12).Select(month => ChannelAt(january.AddMonths(month), TimerKind.Monthly));

        Assert.That(channels, Is.EqualTo(new[]
        {
            "system.timer.monthly.january", "system.timer.monthly.february", "system.timer.monthly.march", "system.timer.monthly.april",
            "system.timer.monthly.may", "system.timer.monthly.june", "system.timer.monthly.july", "system.timer.monthly.august",
            "system.timer.monthly.september", "system.timer.monthly.october", "system.timer.monthly.november", "system.timer.monthly.december",
        }));
    }

    // 2028 has a 29 February, 53 Saturdays and 53 Sundays.
    [TestCase(TimerKind.Second, 366 * 24 * 60)]
    [TestCase(TimerKind.Minute, 366 * 24 * 60)]
    [TestCase(TimerKind.Hour, 366 * 24)]
    [TestCase(TimerKind.Day, 366)]
    [TestCase(TimerKind.Week, 366)]
    [TestCase(TimerKind.Monthly, 12)]
    [TestCase(TimerKind.Yearly, 1)]
    public void The_minutes_of_a_leap_year_have_as_many_events_as_the_calendar_says(TimerKind kind, int events)
    {
        var start = Utc("2028-01-01 00:00:00");

        var minutes = Enumerable.Range(0, 366 * 24 * 60).Select(minute => start.AddMinutes(minute));

        Assert.That(minutes.Sum(minute => TimerCalendar.EventsAt(minute).Count(due => due.Kind == kind)), Is.EqualTo(events));
    }

    [Test]
    public void Only_the_broker_can_publish_to_the_channels()
    {
        Assert.That(TimerCalendar.EventsAt(Utc("2026-01-01 00:00:00")).Select(due => due.Channel.Kind), Is.All.EqualTo(ChannelKind.System));
    }

    private static DateTime Utc(string moment) =>
        DateTime.Parse(moment, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);

    private static string TimersAt(DateTime moment) =>
        string.Join(' ', TimerCalendar.EventsAt(moment).Select(due => due.Channel.Value["system.timer.".Length..]));

    private static string ChannelAt(DateTime moment, TimerKind kind) =>
        TimerCalendar.EventsAt(moment).Single(due => due.Kind == kind).Channel.Value;
}
