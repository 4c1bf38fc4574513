using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Maps;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Tests.Maps;

/// <summary>What every test of an engine of maps begins with. A fixture of each implementation derives from it for each contract.</summary>
internal abstract class MapEngineTestBase
{
    private protected static readonly MapOptions Persistent = new() { Mode = MapMode.Persistent, StreamSize = 10, StreamTtl = TimeSpan.FromSeconds(60) };

    private protected static readonly MapOptions Recoverable = Persistent with { Mode = MapMode.Recoverable, KeyTtl = TimeSpan.FromSeconds(30), MetaTtl = TimeSpan.FromSeconds(600) };

    private protected static readonly MapOptions Ephemeral = new() { KeyTtl = TimeSpan.FromSeconds(30), MetaTtl = TimeSpan.FromSeconds(600) };

    private protected static readonly MapOptions Ordered = Persistent with { IsOrdered = true };

    private protected ChannelName Channel { get; } = TestChannel.Named("map:one");

    private protected ChannelName Other { get; } = TestChannel.Named("map:two");

    private protected RecordingReceiver Receiver { get; private set; } = null!;

    private protected IMapEngine Engine { get; private set; } = null!;

    [SetUp]
    public void MakeEngine()
    {
        Receiver = new();
        Engine = Create(Receiver);
    }

    [TearDown]
    public void CloseEngine() => (Engine as IDisposable)?.Dispose();

    /// <summary>An engine with nothing in it, which hears <see cref="Channel"/> and <see cref="Other"/>.</summary>
    private protected abstract IMapEngine Create(IChannelReceiver receiver);

    /// <summary>Lets time pass for the engine.</summary>
    private protected abstract Task AdvanceAsync(TimeSpan by);

    private protected static MapChange Change(string key, string data = "v", long score = 0) => new() { Key = key, Publication = new(data.Utf8()), Score = score };

    private protected async Task<MapResult> PublishAsync(MapOptions options, string key, string data = "v", long score = 0) =>
        await Engine.PublishAsync(Channel, options, Change(key, data, score));

    private protected async Task<MapResult> RemoveAsync(MapOptions options, string key) => await Engine.RemoveAsync(Channel, options, new(key));

    private protected async Task<MapStatePage> ReadAsync(MapOptions options, int limit = -1, string cursor = "", bool ascending = false) =>
        await Engine.ReadStateAsync(Channel, options, new(limit, cursor, ascending));

    /// <summary>The state as <c>key=value</c>, in its order.</summary>
    private protected async Task<string> StateAsync(MapOptions options) =>
        string.Join(' ', (await ReadAsync(options)).Entries.Select(entry => $"{entry.Key}={entry.Publication.Data.Text()}"));

    /// <summary>The stream as <c>offset:key=value</c>, with <c>offset:-key</c> for removals.</summary>
    private protected async Task<string> StreamAsync(MapOptions options, int limit = -1, ulong? since = null, bool reverse = false) =>
        string.Join(' ', (await Engine.ReadStreamAsync(Channel, options, new(limit, since is { } offset ? new StreamPosition(offset, "") : null, reverse))).Changes
            .Select(change => change.Removed ? $"{change.Offset}:-{change.Key}" : $"{change.Offset}:{change.Key}={change.Publication.Data.Text()}"));

    /// <summary>The deliveries in the same form, once there are so many.</summary>
    private protected async Task<string> DeliveriesAsync(int count) =>
        string.Join(' ', (await Receiver.WaitForAsync(count))
            .Select(one => one.Change!.Removed ? $"{one.Position.Offset}:-{one.Change.Key}" : $"{one.Position.Offset}:{one.Change.Key}={one.Data}"));
}

