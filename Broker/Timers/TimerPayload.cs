using System.Globalization;
using System.Text.Json;

namespace ClawEvents.Broker.Timers;

/// <summary>Writes the payload of a system timer's event: a bare object, without the envelope. Pure.</summary>
internal static class TimerPayload
{
    // docs/reference/timers.md#payload
    // {"timestamp":ISO,"unix":MS,"year":N,"month":N,"day":N,"hour":N,"minute":N,"second":N,"iso":ISO,"event":NAME, …}
    /// <param name="output">Gets one JSON object; not flushed.</param>
    /// <param name="second">The second of the event, UTC.</param>
    public static void Write(Utf8JsonWriter output, TimerKind kind, DateTime second)
    {
        var iso = second.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        output.WriteStartObject();
        output.WriteString("timestamp"u8, iso);
        output.WriteNumber("unix"u8, (long)(second - DateTime.UnixEpoch).TotalMilliseconds);
        WriteDateAndTime(output, second);
        output.WriteString("iso"u8, iso);
        output.WriteString("event"u8, NameOf(kind));
        WriteOwnFields(output, kind, second);
        output.WriteEndObject();
    }

    private static void WriteDateAndTime(Utf8JsonWriter output, DateTime second)
    {
        output.WriteNumber("year"u8, second.Year);
        output.WriteNumber("month"u8, second.Month);
        output.WriteNumber("day"u8, second.Day);
        output.WriteNumber("hour"u8, second.Hour);
        output.WriteNumber("minute"u8, second.Minute);
        output.WriteNumber("second"u8, second.Second);
    }

    // The month of a monthly event and the year of a yearly one are among the common fields already: a second field with the same name would be bad JSON.
    private static void WriteOwnFields(Utf8JsonWriter output, TimerKind kind, DateTime second)
    {
        if (kind is TimerKind.Week)
        {
            output.WriteNumber("dayOfWeek"u8, (int)second.DayOfWeek);
            output.WriteString("dayName"u8, TimerCalendar.DayNameOf(second));
        }
        else if (kind is TimerKind.Monthly)
        {
            output.WriteString("monthName"u8, TimerCalendar.MonthNameOf(second));
        }
    }

    private static ReadOnlySpan<byte> NameOf(TimerKind kind) => kind switch
    {
        TimerKind.Second => "second"u8,
        TimerKind.Minute => "minute"u8,
        TimerKind.Hour => "hour"u8,
        TimerKind.Day => "day"u8,
        TimerKind.Week => "week"u8,
        TimerKind.Monthly => "monthly"u8,
        _ => "yearly"u8,
    };
}
