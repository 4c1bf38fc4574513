using ClawEvents.Broker.Limits;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Tests.Limits;

internal sealed class TokenBucketTests
{
    private static readonly BucketRule Rule = new(10, 5);

    private readonly ManualTimeProvider _time = new();
    private TokenBucket _bucket;

    [Test]
    public void A_new_bucket_is_full_and_then_refills_at_its_rate()
    {
        var burst = Take(20);
        _time.Advance(TimeSpan.FromMilliseconds(300));
        var later = Take(20);
        _time.Advance(TimeSpan.FromHours(1));

        Assert.That((burst, later, Take(20)), Is.EqualTo((5, 3, 5)));
    }

    [Test]
    public void A_bucket_is_full_again_when_all_has_come_back()
    {
        Take(5);
        var whenEmpty = _bucket.IsFull(_time.GetTimestamp());
        _time.Advance(TimeSpan.FromMilliseconds(500));

        Assert.That((whenEmpty, _bucket.IsFull(_time.GetTimestamp())), Is.EqualTo((false, true)));
    }

    [Test]
    public void A_bucket_without_a_rule_is_never_empty()
    {
        Assert.That(Enumerable.Range(0, 1_000).All(_ => _bucket.TryTake(BucketRule.Unlimited, _time.GetTimestamp(), _time, out TimeSpan _)), Is.True);
    }

    private int Take(int times) => Enumerable.Range(0, times).Count(_ => _bucket.TryTake(Rule, _time.GetTimestamp(), _time, out TimeSpan _));
}
