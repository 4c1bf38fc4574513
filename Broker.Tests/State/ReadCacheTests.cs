using ClawEvents.Broker.State;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.State;

internal sealed class ReadCacheTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly ReadCache<string, string?> _cache;

    public ReadCacheTests() => _cache = new(16, _time);

    [Test]
    public void A_value_lives_for_a_second_from_the_question_on()
    {
        var reading = _cache.Begin("key");
        _time.Advance(TimeSpan.FromMilliseconds(600));
        _cache.End(reading, "key", "value");

        var fresh = _cache.TryGet("key", out var value);
        _time.Advance(TimeSpan.FromMilliseconds(399));
        var old = _cache.TryGet("key", out _);
        _time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.That((fresh, value, old), Is.EqualTo((true, "value", true)));
        Assert.That(_cache.TryGet("key", out _), Is.False);
    }

    [Test]
    public void That_there_is_nothing_is_kept_as_well()
    {
        _cache.End(_cache.Begin("key"), "key", null);

        Assert.That(_cache.TryGet("key", out var value), Is.True);
        Assert.That(value, Is.Null);
    }

    [Test]
    public void A_reading_begun_before_a_change_does_not_bring_the_old_value_back()
    {
        var reading = _cache.Begin("key");
        _cache.Forget("key");
        _cache.End(reading, "key", "old");
        var old = _cache.TryGet("key", out _);

        _cache.End(_cache.Begin("key"), "key", "new");

        Assert.That(old, Is.False);
        Assert.That(_cache.TryGet("key", out var value), Is.True);
        Assert.That(value, Is.EqualTo("new"));
    }

    [Test]
    public void A_change_takes_out_what_was_there()
    {
        _cache.End(_cache.Begin("key"), "key", "old");

        _cache.Forget("key");

        Assert.That(_cache.TryGet("key", out _), Is.False);
    }

    [Test]
    public void Keys_that_share_a_slot_are_told_apart_and_the_table_does_not_grow()
    {
        for (var i = 0; i < 1_000; i++)
        {
            _cache.End(_cache.Begin($"key{i}"), $"key{i}", $"value{i}");
            Assert.That(_cache.TryGet($"key{i}", out var value) ? value : null, Is.EqualTo($"value{i}"));
        }

        Assert.That(Enumerable.Range(0, 1_000).Count(i => _cache.TryGet($"key{i}", out _)), Is.LessThanOrEqualTo(16));
    }
}
