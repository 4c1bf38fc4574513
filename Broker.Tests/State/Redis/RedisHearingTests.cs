using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Redis;
using ClawEvents.Broker.State;
using ClawEvents.Broker.State.Redis;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.State.Redis;

/// <summary>Values that a store in Redis caches, and when it reads them again.</summary>
internal sealed class RedisHearingTests : IAsyncDisposable
{
    private readonly RedisDatabase _database = RedisDatabase.Take();
    private readonly ManualChangeFeed _feed = new();
    private readonly ChannelName _channel = TestChannel.Named("agent.owner.topic");
    private readonly Principal _bob = Principal.Of("bob");
    private RedisStateStore _store = null!;

    [SetUp]
    public async Task OpenStore() => _store = await _database.OpenStoreAsync(feed: _feed);

    [TearDown]
    public ValueTask CloseStore() => _store.DisposeAsync();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Test]
    public async Task While_nothing_changes_Redis_is_asked_once()
    {
        await AskAllAsync();
        await ChangeAllAsync();

        Assert.That(await AskAllAsync(), Is.EqualTo("Open, , , "), "no change was reported");
    }

    [TestCase(0)]
    [TestCase(2)]
    public async Task After_changes_could_have_been_missed_everything_is_read_again(int continuity)
    {
        await AskAllAsync();
        await ChangeAllAsync();

        _feed.Continuity = continuity;

        Assert.That(await AskAllAsync(), Is.EqualTo("Locked, text, aaaa, bbbb"));
    }

    [Test]
    public async Task While_changes_could_be_missed_nothing_is_cached()
    {
        _feed.Continuity = 0;
        await AskAllAsync();
        await ChangeAllAsync();

        Assert.That(await AskAllAsync(), Is.EqualTo("Locked, text, aaaa, bbbb"));
    }

    [Test]
    public async Task Each_change_that_is_heard_is_read_again_and_nothing_else()
    {
        await AskAllAsync();
        await ChangeAllAsync();

        var answers = new List<string>();
        foreach (var key in new[] { "locked:owner:other", "locked:owner:topic", "advertise:owner:topic", "apikey:bob", "app_key:bob" })
        {
            _feed.Raise(key);
            answers.Add(await AskAllAsync());
        }

        Assert.That(answers, Is.EqualTo(new[] { "Open, , , ", "Locked, , , ", "Locked, text, , ", "Locked, text, aaaa, ", "Locked, text, aaaa, bbbb" }));
    }

    [Test]
    public async Task A_changed_set_of_grants_is_read_again_for_every_principal()
    {
        var (other, carol) = (TestChannel.Named("agent.owner.other"), Principal.Of("carol"));
        await _store.LockAsync(_channel);
        await _store.LockAsync(other);
        foreach (var who in new[] { _bob, carol })
        {
            await _store.GetAccessAsync(_channel, who);
            await _store.GetAccessAsync(other, who);
        }

        await _database.Keys.SetAddAsync("perm:owner:topic", ["bob", "carol"]);
        await _database.Keys.SetAddAsync("perm:owner:other", ["bob", "carol"]);
        _feed.Raise("perm:owner:topic");

        Assert.That(
            (await _store.GetAccessAsync(_channel, _bob), await _store.GetAccessAsync(_channel, carol), await _store.GetAccessAsync(other, _bob)),
            Is.EqualTo((ChannelAccess.Granted, ChannelAccess.Granted, ChannelAccess.Locked)));
    }

    [Test]
    public async Task A_list_is_read_again_after_advertisements_have_changed()
    {
        await using var there = await _database.OpenStoreAsync();
        var before = await CountListedAsync();
        await there.SetAdvertisementAsync(new(_channel, "text", null, 1));
        var unheard = await CountListedAsync();
        _feed.Raise("clawevents:advertised:version");
        var heard = await CountListedAsync();
        await there.RemoveAdvertisementAsync(_channel);
        _feed.Continuity = 0;

        Assert.That((before, unheard, heard, await CountListedAsync()), Is.EqualTo((0, 0, 1, 0)));
    }

    [Test]
    public async Task A_change_is_reported_after_the_cached_value_is_forgotten()
    {
        await _database.Keys.StringSetAsync("apikey:bob", """{"hashedKey":"aaaa","createdAt":1}""");
        await AskAllAsync();
        await _database.Keys.KeyDeleteAsync("apikey:bob");
        await _database.Keys.StringSetAsync("locked:owner:topic", "1");
        var heard = new List<HeardChange>();
        var answers = new List<string>();
        _store.Heard += change =>
        {
            heard.Add(change);
            answers.Add(AskAllAsync().GetAwaiter().GetResult());
        };

        _feed.Raise("apikey:bob");
        _feed.Raise("locked:owner:topic");
        _feed.Raise("locked:owner");
        _feed.Raise("something else");

        Assert.That(heard, Is.EqualTo(new HeardChange[] { new(HeardKind.Tokens, Principal: "bob"), new(HeardKind.Lock, _channel) }));
        Assert.That(answers, Is.EqualTo(new[] { "Open, , , ", "Locked, , , " }));
    }

    [Test]
    public async Task After_a_failover_no_answer_of_the_old_primary_is_used()
    {
        await using var old = await RunningRedis.StartAsync();
        await using var next = await RunningRedis.StartAsync();
        await using var name = new RunningForwarder(old.Port);
        Assert.That(RedisAddress.TryParse($"redis://127.0.0.1:{name.Port}", out var address), Is.True);
        await using var store = new RedisStateStore(
            await RedisConnection.OpenAsync(address!, keyPrefix: RedisKeys.PrefixOf(address!)), _feed, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger<RedisStateStore>.Instance);
        await store.GetAccessAsync(_channel, _bob);
        using var operators = await old.ConnectAsync();
        using var onNext = await next.ConnectAsync();
        await onNext.GetDatabase().StringSetAsync("locked:owner:topic", "1");

        await operators.GetDatabase().ExecuteAsync("REPLICAOF", "127.0.0.1", next.Port);
        name.LeadTo(next.Port);
        var before = await store.GetAccessAsync(_channel, _bob);
        await Eventually.IsTrueAsync(() => IsTakenAsync(store));

        Assert.That(before, Is.EqualTo(ChannelAccess.Open));
        Assert.That(await store.GetAccessAsync(_channel, _bob), Is.EqualTo(ChannelAccess.Locked));
    }

    private static async Task<bool> IsTakenAsync(RedisStateStore store)
    {
        try
        {
            await store.SetKeyHashAsync("somebody", "aaaa");
            return true;
        }
        catch (StoreUnavailableException)
        {
            return false;
        }
    }

    // Like the old API, or an operator: without the store's knowledge.
    private Task<bool[]> ChangeAllAsync() => Task.WhenAll(
        _database.Keys.StringSetAsync("locked:owner:topic", "1"),
        _database.Keys.StringSetAsync("advertise:owner:topic", """{"channel":"agent.owner.topic","description":"text","schema":null,"updatedAt":1}"""),
        _database.Keys.StringSetAsync("apikey:bob", """{"hashedKey":"aaaa","createdAt":1}"""),
        _database.Keys.StringSetAsync("app_key:bob", """{"hashedKey":"bbbb","createdAt":1}"""));

    private async Task<string> AskAllAsync() => string.Join(
        ", ",
        await _store.GetAccessAsync(_channel, _bob),
        (await _store.GetAdvertisementAsync(_channel))?.Description,
        await _store.GetKeyHashAsync("bob"),
        await _store.GetKeyHashAsync("app:bob"));

    private async Task<int> CountListedAsync() => (await _store.FindAdvertisementsAsync(new AdvertisementQuery(0, 100))).Total;
}
