using ClawEvents.Cli.Arguments;

namespace ClawEvents.Broker.Tests.Cli;

/// <summary>Durations and moments as people write them.</summary>
internal sealed class TimeTextTests
{
    private static readonly DateTimeOffset Now = new(2026, 12, 31, 18, 0, 0, TimeSpan.Zero);

    [TestCase("500ms", ExpectedResult = 500)]
    [TestCase("10s", ExpectedResult = 10_000)]
    [TestCase("1h30m", ExpectedResult = 5_400_000)]
    [TestCase("1.5s", ExpectedResult = 1_500)]
    [TestCase("7d", ExpectedResult = 604_800_000)]
    public double? A_duration_is_numbers_with_units(string text) => TimeText.ReadDuration(text)?.TotalMilliseconds;

    [TestCase("")]
    [TestCase("10")]
    [TestCase("s")]
    [TestCase("-5s")]
    [TestCase("5 s")]
    [TestCase("0s")]
    [TestCase("50d")]
    [TestCase("999999999999h")]
    public void Anything_else_is_none(string text) => Assert.That(TimeText.ReadDuration(text), Is.Null);

    [TestCase("10m", "2026-12-31T17:50:00Z")]
    [TestCase("100d", "2026-09-22T18:00:00Z")]
    [TestCase("999999999d", "1970-01-01T00:00:00Z")]
    [TestCase("2026-12-30T01:02Z", "2026-12-30T01:02:00Z")]
    [TestCase("2026-12-30T01:02:03.5+02:00", "2026-12-29T23:02:03.5Z")]
    public void A_moment_is_a_time_ago_or_a_date(string text, string moment) =>
        Assert.That(TimeText.ReadMoment(text, Now), Is.EqualTo(DateTimeOffset.Parse(moment, System.Globalization.CultureInfo.InvariantCulture)));

    [Test]
    public void A_moment_without_an_offset_is_local() =>
        Assert.That(TimeText.ReadMoment("2026-12-30 01:02", Now)?.LocalDateTime, Is.EqualTo(new DateTime(2026, 12, 30, 1, 2, 0, DateTimeKind.Local)));

    [TestCase("yesterday")]
    [TestCase("2026-13-01")]
    [TestCase("")]
    public void Anything_else_is_no_moment(string text) => Assert.That(TimeText.ReadMoment(text, Now), Is.Null);
}
