using System.Buffers;
using System.Text.Json;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Timers;

namespace ClawEvents.Broker.Tests.Timers;

/// <summary>docs/reference/timers.md#payload, byte for byte.</summary>
internal sealed class TimerPayloadTests
{
    [Test]
    public void An_event_contains_its_second_field_by_field()
    {
        Assert.That(Written(TimerKind.Second, new(2026, 3, 4, 5, 6, 7, DateTimeKind.Utc)), Is.EqualTo(
            """{"timestamp":"2026-03-04T05:06:07.000Z","unix":1772600767000,"year":2026,"month":3,"day":4,"hour":5,"minute":6,"second":7,"iso":"2026-03-04T05:06:07.000Z","event":"second"}"""));
    }

    [TestCase(TimerKind.Second, """ "event":"second"} """)]
    [TestCase(TimerKind.Minute, """ "event":"minute"} """)]
    [TestCase(TimerKind.Hour, """ "event":"hour"} """)]
    [TestCase(TimerKind.Day, """ "event":"day"} """)]
    [TestCase(TimerKind.Week, """ "event":"week","dayOfWeek":4,"dayName":"thursday"} """)]
    [TestCase(TimerKind.Monthly, """ "event":"monthly","monthName":"february"} """)]
    [TestCase(TimerKind.Yearly, """ "event":"yearly"} """)]
    public void Every_timer_has_the_common_fields_and_then_its_own(TimerKind kind, string own)
    {
        const string common =
            """{"timestamp":"2024-02-29T00:00:00.000Z","unix":1709164800000,"year":2024,"month":2,"day":29,"hour":0,"minute":0,"second":0,"iso":"2024-02-29T00:00:00.000Z",""";

        Assert.That(Written(kind, new(2024, 2, 29, 0, 0, 0, DateTimeKind.Utc)), Is.EqualTo(common + own.Trim()));
    }

    [TestCase(1, """ "dayOfWeek":0,"dayName":"sunday"} """)]
    [TestCase(2, """ "dayOfWeek":1,"dayName":"monday"} """)]
    [TestCase(7, """ "dayOfWeek":6,"dayName":"saturday"} """)]
    public void Days_of_the_week_count_from_sunday(int dayOfMarch, string end)
    {
        Assert.That(Written(TimerKind.Week, new(2026, 3, dayOfMarch, 0, 0, 0, DateTimeKind.Utc)), Does.EndWith(end.Trim()));
    }

    [TestCase(1, """ "monthName":"january"} """)]
    [TestCase(12, """ "monthName":"december"} """)]
    public void Months_count_from_one(int month, string end)
    {
        var payload = Written(TimerKind.Monthly, new(2026, month, 1, 0, 0, 0, DateTimeKind.Utc));

        Assert.That(payload, Does.Contain($"\"month\":{month},").And.EndWith(end.Trim()));
    }

    private static string Written(TimerKind kind, DateTime second)
    {
        var payload = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(payload);
        TimerPayload.Write(json, kind, second);
        json.Flush();
        return payload.Text();
    }
}
