using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Tests.Text;

internal sealed class DurationTextTests
{
    [TestCase("0", 0)]
    [TestCase("0s", 0)]
    [TestCase("300s", 300)]
    [TestCase("1m30s", 90)]
    [TestCase("1.5h", 5400)]
    [TestCase("250ms", 0.25)]
    [TestCase("2h45m10s", 9910)]
    [TestCase("720h", 2_592_000)]
    public void A_duration_is_numbers_with_units(string text, double seconds)
    {
        var isDuration = DurationText.TryParse(text, out var duration);

        Assert.That((isDuration, duration.TotalSeconds), Is.EqualTo((true, seconds)));
    }

    [TestCase("")]
    [TestCase("5")]
    [TestCase("-5s")]
    [TestCase("5 s")]
    [TestCase("s")]
    [TestCase("5d")]
    [TestCase("1.s")]
    [TestCase("5s\n")]
    [TestCase("999999999999999h")]
    [TestCase("٣s")]
    public void Any_other_text_is_not_a_duration(string text) => Assert.That(DurationText.TryParse(text, out _), Is.False);
}