/// <summary>The contract of every engine of maps: changes, state and stream.</summary>
internal abstract class MapEngineContract : MapEngineTestBase
{
    [Test]
    public async Task State_stream_and_deliveries_agree()
    {
        var first = await PublishAsync(Persistent, "b", "1");
        await PublishAsync(Persistent, "a", "2");
        await PublishAsync(Persistent, "b", "3");
        var last = await RemoveAsync(Persistent, "a");

        using (Assert.EnterMultipleScope())
        {
            Assert.That((first.Position.Offset, last.Position), Is.EqualTo((1UL, first.Position with { Offset = 4 })));
            Assert.That(first.Position.Epoch, Does.Match("^[A-Za-z]{8}$"));
            Assert.That(await StateAsync(Persistent), Is.EqualTo("b=3"));
            Assert.That(await StreamAsync(Persistent), Is.EqualTo("1:b=1 2:a=2 3:b=3 4:-a"));
            Assert.That(await DeliveriesAsync(4), Is.EqualTo("1:b=1 2:a=2 3:b=3 4:-a"));
            Assert.That((await ReadAsync(Persistent)).Entries.Single().Offset, Is.EqualTo(3));
            Assert.That(await Engine.CountAsync(Channel), Is.EqualTo(1));
        }
    }

    [Test]
    public async Task Maps_count_for_themselves()
    {
        await PublishAsync(Persistent, "a");

        var other = await Engine.PublishAsync(Other, Persistent, Change("a"));

        Assert.That(other.Position.Offset, Is.EqualTo(1));
        Assert.That(other.Position.Epoch, Is.Not.EqualTo((await ReadAsync(Persistent)).Top.Epoch));
        Assert.That(await Engine.CountAsync(TestChannel.Named("map:none")), Is.Zero);
    }

