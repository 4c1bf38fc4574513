using ClawEvents.Broker.State.Redis;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Tests.State.Redis;

internal sealed class ReadCacheTests
{
    private readonly ManualChangeFeed _feed = new();
    private readonly ReadCache<string, string?> _cache;

    public ReadCacheTests() => _cache = new(16, _feed);

    [Test]
    public void A_value_stays_cached_while_all_changes_are_heard()
    {
        _cache.End(_cache.Begin("key"), "key", "value");
        var heard = _cache.TryGet("key", out var value);
        _feed.Continuity = 0;
        var unheard = _cache.TryGet("key", out _);
        _feed.Continuity = 2;
        var afterwards = _cache.TryGet("key", out _);

        Assert.That((heard, value, unheard, afterwards), Is.EqualTo((true, "value", false, false)));
    }

    [TestCase(1, 0)]
    [TestCase(0, 0)]
    [TestCase(0, 1)]
    [TestCase(1, 2)]
    public void A_value_read_while_changes_could_be_missed_is_not_cached(int atBegin, int atEnd)
    {
        _feed.Continuity = atBegin;
        var reading = _cache.Begin("key");
        _feed.Continuity = atEnd;
        _cache.End(reading, "key", "value");

        Assert.That(_cache.TryGet("key", out _), Is.False);
        Assert.That(_cache.Peek("key"), Is.EqualTo("value"));
    }

    [Test]
    public void A_missing_value_is_cached_as_well()
    {
        _cache.End(_cache.Begin("key"), "key", null);

        Assert.That(_cache.TryGet("key", out var value), Is.True);
        Assert.That(value, Is.Null);
    }

    [Test]
    public void A_reading_that_began_before_a_change_does_not_cache_the_old_value()
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
    public void A_change_removes_the_cached_value()
    {
        _cache.End(_cache.Begin("key"), "key", "old");

        _cache.Forget("key");

        Assert.That(_cache.TryGet("key", out _), Is.False);
    }

    [Test]
    public void Keys_of_one_group_are_forgotten_together_and_no_others()
    {
        var cache = new ReadCache<(int Group, int Key), int>(16, _feed, key => key.Group);
        (int, int)[] keys = [(1, 1), (1, 2), (2, 1), (2, 2)];
        var kept = keys.Select(key =>
        {
            cache.End(cache.Begin(key), key, 7);
            cache.Forget((1, 99));
            return cache.TryGet(key, out _);
        });

        Assert.That(kept, Is.EqualTo(new[] { false, false, true, true }));
    }

    [Test]
    public void All_values_can_be_forgotten_including_those_being_read()
    {
        var reading = _cache.Begin("b");
        _cache.End(_cache.Begin("a"), "a", "old");

        _cache.ForgetAll();
        _cache.End(reading, "b", "old");

        Assert.That((_cache.TryGet("a", out _), _cache.TryGet("b", out _)), Is.EqualTo((false, false)));
    }

    [Test]
    public void Keys_that_share_a_slot_are_not_confused_and_the_table_does_not_grow()
    {
        for (var i = 0; i < 1_000; i++)
        {
            _cache.End(_cache.Begin($"key{i}"), $"key{i}", $"value{i}");
            Assert.That(_cache.TryGet($"key{i}", out var value) ? value : null, Is.EqualTo($"value{i}"));
        }

        Assert.That(Enumerable.Range(0, 1_000).Count(i => _cache.TryGet($"key{i}", out _)), Is.LessThanOrEqualTo(16));
    }
}
