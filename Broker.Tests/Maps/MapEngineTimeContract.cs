using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Maps;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Maps;

/// <summary>The contract of every engine of maps: what expires.</summary>
internal abstract class MapEngineTimeContract : MapEngineTestBase
{
    [Test]
    public async Task A_key_that_is_not_published_again_is_removed()
    {
        await PublishAsync(Recoverable, "a", "1");
        await AdvanceAsync(TimeSpan.FromSeconds(20));
        await PublishAsync(Recoverable, "b", "2");
        await AdvanceAsync(TimeSpan.FromSeconds(11));

        Assert.That(await DeliveriesAsync(3), Is.EqualTo("1:a=1 2:b=2 3:-a"));
        Assert.That((await StateAsync(Recoverable), await StreamAsync(Recoverable)), Is.EqualTo(("b=2", "1:a=1 2:b=2 3:-a")));

        await AdvanceAsync(TimeSpan.FromSeconds(20));

        Assert.That(await DeliveriesAsync(4), Is.EqualTo("1:a=1 2:b=2 3:-a 4:-b"));
        Assert.That(await Engine.CountAsync(Channel), Is.Zero);
    }

    [Test]
    public async Task A_key_that_is_published_again_stays()
    {
        await PublishAsync(Recoverable, "a");
        await PublishAsync(Recoverable, "b");
        await AdvanceAsync(TimeSpan.FromSeconds(20));
        await PublishAsync(Recoverable, "a");
        await AdvanceAsync(TimeSpan.FromSeconds(11));

        Assert.That(await DeliveriesAsync(4), Does.EndWith("4:-b"));
        Assert.That(await StateAsync(Recoverable), Is.EqualTo("a=v"));
    }

    [TestCase(true, ExpectedResult = "a=v")]
    [TestCase(false, ExpectedResult = "")]
    public async Task<string> A_key_may_be_kept_without_a_change(bool refreshes)
    {
        await PublishAsync(Recoverable, "a");
        await PublishAsync(Recoverable, "sign");
        await AdvanceAsync(TimeSpan.FromSeconds(20));
        await Engine.PublishAsync(Channel, Recoverable, Change("a") with { KeyMode = KeyMode.IfNew, RefreshesTtl = refreshes });
        await AdvanceAsync(TimeSpan.FromSeconds(11));

        await Receiver.WaitForAsync(refreshes ? 3 : 4);
        return await StateAsync(Recoverable);
    }

    [Test]
    public async Task An_expired_key_of_an_ephemeral_map_is_removed_with_its_tags()
    {
        var tags = new Dictionary<string, string> { ["a"] = "1" };
        await Engine.PublishAsync(Channel, Ephemeral, new() { Key = "a", Publication = new("v".Utf8(), null, tags), Version = 3 });
        await AdvanceAsync(TimeSpan.FromSeconds(31));

        var removal = (await Receiver.WaitForAsync(2))[1];
        using (Assert.EnterMultipleScope())
        {
            Assert.That((removal.Change!.Key, removal.Change.Removed, removal.Position.Offset), Is.EqualTo(("a", true, 0UL)));
            Assert.That(removal.Tags, Is.EqualTo(tags));
            Assert.That(await StateAsync(Ephemeral), Is.Empty);
            Assert.That((await Engine.PublishAsync(Channel, Ephemeral, Change("a") with { Version = 1 })).Outcome, Is.EqualTo(MapOutcome.Applied));
        }
    }

    [Test]
    public async Task All_keys_of_a_large_map_expire()
    {
        const int count = 1200;
        for (var i = 0; i < count; i++)
        {
            await PublishAsync(Ephemeral, $"k{i:0000}");
        }

        await AdvanceAsync(TimeSpan.FromSeconds(31));

        var removals = (await Receiver.WaitForAsync(2 * count))[count..];
        Assert.That(removals.Select(one => one.Change!.Key).Distinct().Count(), Is.EqualTo(count));
        Assert.That(removals.Select(one => one.Change!.Removed), Is.All.True);
        Assert.That(await Engine.CountAsync(Channel), Is.Zero);
    }

    [Test]
    public async Task Keys_of_a_persistent_map_stay_as_long_as_its_position()
    {
        var first = await PublishAsync(Persistent, "a");
        await AdvanceAsync(TimeSpan.FromDays(40));
        var second = await PublishAsync(Persistent, "b");

        Assert.That(second.Position, Is.EqualTo(first.Position with { Offset = 2 }));
        Assert.That((await StateAsync(Persistent), await StreamAsync(Persistent)), Is.EqualTo(("a=v b=v", "2:b=v")));
    }

    [Test]
    public async Task The_position_of_an_empty_map_is_forgotten_in_time()
    {
        var before = await PublishAsync(Persistent, "a");
        await RemoveAsync(Persistent, "a");
        await AdvanceAsync(TimeSpan.FromDays(29));
        var kept = (await ReadAsync(Persistent)).Top;
        await AdvanceAsync(TimeSpan.FromDays(31));

        Assert.That(kept, Is.EqualTo(before.Position with { Offset = 2 }));
        Assert.That((await ReadAsync(Persistent)).Top.Epoch, Is.Not.EqualTo(before.Position.Epoch));
    }

    [Test]
    public async Task The_stream_is_forgotten_before_the_position()
    {
        var first = await PublishAsync(Recoverable, "a");
        await AdvanceAsync(TimeSpan.FromSeconds(31));
        await Receiver.WaitForAsync(2);
        await AdvanceAsync(TimeSpan.FromSeconds(61));
        var page = await Engine.ReadStreamAsync(Channel, Recoverable, new(-1));
        await AdvanceAsync(TimeSpan.FromSeconds(601));
        var later = await Engine.ReadStreamAsync(Channel, Recoverable, HistoryFilter.Position);

        Assert.That((page.Changes.Count, page.Top), Is.EqualTo((0, first.Position with { Offset = 2 })));
        Assert.That(later.Top.Epoch, Is.Not.EqualTo(first.Position.Epoch));
    }

    [Test]
    public async Task An_idempotency_key_counts_for_five_minutes()
    {
        await Engine.PublishAsync(Channel, Persistent, Change("a") with { IdempotencyKey = "p" });
        await AdvanceAsync(TimeSpan.FromSeconds(290));
        var soon = await Engine.PublishAsync(Channel, Persistent, Change("a") with { IdempotencyKey = "p" });
        await AdvanceAsync(TimeSpan.FromSeconds(11));
        var late = await Engine.PublishAsync(Channel, Persistent, Change("a") with { IdempotencyKey = "p" });

        Assert.That((soon.Outcome, late.Outcome), Is.EqualTo((MapOutcome.Repeated, MapOutcome.Applied)));
    }
}
