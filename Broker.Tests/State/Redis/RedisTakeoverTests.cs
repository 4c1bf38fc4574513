using System.Diagnostics;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.State;
using ClawEvents.Broker.State.Redis;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;
using StackExchange.Redis;

namespace ClawEvents.Broker.Tests.State.Redis;

/// <summary>A database that the old API has written, or still writes, by plain SET and SADD.</summary>
internal sealed class RedisTakeoverTests : IAsyncDisposable
{
    private const string Hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    private readonly RedisDatabase _database = RedisDatabase.Take();
    private readonly ManualTimeProvider _time = new();

    private IDatabase Keys => _database.Keys;

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Test]
    public async Task All_facts_of_an_existing_database_are_found()
    {
        await WriteAsync();

        await using var store = await _database.OpenStoreAsync(_time);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await AccessAsync(store, "agent.alice.private", "bob"), Is.EqualTo(ChannelAccess.Granted));
            Assert.That(await AccessAsync(store, "agent.alice.private", "carol"), Is.EqualTo(ChannelAccess.Locked));
            Assert.That(await AccessAsync(store, "app.shop.orders.new", "carol"), Is.EqualTo(ChannelAccess.Locked));
            Assert.That(await AccessAsync(store, "agent.alice.open", "carol"), Is.EqualTo(ChannelAccess.Open));
            Assert.That(await store.GetLockedTopicsAsync("alice"), Is.EqualTo(new[] { "", "a:b", "private" }));
            Assert.That(await store.GetLockedTopicsAsync("app:shop"), Is.EqualTo(new[] { "orders.new" }));
            Assert.That(await store.GetKeyHashAsync("bob"), Is.EqualTo(Hash));
            Assert.That(await store.GetKeyHashAsync("app:shop"), Is.EqualTo(Hash));
            Assert.That(await store.GetAppAsync("shop"), Is.EqualTo(new AppRecord("shop", "alice", 5)));
            Assert.That(await store.GetAppsAsync("alice"), Is.EqualTo(new[] { new AppRecord("shop", "alice", 5) }));
            Assert.That(await store.GetSignatureAsync("dave"), Is.EqualTo("claw-sig-1"));
            Assert.That(await store.GetSendersAsync(), Is.EqualTo(new[] { "alice", "bob" }));
            Assert.That((await store.CountMessagesAsync(1)).Total, Is.EqualTo(77));
            Assert.That(await NamesAsync(store), Is.EqualTo(new[] { "app.shop.orders.new", "agent.alice.news" }));
            Assert.That(
                await store.GetAdvertisementAsync(TestChannel.Named("agent.alice.news")),
                Is.EqualTo(new Advertisement(TestChannel.Named("agent.alice.news"), "News — of the day", """{"type":"object"}""", 10)));
        }
    }

    [Test]
    public async Task Changes_by_the_old_API_are_in_the_lists_a_minute_later()
    {
        await WriteAsync();
        await using var store = await _database.OpenStoreAsync(_time);
        await store.GetLockedTopicsAsync("alice");
        Assert.That(await NamesAsync(store), Has.Length.EqualTo(2));

        await Keys.StringSetAsync("locked:alice:later", "1");
        await Keys.KeyDeleteAsync("locked:alice:private");
        await Keys.StringSetAsync("advertise:alice:later", """{"channel":"agent.alice.later","description":null,"schema":null,"updatedAt":30}""");
        await Keys.StringSetAsync("advertise:alice:news", """{"channel":"agent.alice.news","description":"changed","schema":null,"updatedAt":40}""");
        await Keys.KeyDeleteAsync("advertise:app:shop:orders.new");
        _time.Advance(TimeSpan.FromSeconds(61));

        await AwaitAsync(async () => (await store.GetLockedTopicsAsync("alice")).SequenceEqual(["", "a:b", "later"]));
        await AwaitAsync(async () => (await NamesAsync(store)).SequenceEqual(["agent.alice.news", "agent.alice.later"]));
        Assert.That((await store.GetAdvertisementAsync(TestChannel.Named("agent.alice.news")))!.Description, Is.EqualTo("changed"));
    }

    [Test]
    public async Task Changes_by_the_old_API_take_effect_within_a_second()
    {
        await using var store = await _database.OpenStoreAsync(_time);
        var open = await AccessAsync(store, "agent.alice.private", "carol");
        await store.SetKeyHashAsync("bob", "aaaa");
        await store.GetKeyHashAsync("bob");

        await WriteAsync();
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.That(open, Is.EqualTo(ChannelAccess.Open));
        Assert.That(await AccessAsync(store, "agent.alice.private", "carol"), Is.EqualTo(ChannelAccess.Locked));
        Assert.That(await store.GetKeyHashAsync("bob"), Is.EqualTo(Hash));
    }

    [Test]
    public async Task Many_keys_are_all_found()
    {
        const int count = 3_000;
        await Task.WhenAll(Enumerable.Range(0, count).SelectMany(i => new Task[]
        {
            Keys.StringSetAsync($"locked:owner:{i}", "1"),
            Keys.StringSetAsync($"advertise:owner:{i}", $$"""{"channel":"agent.owner.{{i}}","description":null,"schema":null,"updatedAt":{{i}}}"""),
        }));

        await using var store = await _database.OpenStoreAsync(_time);

        await AwaitAsync(async () => (await NamesAsync(store)).Length == count && (await store.GetLockedTopicsAsync("owner")).Count == count);
    }

    [Test]
    public async Task A_malformed_advertisement_does_not_keep_others_from_the_list()
    {
        await WriteAsync();
        await Keys.StringSetAsync("advertise:alice:broken", "no JSON");
        await Keys.StringSetAsync("advertise:alice:others", """{"channel":"agent.bob.x","description":null,"schema":null,"updatedAt":1}""");
        await Keys.StringSetAsync("advertise:nobody", "{}");
        await Keys.StringSetAsync("locked:nobody", "1");
        await Keys.SetAddAsync("clawevents:locks:agent.alice", "never locked");
        await Keys.SortedSetAddAsync("clawevents:advertised", "no channel", 1);

        await using var store = await _database.OpenStoreAsync(_time);

        Assert.That(await NamesAsync(store), Is.EqualTo(new[] { "app.shop.orders.new", "agent.alice.news" }));
        Assert.That(await store.GetLockedTopicsAsync("alice"), Is.EqualTo(new[] { "", "a:b", "private" }));
        Assert.That(
            async () => await store.GetAdvertisementAsync(TestChannel.Named("agent.alice.broken")),
            Throws.InstanceOf<InvalidDataException>().With.Message.Contains("'advertise:alice:broken'"));
    }

    [Test]
    public async Task A_key_of_another_type_is_reported_and_not_overwritten()
    {
        await Keys.ListLeftPushAsync("perm:alice:private", "x");
        await Keys.StringSetAsync("apikey:bob", "no JSON");
        await Keys.StringSetAsync("clawevents:revoked:bob", "no number");
        await using var store = await _database.OpenStoreAsync(_time);

        Assert.That(async () => await store.GrantAsync(TestChannel.Named("agent.alice.private"), "bob"), Throws.InstanceOf<InvalidDataException>());
        Assert.That(async () => await store.GetRevokedUntilAsync("bob"), Throws.InstanceOf<InvalidDataException>().With.Message.Not.Contains("no number"));
        Assert.That(async () => await store.GetKeyHashAsync("bob"), Throws.InstanceOf<InvalidDataException>().With.Message.Not.Contains("no JSON"));
        Assert.That((await store.CheckHealthAsync()).IsOk, Is.True);
    }

    // As the API of claw.events does.
    private Task WriteAsync() => Task.WhenAll(
        Keys.StringSetAsync("locked:alice:private", "1"),
        Keys.StringSetAsync("locked:alice:", "1"),
        Keys.StringSetAsync("locked:alice:a:b", "1"),
        Keys.StringSetAsync("locked:app:shop:orders.new", "1"),
        Keys.SetAddAsync("perm:alice:private", "bob"),
        Keys.StringSetAsync("advertise:alice:news", """{"channel":"agent.alice.news","description":"News — of the day","schema":{"type":"object"},"updatedAt":10}"""),
        Keys.StringSetAsync("advertise:app:shop:orders.new", """{"channel":"app.shop.orders.new","description":null,"schema":null,"updatedAt":20}"""),
        Keys.StringSetAsync("apikey:bob", $$"""{"hashedKey":"{{Hash}}","createdAt":1}"""),
        Keys.StringSetAsync("app_key:shop", $$"""{"hashedKey":"{{Hash}}","createdAt":1}"""),
        Keys.StringSetAsync("app:shop", """{"name":"shop","createdAt":5,"owner":"alice"}"""),
        Keys.SetAddAsync("owner_apps:alice", "shop"),
        Keys.StringSetAsync("authsig:dave", "claw-sig-1", TimeSpan.FromMinutes(10)),
        Keys.SetAddAsync("stats:agents", ["bob", "alice"]),
        Keys.StringSetAsync("stats:total_messages", 77));

    private static ValueTask<ChannelAccess> AccessAsync(RedisStateStore store, string channel, string who) =>
        store.GetAccessAsync(TestChannel.Named(channel), Principal.Of(who));

    private static async Task<string[]> NamesAsync(RedisStateStore store) =>
        [.. (await store.FindAdvertisementsAsync(new AdvertisementQuery(0, int.MaxValue))).Items.Select(item => item.Channel.Value)];

    private static async Task AwaitAsync(Func<Task<bool>> condition)
    {
        var begun = Stopwatch.GetTimestamp();
        while (!await IsTrueAsync(condition))
        {
            Assert.That(Stopwatch.GetElapsedTime(begun), Is.LessThan(RunningBroker.Patience));
        }
    }

    // Lists are refused until all keys have been scanned.
    private static async Task<bool> IsTrueAsync(Func<Task<bool>> condition)
    {
        try
        {
            return await condition();
        }
        catch (StoreUnavailableException)
        {
            return false;
        }
    }
}
