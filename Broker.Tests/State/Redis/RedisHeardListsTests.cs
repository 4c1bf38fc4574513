using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Redis;
using ClawEvents.Broker.State;
using ClawEvents.Broker.State.Redis;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace ClawEvents.Broker.Tests.State.Redis;

/// <summary>Lists after changes of others that were heard, long before the next search through all keys.</summary>
internal sealed class RedisHeardListsTests : IAsyncDisposable
{
    private readonly RedisDatabase _database = RedisDatabase.Take();
    private readonly ManualChangeFeed _feed = new();
    private readonly ManualTimeProvider _time = new();
    private readonly ChannelName _news = TestChannel.Named("agent.alice.news");
    private RedisStateStore _store = null!;

    [SetUp]
    public async Task OpenStore()
    {
        _store = await _database.OpenStoreAsync(_time, _feed);
        Assert.That(await FindAsync(_store), Is.Empty);
    }

    [TearDown]
    public ValueTask CloseStore() => _store.DisposeAsync();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Test]
    public async Task An_advertisement_that_others_set_change_and_remove_is_in_the_next_list_and_search()
    {
        await WriteAsync("news", "first");
        var set = (await FindAsync(_store), await FindAsync(_store, "first"));
        await WriteAsync("news", "second");
        var changed = (await FindAsync(_store), await FindAsync(_store, "first"));
        await RemoveAsync("news");
        var removed = (await FindAsync(_store), await FindAsync(_store, "second"));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(set, Is.EqualTo(("first", "first")));
            Assert.That(changed, Is.EqualTo(("second", "")));
            Assert.That(removed, Is.EqualTo(("", "")));
        }
    }

    [Test]
    public async Task A_lock_that_others_set_and_remove_is_in_the_next_list()
    {
        await _database.Keys.StringSetAsync("locked:alice:news", "1");
        await _database.Keys.StringSetAsync("locked:app:shop:orders", "1");
        _feed.Raise("locked:alice:news");
        _feed.Raise("locked:app:shop:orders");
        var locked = string.Join(" ", [.. await _store.GetLockedTopicsAsync("alice"), .. await _store.GetLockedTopicsAsync("app:shop")]);
        await _database.Keys.KeyDeleteAsync("locked:alice:news");
        _feed.Raise("locked:alice:news");

        Assert.That((locked, (await _store.GetLockedTopicsAsync("alice")).Count), Is.EqualTo(("news orders", 0)));
    }

    [Test]
    public async Task Without_a_list_a_change_is_in_the_index_a_second_later_for_nodes_that_start_then()
    {
        await _database.Keys.StringSetAsync("locked:alice:news", "1");
        _feed.Raise("locked:alice:news");
        await WriteAsync("news", "text");

        _time.Advance(HeardChannels.Delay);

        await Eventually.IsTrueAsync(async () => await _database.Keys.SetContainsAsync("clawevents:locks:agent.alice", "news"));
        await Eventually.IsTrueAsync(async () => await _database.Keys.SortedSetScoreAsync("clawevents:advertised", _news.Value) is not null);
        await using var started = await _database.OpenStoreAsync(_time);
        Assert.That((await FindAsync(started), string.Join(" ", await started.GetLockedTopicsAsync("alice"))), Is.EqualTo(("text", "news")));
    }

    [Test]
    public async Task A_change_that_many_nodes_hear_changes_the_index_once()
    {
        await using var other = await _database.OpenStoreAsync(_time, _feed);
        await using var third = await _database.OpenStoreAsync(_time, _feed);
        await WriteAsync("news", "text");
        await FindAsync(_store);
        var version = await VersionAsync();

        Assert.That((await FindAsync(other), await FindAsync(third), await VersionAsync()), Is.EqualTo(("text", "text", version)));
    }

    [Test]
    public async Task A_change_of_the_brokers_own_is_not_indexed_again()
    {
        await _store.SetAdvertisementAsync(new(_news, "text", null, 1));
        var version = await VersionAsync();
        _feed.Raise("advertise:alice:news");

        Assert.That((await FindAsync(_store), await VersionAsync()), Is.EqualTo(("text", version)));
    }

    [Test]
    public async Task A_node_that_hears_nothing_lists_what_another_has_heard()
    {
        await using var deaf = await _database.OpenStoreAsync(_time);
        await WriteAsync("news", "first");
        await FindAsync(_store);
        var set = await FindAsync(deaf);
        await WriteAsync("news", "second");
        await FindAsync(_store);

        Assert.That((set, await FindAsync(deaf)), Is.EqualTo(("first", "second")));
    }

    [Test]
    public async Task Ten_thousand_changes_at_once_are_all_in_the_next_list()
    {
        const int count = 10_000;
        await Task.WhenAll(Enumerable.Range(0, count).Select(i => WriteAsync($"n{i}", "text")));

        var all = await _store.FindAdvertisementsAsync(new AdvertisementQuery(0, 1));

        Assert.That(all.Total, Is.EqualTo(count));
    }

    [Test]
    public async Task A_key_of_another_type_or_without_JSON_keeps_no_other_from_the_lists()
    {
        await _database.Keys.ListLeftPushAsync("advertise:alice:list", "x");
        await _database.Keys.StringSetAsync("clawevents:locks:agent.bob", "x");
        await _database.Keys.StringSetAsync("advertise:alice:broken", "no JSON");
        await _database.Keys.StringSetAsync("locked:bob:x", "1");
        await _database.Keys.StringSetAsync("locked:alice:news", "1");
        foreach (var key in new[] { "advertise:alice:list", "advertise:alice:broken", "locked:bob:x", "locked:alice:news" })
        {
            _feed.Raise(key);
        }

        await WriteAsync("news", "text");
        var broken = await FindAsync(_store);
        await WriteAsync("broken", "mended");

        Assert.That((broken, await FindAsync(_store), string.Join(" ", await _store.GetLockedTopicsAsync("alice"))), Is.EqualTo(("text", "mended text", "news")));
    }

    [Test]
    public async Task In_Redis_Cluster_changes_are_listed_when_heard_and_by_the_search_through_all_keys()
    {
        await using var place = new RedisPlace(RedisLayout.Cluster);
        await using var node = place.StartNode();
        await Eventually.IsTrueAsync(() => node.Feed.Continuity != 0);
        using var others = await ConnectionMultiplexer.ConnectAsync($"{place.Addresses[0].Endpoint.Host}:{place.Addresses[0].Endpoint.Port}");
        await others.GetDatabase().StringSetAsync("{clawevents}:advertise:alice:before", Text("before", "scanned"));
        await others.GetDatabase().StringSetAsync("{clawevents}:locked:alice:before", "1");
        await using var store = new RedisStateStore(
            await RedisConnection.OpenAsync(place.Addresses[0], keyPrefix: RedisKeys.PrefixOf(place.Addresses[0])), node.Feed, _time, NullLogger<RedisStateStore>.Instance);
        var before = (await FindAsync(store), string.Join(" ", await store.GetLockedTopicsAsync("alice")));

        await others.GetDatabase().StringSetAsync("{clawevents}:advertise:alice:news", Text("news", "heard"));
        await others.GetDatabase().StringSetAsync("{clawevents}:locked:alice:news", "1");

        Assert.That(before, Is.EqualTo(("scanned", "before")));
        await Eventually.IsTrueAsync(async () => await FindAsync(store) == "heard scanned" && (await store.GetLockedTopicsAsync("alice")).Count == 2);
    }

    private static string Text(string topic, string description) =>
        $$"""{"channel":"agent.alice.{{topic}}","description":"{{description}}","schema":null,"updatedAt":1}""";

    // Like the old API, or an operator.
    private async Task WriteAsync(string topic, string description)
    {
        await _database.Keys.StringSetAsync($"advertise:alice:{topic}", Text(topic, description));
        _feed.Raise($"advertise:alice:{topic}");
    }

    private async Task RemoveAsync(string topic)
    {
        await _database.Keys.KeyDeleteAsync($"advertise:alice:{topic}");
        _feed.Raise($"advertise:alice:{topic}");
    }

    private async Task<long> VersionAsync() => (long)await _database.Keys.StringGetAsync("clawevents:advertised:version");

    private static async Task<string> FindAsync(RedisStateStore store, string? text = null)
    {
        var page = await store.FindAdvertisementsAsync(new AdvertisementQuery(0, 100) { Text = text });
        return string.Join(" ", page.Items.Select(item => item.Description).Order(StringComparer.Ordinal));
    }
}