    [Test]
    public async Task An_ephemeral_map_has_an_epoch_and_no_offsets()
    {
        var result = await PublishAsync(Ephemeral, "a", "1");
        await PublishAsync(Ephemeral, "a", "2");
        await RemoveAsync(Ephemeral, "a");
        await PublishAsync(Ephemeral, "b", "3");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Position, Is.EqualTo(new StreamPosition(0, (await ReadAsync(Ephemeral)).Top.Epoch)));
            Assert.That(result.Position.Epoch, Is.Not.Empty);
            Assert.That(await StateAsync(Ephemeral), Is.EqualTo("b=3"));
            Assert.That(await StreamAsync(Ephemeral), Is.Empty);
            Assert.That(await DeliveriesAsync(4), Is.EqualTo("0:a=1 0:a=2 0:-a 0:b=3"));
            Assert.That(Receiver.Deliveries.Select(one => one.Position.Epoch), Is.All.Empty);
        }
    }

    [Test]
    public async Task An_entry_has_what_was_published()
    {
        var publisher = new ClientInfo("alice", Guid.NewGuid(), "{\"a\":1}"u8.ToArray(), "{\"b\":2}"u8.ToArray());
        var tags = new Dictionary<string, string> { ["k"] = "é" };
        var payload = "{\"x\":\"é\"}"u8.ToArray();
        var before = DateTimeOffset.UnixEpoch.AddYears(1).ToUnixTimeMilliseconds();

        var publishing = Engine.PublishAsync(Channel, Persistent, new() { Key = "ключ", Publication = new(payload, publisher, tags), Score = -5 });
        payload.AsSpan().Clear();
        await publishing;

        var kept = (await ReadAsync(Persistent)).Entries.Single();
        var streamed = (await Engine.ReadStreamAsync(Channel, Persistent, new(-1))).Changes.Single();
        var delivered = (await Receiver.WaitForAsync(1)).Single();
        using (Assert.EnterMultipleScope())
        {
            Assert.That((kept.Key, kept.Offset, kept.Score, kept.Removed, kept.Publication.Data.Text()), Is.EqualTo(("ключ", 1UL, -5L, false, "{\"x\":\"é\"}")));
            Assert.That(kept.Time, Is.GreaterThan(before));
            Assert.That(streamed with { Publication = default }, Is.EqualTo(kept with { Publication = default }));
            Assert.That(delivered.Change, Is.EqualTo(kept with { Publication = default }));
            Assert.That((delivered.Data, streamed.Publication.Data.Text()), Is.EqualTo(("{\"x\":\"é\"}", "{\"x\":\"é\"}")));
            Assert.That(kept.Publication.Publisher!.ChannelInfo.Text(), Is.EqualTo("{\"b\":2}"));
            Assert.That((delivered.Publisher!.User, delivered.Publisher.Client), Is.EqualTo((publisher.User, publisher.Client)));
            Assert.That(kept.Publication.Tags, Is.EqualTo(tags));
            Assert.That(delivered.Tags, Is.EqualTo(tags));
        }
    }

    [Test]
    public async Task A_removal_has_the_tags_of_the_value_or_its_own()
    {
        var tags = new Dictionary<string, string> { ["a"] = "1", ["b"] = "2" };
        var publisher = new ClientInfo("alice", Guid.NewGuid(), "{\"a\":1}"u8.ToArray());
        await Engine.PublishAsync(Channel, Persistent, new() { Key = "x", Publication = new("v".Utf8(), publisher, tags) });
        await Engine.PublishAsync(Channel, Persistent, new() { Key = "y", Publication = new("v".Utf8(), publisher, tags) });
        await PublishAsync(Persistent, "z");
        var own = new Dictionary<string, string> { ["c"] = "3" };

        await RemoveAsync(Persistent, "x");
        await Engine.RemoveAsync(Channel, Persistent, new("y", own));
        await RemoveAsync(Persistent, "z");

        var removals = (await Receiver.WaitForAsync(6))[3..];
        var streamed = (await Engine.ReadStreamAsync(Channel, Persistent, new(-1))).Changes.Skip(3).ToArray();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(removals.Select(one => one.Tags), Is.EqualTo(new[] { tags, own, null }));
            Assert.That(streamed.Select(one => one.Publication.Tags), Is.EqualTo(new[] { tags, own, null }));
            Assert.That(removals.Select(one => (one.Data, one.Publisher, one.Change!.Removed)), Is.All.EqualTo(("", (ClientInfo?)null, true)));
            Assert.That(removals.Select(one => one.Change!.Time), Is.All.Positive);
        }
    }

    [Test]
    public async Task Removing_a_key_that_is_not_there_changes_nothing()
    {
        var nothing = await RemoveAsync(Persistent, "a");
        var first = await PublishAsync(Persistent, "b");
        var second = await RemoveAsync(Persistent, "a");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(nothing, Is.EqualTo(new MapResult(new(0, ""), MapOutcome.KeyNotFound)));
            Assert.That(second, Is.EqualTo(new MapResult(first.Position, MapOutcome.KeyNotFound)));
            Assert.That(await StreamAsync(Persistent), Is.EqualTo("1:b=v"));
        }
    }

    [Test]
    public async Task Reading_a_map_gives_it_the_epoch_that_its_first_change_has()
    {
        var empty = await ReadAsync(Persistent);
        var stream = await Engine.ReadStreamAsync(Channel, Persistent, HistoryFilter.Position);
        var first = await PublishAsync(Persistent, "a");

        Assert.That(empty.Entries, Is.Empty);
        Assert.That(stream.Top, Is.EqualTo(empty.Top));
        Assert.That(first.Position, Is.EqualTo(empty.Top with { Offset = 1 }));
    }

    [Test]
    public async Task A_page_that_was_read_stays_as_it_is()
    {
        await PublishAsync(Persistent, "a", "1");
        var page = await ReadAsync(Persistent);

        await PublishAsync(Persistent, "a", "2");
        await RemoveAsync(Persistent, "a");

        Assert.That(page.Entries.Single().Publication.Data.Text(), Is.EqualTo("1"));
    }

    [TestCase(KeyMode.IfNew, false, ExpectedResult = "Applied new")]
    [TestCase(KeyMode.IfNew, true, ExpectedResult = "KeyExists old")]
    [TestCase(KeyMode.IfExists, false, ExpectedResult = "KeyNotFound ")]
    [TestCase(KeyMode.IfExists, true, ExpectedResult = "Applied new")]
    [TestCase(KeyMode.Replace, true, ExpectedResult = "Applied new")]
    public async Task<string> A_condition_decides_whether_a_value_is_published(KeyMode mode, bool isThere)
    {
        await PublishAsync(Persistent, "other");
        if (isThere)
        {
            await PublishAsync(Persistent, "a", "old");
        }

        var result = await Engine.PublishAsync(Channel, Persistent, Change("a", "new") with { KeyMode = mode });

        var entry = (await Engine.ReadStateAsync(Channel, Persistent, new(0, Key: "a"))).Entries.SingleOrDefault();
        Assert.That(result.Position.Offset, Is.EqualTo((await ReadAsync(Persistent)).Top.Offset));
        return $"{result.Outcome} {entry?.Publication.Data.Text()}";
    }

    [TestCase(2UL, "", ExpectedResult = MapOutcome.Outdated)]
    [TestCase(1UL, "", ExpectedResult = MapOutcome.Outdated)]
    [TestCase(3UL, "", ExpectedResult = MapOutcome.Applied)]
    [TestCase(2UL, "e", ExpectedResult = MapOutcome.Outdated)]
    [TestCase(1UL, "f", ExpectedResult = MapOutcome.Applied)]
    [TestCase(0UL, "", ExpectedResult = MapOutcome.Applied)]
    public async Task<MapOutcome> An_outdated_version_of_a_key_is_dropped(ulong version, string epoch)
    {
        await Engine.PublishAsync(Channel, Persistent, Change("a", "1") with { Version = 2, VersionEpoch = "e" });
        await Engine.PublishAsync(Channel, Persistent, Change("b", "1") with { Version = 9, VersionEpoch = "e" });

        var result = await Engine.PublishAsync(Channel, Persistent, Change("a", "2") with { Version = version, VersionEpoch = epoch });

        Assert.That(await StateAsync(Persistent), Is.EqualTo(result.Outcome is MapOutcome.Applied ? "a=2 b=1" : "a=1 b=1"));
        return result.Outcome;
    }

    [Test]
    public async Task A_version_outlives_a_value_without_one_and_not_the_key()
    {
        await Engine.PublishAsync(Channel, Persistent, Change("a") with { Version = 5 });
        await PublishAsync(Persistent, "a");
        var outdated = await Engine.PublishAsync(Channel, Persistent, Change("a") with { Version = 5 });
        await RemoveAsync(Persistent, "a");
        var again = await Engine.PublishAsync(Channel, Persistent, Change("a") with { Version = 1 });

        Assert.That((outdated.Outcome, again.Outcome), Is.EqualTo((MapOutcome.Outdated, MapOutcome.Applied)));
    }

    [Test]
    public async Task A_change_with_the_same_idempotency_key_is_not_repeated()
    {
        var first = await Engine.PublishAsync(Channel, Persistent, Change("a", "1") with { IdempotencyKey = "p" });
        await PublishAsync(Persistent, "b");
        var second = await Engine.PublishAsync(Channel, Persistent, Change("a", "2") with { IdempotencyKey = "p" });
        var removal = await Engine.RemoveAsync(Channel, Persistent, new("a", IdempotencyKey: "r"));
        await PublishAsync(Persistent, "a", "3");
        var removedAgain = await Engine.RemoveAsync(Channel, Persistent, new("a", IdempotencyKey: "r"));
        var other = await Engine.PublishAsync(Other, Persistent, Change("a") with { IdempotencyKey = "p" });

        using (Assert.EnterMultipleScope())
        {
            Assert.That(second, Is.EqualTo(new MapResult(first.Position, MapOutcome.Repeated)));
            Assert.That(removedAgain, Is.EqualTo(new MapResult(removal.Position, MapOutcome.Repeated)));
            Assert.That(other.Outcome, Is.EqualTo(MapOutcome.Applied));
            Assert.That(await StreamAsync(Persistent), Is.EqualTo("1:a=1 2:b=v 3:-a 4:a=3"));
        }
    }

    [Test]
    public async Task A_change_that_was_not_applied_may_be_tried_again_with_its_idempotency_key()
    {
        var change = Change("a", "new") with { KeyMode = KeyMode.IfExists, IdempotencyKey = "p" };
        await PublishAsync(Persistent, "b");
        var refused = await Engine.PublishAsync(Channel, Persistent, change);
        await PublishAsync(Persistent, "a", "old");

        var tried = await Engine.PublishAsync(Channel, Persistent, change);

        Assert.That((refused.Outcome, tried.Outcome), Is.EqualTo((MapOutcome.KeyNotFound, MapOutcome.Applied)));
    }

    [Test]
    public async Task A_delta_comes_with_the_value_before_of_the_same_key()
    {
        await PublishDeltaAsync(Persistent, "a", "1");
        await PublishDeltaAsync(Persistent, "b", "2");
        await PublishDeltaAsync(Persistent, "a", "3");
        await PublishAsync(Persistent, "a", "4");
        await PublishDeltaAsync(Persistent, "a", "5");
        await RemoveAsync(Persistent, "a");
        await PublishDeltaAsync(Persistent, "a", "6");

        Assert.That((await Receiver.WaitForAsync(7)).Select(one => one.Previous), Is.EqualTo(new[] { "", "", "1", "", "4", "", "" }));
    }

    [Test]
    public async Task An_ephemeral_map_has_deltas_too()
    {
        await PublishDeltaAsync(Ephemeral, "a", "1");
        await PublishDeltaAsync(Ephemeral, "a", "2");

        var last = (await Receiver.WaitForAsync(2))[1];
        Assert.That((last.Previous, last.Data, last.Change!.Key), Is.EqualTo(("1", "2", "a")));
    }

    [Test]
    public async Task Subscribers_may_get_something_else_than_the_value()
    {
        await PublishDeltaAsync(Persistent, "a", "1");
        await Engine.PublishAsync(Channel, Persistent, Change("a", "12") with { StreamData = "+1".Utf8(), WantsDelta = true });
        await PublishDeltaAsync(Persistent, "a", "3");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await DeliveriesAsync(3), Is.EqualTo("1:a=1 2:a=+1 3:a=3"));
            Assert.That(await StreamAsync(Persistent), Is.EqualTo("1:a=1 2:a=+1 3:a=3"));
            Assert.That(Receiver.Deliveries.Select(one => one.Previous), Is.All.Empty, "subscribers do not have the value before");
            Assert.That(await StateAsync(Persistent), Is.EqualTo("a=3"));
        }
    }

    [Test]
    public async Task The_value_is_in_the_state_when_subscribers_get_something_else()
    {
        await Engine.PublishAsync(Channel, Persistent, Change("a", "12") with { StreamData = "+1".Utf8() });

        Assert.That((await StateAsync(Persistent), await StreamAsync(Persistent)), Is.EqualTo(("a=12", "1:a=+1")));
    }

    [Test]
    public async Task A_map_that_is_cleared_begins_a_new_epoch_and_its_subscribers_are_told()
    {
        var before = await PublishAsync(Persistent, "a");
        await Engine.PublishAsync(Channel, Persistent, Change("b") with { IdempotencyKey = "p", Version = 7 });
        await Receiver.WaitForAsync(2);

        await Engine.ClearAsync(Channel, Persistent);

        var cleared = await ReadAsync(Persistent);
        await Eventually.IsTrueAsync(() => Receiver.Interruptions.Length == 1);
        var after = await Engine.PublishAsync(Channel, Persistent, Change("b") with { IdempotencyKey = "p", Version = 1 });
        using (Assert.EnterMultipleScope())
        {
            Assert.That(cleared.Entries, Is.Empty);
            Assert.That((cleared.Top.Offset, cleared.Top.Epoch), Is.EqualTo((0UL, after.Position.Epoch)).And.Not.EqualTo((0UL, before.Position.Epoch)));
            Assert.That(Receiver.Interruptions, Is.EqualTo(new[] { (Channel, (StreamPosition?)cleared.Top) }));
            Assert.That(after, Is.EqualTo(new MapResult(cleared.Top with { Offset = 1 })));
            Assert.That(await StreamAsync(Persistent), Is.EqualTo("1:b=v"));
        }
    }

    [Test]
    public async Task Clearing_a_map_that_is_not_there_does_nothing()
    {
        await Engine.ClearAsync(Channel, Persistent);
        await PublishAsync(Persistent, "a");

        Assert.That(await DeliveriesAsync(1), Is.EqualTo("1:a=v"));
        Assert.That(Receiver.Interruptions, Is.Empty);
    }

    private protected async Task PublishDeltaAsync(MapOptions options, string key, string data) =>
        await Engine.PublishAsync(Channel, options, Change(key, data) with { WantsDelta = true });
}
