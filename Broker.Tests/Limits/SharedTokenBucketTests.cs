using ClawEvents.Broker.Limits;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Tests.Limits;

/// <summary>Limits in the course of time.</summary>
internal sealed class SharedTokenBucketTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly ManualTimeProvider _time = new();

    [Test]
    public void A_full_bucket_allows_a_burst_and_then_one_in_each_interval()
    {
        var bucket = new SharedTokenBucket(new(1 / Interval.TotalSeconds, 3), _time);
        var burst = Take(bucket, 5);
        _time.Advance(Interval);
        var later = Take(bucket, 2);

        Assert.That((burst, later), Is.EqualTo((3, 1)));
    }

    [Test]
    public void A_bucket_is_never_fuller_than_its_burst()
    {
        var bucket = new SharedTokenBucket(new(1 / Interval.TotalSeconds, 3), _time);
        _time.Advance(Interval * 100);

        Assert.That(Take(bucket, 10), Is.EqualTo(3));
    }

    [Test]
    public void A_refusal_says_how_long_to_wait_and_does_not_prolong_the_wait()
    {
        var bucket = new SharedTokenBucket(new(1 / Interval.TotalSeconds, 1), _time);
        bucket.TryTake(out var none);
        _time.Advance(TimeSpan.FromSeconds(4));
        bucket.TryTake(out var first);
        bucket.TryTake(out var second);
        _time.Advance(second);

        Assert.That((none, first, second), Is.EqualTo((TimeSpan.Zero, TimeSpan.FromSeconds(6), TimeSpan.FromSeconds(6))));
        Assert.That(bucket.TryTake(out _), Is.True);
    }

    [Test]
    public void Simultaneous_takers_never_get_more_than_the_burst()
    {
        var bucket = new SharedTokenBucket(new(1 / Interval.TotalSeconds, 1_000), _time);
        var taken = 0;
        Parallel.For(0, 4_000, _ => Interlocked.Add(ref taken, bucket.TryTake(out var _) ? 1 : 0));

        Assert.That(taken, Is.EqualTo(1_000));
    }

    private static int Take(SharedTokenBucket bucket, int times) => Enumerable.Range(0, times).Count(_ => bucket.TryTake(out var _));
}
