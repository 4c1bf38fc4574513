using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.SharedPolls;

/// <summary>More keys than one question can have, and more than one connection may track.</summary>
[Parallelizable(ParallelScope.All)]
internal sealed class SharedPollBatchTests : SharedPollFixture
{
    protected override SharedPollOptions Options { get; } = new() { IsVersioned = true, RefreshBatchSize = 2, MaxKeysPerConnection = 5 };

    [Test]
    public async Task Many_keys_are_asked_for_in_batches_spread_over_the_interval()
    {
        var gap = Interval / 2;
        Track(Subscribe(), "a@1", "c@1", "b@1", "d@1");

        await CycleAsync();
        Assert.That(Asked, Is.EqualTo(new[] { "a b" }));
        await AwaitTimerAsync(gap);
        Rig.Time.Advance(gap);
        await Eventually.IsTrueAsync(() => Asked.Count == 2);

        Assert.That(Asked, Is.EqualTo(new[] { "a b", "c d" }));
        await AwaitTimerAsync(Interval - gap);
    }

    [Test]
    public async Task Keys_that_somebody_lacks_are_asked_for_in_batches_immediately()
    {
        foreach (var key in (string[])["a", "b", "c"])
        {
            Values[key] = Value(key, "1", version: 1);
        }

        var link = Subscribe();
        Track(link, "a", "b", "c");

        Assert.That((await PushesAsync(link, 3)).Order(), Is.EqualTo(new[] { "a@1 1", "b@1 1", "c@1 1" }));
        Assert.That(Asked, Has.Count.EqualTo(2));
    }

    [Test]
    public void A_connection_may_track_only_so_many_keys()
    {
        const string Exceeded = """{"error":{"code":106,"message":"limit exceeded: a connection may track 5 keys of a channel (max_keys_per_connection)"}}""";
        const string Tracked = """{"sub_refresh":{"expires":true,"ttl":3600}}""";
        var link = Subscribe();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Track(link, "a@1", "b@1", "c@1", "d@1", "e@1", "f@1"), Is.EqualTo(Exceeded));
            Assert.That(Polled!.KeyCount, Is.Zero, "all or none");
            Assert.That(Track(link, "a@1", "b@1", "c@1", "d@1"), Is.EqualTo(Tracked));
            Assert.That(Track(link, "d@1", "e@1"), Is.EqualTo(Tracked), "a key that is tracked already takes no room");
            Assert.That(Track(link, "f@1"), Is.EqualTo(Exceeded));
            Untrack(link, "a");
            Assert.That(Track(link, "f@1"), Is.EqualTo(Tracked));
            Assert.That(Track(Subscribe(), "g@1"), Is.EqualTo(Tracked), "another connection has room of its own");
        }
    }
}
