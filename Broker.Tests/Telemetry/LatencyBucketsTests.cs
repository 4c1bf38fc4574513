using ClawEvents.Broker.Telemetry;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Telemetry;

internal sealed class LatencyBucketsTests
{
    [TestCase(0.000_002)]
    [TestCase(0.000_5)]
    [TestCase(0.03)]
    [TestCase(42)]
    public void A_duration_is_known_to_a_fourth(double seconds)
    {
        var buckets = new LatencyBuckets();
        buckets.Add(seconds);

        Assert.That(buckets.Take().Median, Is.EqualTo(seconds).Within(26).Percent);
    }

    [TestCase(0)]
    [TestCase(-1)]
    [TestCase(1e-9)]
    [TestCase(1e9)]
    [TestCase(double.PositiveInfinity)]
    public void Durations_out_of_range_count_as_the_nearest(double seconds)
    {
        var buckets = new LatencyBuckets();
        buckets.Add(seconds);

        Assert.That(buckets.Take().Median, Is.InRange(0, 200));
    }

    [Test]
    public void Adding_allocates_nothing()
    {
        var buckets = new LatencyBuckets();

        Assert.That(Allocations.PerCall(() => buckets.Add(0.001)), Is.Zero);
    }
}
