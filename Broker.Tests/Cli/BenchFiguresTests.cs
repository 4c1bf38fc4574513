using System.Text;
using ClawEvents.Cli.Bench;

namespace ClawEvents.Broker.Tests.Cli;

/// <summary>The figures of a benchmark, without one.</summary>
internal sealed class BenchFiguresTests
{
    [Test]
    public void Percentiles_are_exact_to_one_per_cent()
    {
        var histogram = new LatencyHistogram();
        for (var micros = 1; micros <= 1_000_000; micros++)
        {
            histogram.Add(micros);
        }

        Assert.That(histogram.Percentile(0.5), Is.EqualTo(500_000).Within(1).Percent);
        Assert.That(histogram.Percentile(0.99), Is.EqualTo(990_000).Within(1).Percent);
        Assert.That(histogram.Percentile(0.9999), Is.EqualTo(999_900).Within(1).Percent);
        Assert.That((histogram.Percentile(0.000_1), histogram.Percentile(1), histogram.Max, histogram.Count), Is.EqualTo((100, 1_000_000, 1_000_000, 1_000_000)));
    }

    [Test]
    public void Histograms_of_clients_add_up_and_take_any_time()
    {
        var (one, other) = (new LatencyHistogram(), new LatencyHistogram());
        one.Add(-5);
        other.Add(long.MaxValue);
        one.Add(other);

        Assert.That((one.Count, one.Percentile(0.5), one.Percentile(1), one.Max), Is.EqualTo((2, 0, long.MaxValue, long.MaxValue)));
        Assert.That(new LatencyHistogram().Percentile(0.5), Is.Zero);
    }

    [TestCase(96)]
    [TestCase(500)]
    public void A_mark_has_the_size_that_was_asked_for_and_is_found_in_any_wrapping(int size)
    {
        var mark = new BenchMark(0xdeadbeef, 999, 99_999_999_999, 1_799_999_999_999_999);
        var text = Encoding.UTF8.GetString(BenchPayload.Write(mark, size));
        var wrapped = Encoding.UTF8.GetBytes($$"""{"sender":"a","payload":{{text.Replace("\":", "\" : ", StringComparison.Ordinal)}}}""");

        Assert.That(Encoding.UTF8.GetByteCount(text), Is.EqualTo(size));
        Assert.That((BenchPayload.TryRead(Encoding.UTF8.GetBytes(text), out var plain), plain), Is.EqualTo((true, mark)));
        Assert.That((BenchPayload.TryRead(wrapped, out var inside), inside), Is.EqualTo((true, mark)));
    }

    [TestCase("""{"text":"hello"}""")]
    [TestCase("""{"bench":"x"}""")]
    [TestCase("""{"bench":"0000abcd:1"}""")]
    [TestCase("""{"bench":"0000abcd:1:2:-3"}""")]
    [TestCase("""{"bench":"0000abcd:99999999999:2:3"}""")]
    [TestCase("")]
    public void Messages_of_something_else_are_not_counted(string data) =>
        Assert.That(BenchPayload.TryRead(Encoding.UTF8.GetBytes(data), out _), Is.False);
}
