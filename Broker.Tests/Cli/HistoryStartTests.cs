using ClawEvents.Cli.Arguments;

namespace ClawEvents.Broker.Tests.Cli;

/// <summary>The value of <c>history --since</c>.</summary>
internal sealed class HistoryStartTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    [TestCase("0", 0UL)]
    [TestCase("17", 17UL)]
    [TestCase("99999999999", 99_999_999_999UL)]
    public void A_number_is_an_offset(string text, ulong offset)
    {
        Assert.That(HistoryStart.TryParse(text, Now, out var start), Is.True);
        Assert.That(start, Is.EqualTo(new HistoryStart(offset, null)));
    }

    [TestCase("1.5h", "2026-01-31T10:30:00Z")]
    [TestCase("90s", "2026-01-31T11:58:30Z")]
    [TestCase("10m", "2026-01-31T11:50:00Z")]
    [TestCase("2h", "2026-01-31T10:00:00Z")]
    [TestCase("3d", "2026-01-28T12:00:00Z")]
    [TestCase("1769860800000", "2026-01-31T12:00:00Z")]
    [TestCase("2026-01-31T08:00:00Z", "2026-01-31T08:00:00Z")]
    [TestCase("2026-01-31T08:00:00.5+02:00", "2026-01-31T06:00:00.5Z")]
    public void An_age_a_date_or_milliseconds_are_a_time(string text, string time)
    {
        Assert.That(HistoryStart.TryParse(text, Now, out var start), Is.True);
        Assert.That((start.Offset, start.Time?.UtcDateTime), Is.EqualTo(((ulong?)null, (DateTime?)DateTimeOffset.Parse(time, null).UtcDateTime)));
    }

    [Test]
    public void A_date_without_a_zone_is_local()
    {
        Assert.That(HistoryStart.TryParse("2026-01-31", Now, out var start), Is.True);
        Assert.That(start.Time?.DateTime, Is.EqualTo(new DateTime(2026, 1, 31)));
    }

    [TestCase("")]
    [TestCase("m")]
    [TestCase("-1")]
    [TestCase("yesterday")]
    [TestCase("12:00")]
    [TestCase("9999999999999999")]
    [TestCase("99999999999999999999999")]
    public void Anything_else_is_refused(string text) => Assert.That(HistoryStart.TryParse(text, Now, out _), Is.False);
}
