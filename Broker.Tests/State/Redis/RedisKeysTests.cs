using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Redis;
using ClawEvents.Broker.State;
using ClawEvents.Broker.State.Redis;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.State.Redis;

/// <summary>Keys and values are exactly those of claw.events, and no name reaches another one's keys.</summary>
internal sealed class RedisKeysTests : IAsyncDisposable
{
    private readonly RedisDatabase _database = RedisDatabase.Take();
    private readonly ManualTimeProvider _time = new();
    private RedisStateStore _store = null!;

    [SetUp]
    public async Task OpenStore() => _store = await _database.OpenStoreAsync(_time);

    [TearDown]
    public ValueTask CloseStore() => _store.DisposeAsync();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Test]
    public async Task Locks_grants_and_advertisements_are_written_as_the_old_API_writes_them()
    {
        await _store.LockAsync(TestChannel.Named("agent.alice.a.b"));
        await _store.LockAsync(TestChannel.Named("app.shop.orders"));
        await _store.GrantAsync(TestChannel.Named("agent.alice.a.b"), "bob");
        await _store.GrantAsync(TestChannel.Named("app.shop.orders"), "app:stock");
        await _store.SetAdvertisementAsync(new(TestChannel.Named("agent.alice.a.b"), "Цена — \"x\"", """{"type":"object"}""", 12));
        await _store.SetAdvertisementAsync(new(TestChannel.Named("app.shop.orders"), null, null, 13));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await StringAsync("locked:alice:a.b"), Is.EqualTo("1"));
            Assert.That(await StringAsync("locked:app:shop:orders"), Is.EqualTo("1"));
            Assert.That(await SetAsync("perm:alice:a.b"), Is.EqualTo(new[] { "bob" }));
            Assert.That(await SetAsync("perm:app:shop:orders"), Is.EqualTo(new[] { "app:stock" }));
            Assert.That(
                await StringAsync("advertise:alice:a.b"),
                Is.EqualTo("""{"channel":"agent.alice.a.b","description":"Цена — \"x\"","schema":{"type":"object"},"updatedAt":12}"""));
            Assert.That(
                await StringAsync("advertise:app:shop:orders"),
                Is.EqualTo("""{"channel":"app.shop.orders","description":null,"schema":null,"updatedAt":13}"""));
            Assert.That(await LivesAsync("locked:alice:a.b", "perm:alice:a.b", "advertise:alice:a.b"), Is.All.Null);
        }
    }

    [Test]
    public async Task Keys_and_apps_are_written_as_the_old_API_writes_them()
    {
        var now = ManualTimeProvider.Start.ToUnixTimeMilliseconds();
        await _store.SetKeyHashAsync("alice", "aaaa");
        await _store.TryCreateAppAsync(new AppRecord("shop", "alice", 5), "bbbb");
        var created = await StringAsync("app_key:shop");
        await _store.TrySetAppKeyAsync("shop", "alice", "cccc");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await StringAsync("apikey:alice"), Is.EqualTo($$"""{"hashedKey":"aaaa","createdAt":{{now}}}"""));
            Assert.That(await StringAsync("app:shop"), Is.EqualTo("""{"name":"shop","createdAt":5,"owner":"alice"}"""));
            Assert.That(created, Is.EqualTo("""{"hashedKey":"bbbb","createdAt":5}"""));
            Assert.That(await StringAsync("app_key:shop"), Is.EqualTo($$"""{"hashedKey":"cccc","createdAt":{{now}}}"""));
            Assert.That(await SetAsync("owner_apps:alice"), Is.EqualTo(new[] { "shop" }));
            Assert.That(await LivesAsync("apikey:alice", "app_key:shop", "app:shop", "owner_apps:alice"), Is.All.Null);
        }
    }

    [Test]
    public async Task Signatures_rate_windows_and_statistics_are_written_as_the_old_API_does()
    {
        await _store.KeepSignatureAsync("alice", "claw-sig-1");
        await _store.CountPublishAsync("app:shop");
        await _store.AddActivityAsync(new ActivityReport(3, 29_000_000, ["alice", "app:shop"]));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await StringAsync("authsig:alice"), Is.EqualTo("claw-sig-1"));
            Assert.That((await LivesAsync("authsig:alice"))[0], Is.InRange(TimeSpan.FromSeconds(500), TimeSpan.FromSeconds(600)));
            Assert.That((await LivesAsync("stats:messages_per_min:29000000"))[0], Is.InRange(TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(120)));
            Assert.That(await StringAsync("stats:messages_per_min:29000000"), Is.EqualTo("3"));
            Assert.That(await StringAsync("stats:total_messages"), Is.EqualTo("3"));
            Assert.That(await SetAsync("stats:agents"), Is.EqualTo(new[] { "alice", "app:shop" }));
            Assert.That(await LivesAsync("stats:total_messages", "stats:agents"), Is.All.Null);
        }
    }

    [Test]
    public async Task Removed_facts_leave_no_key_of_the_old_API()
    {
        var channel = TestChannel.Named("agent.alice.x");
        await _store.LockAsync(channel);
        await _store.GrantAsync(channel, "bob");
        await _store.SetAdvertisementAsync(new(channel, null, null, 1));
        await _store.SetKeyHashAsync("alice", "aaaa");
        await _store.TryCreateAppAsync(new AppRecord("shop", "alice", 5), "bbbb");
        await _store.KeepSignatureAsync("alice", "claw-sig-1");

        await _store.UnlockAsync(channel);
        await _store.RevokeGrantAsync(channel, "bob");
        await _store.RemoveAdvertisementAsync(channel);
        await _store.RevokeTokensAsync("alice", 0);
        await _store.TryDeleteAppAsync("shop", "alice");
        await _store.TryTakeSignatureAsync("alice", "claw-sig-1");

        Assert.That(await _database.ListAsync(), Is.All.StartsWith("clawevents:"));
    }

    [Test]
    public async Task All_other_keys_carry_the_brokers_own_prefix()
    {
        await _store.GetLockedTopicsAsync("alice");
        await _store.LockAsync(TestChannel.Named("agent.alice.x"));
        await _store.SetAdvertisementAsync(new(TestChannel.Named("agent.alice.x"), null, null, 1));

        Assert.That(await _database.ListAsync(), Is.EqualTo(new[]
        {
            "advertise:alice:x", "clawevents:advertised", "clawevents:advertised:sha1", "clawevents:advertised:version", "clawevents:locks:agent.alice", "clawevents:scanned", "locked:alice:x",
        }));
    }

    [TestCase("*")]
    [TestCase("?????")]
    [TestCase("[a-z]lice")]
    [TestCase("alice:x")]
    [TestCase("alice\n")]
    [TestCase("alice\0")]
    [TestCase("app:")]
    [TestCase("")]
    public async Task A_hostile_name_is_not_confused_with_another(string name)
    {
        await _store.LockAsync(TestChannel.Named("agent.alice.x"));
        await _store.SetKeyHashAsync("alice", "aaaa");
        await _store.KeepSignatureAsync("alice", "claw-sig-1");
        await _store.TryCreateAppAsync(new AppRecord("alice", "alice", 1), "bbbb");
        await _store.SetAdvertisementAsync(new(TestChannel.Named("agent.alice.x"), null, null, 1));

        await _store.SetKeyHashAsync(name, "cccc");
        await _store.RevokeTokensAsync(name, 0);
        await _store.GrantAsync(TestChannel.Named("agent.alice.x"), name);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(await _store.GetKeyHashAsync("alice"), Is.EqualTo("aaaa"));
            Assert.That(await _store.GetKeyHashAsync("app:alice"), Is.EqualTo("bbbb"));
            Assert.That(await _store.GetSignatureAsync(name), Is.Null);
            Assert.That(await _store.TryTakeSignatureAsync(name, "claw-sig-1"), Is.False);
            Assert.That(await _store.GetLockedTopicsAsync(name), Is.Empty);
            Assert.That(await _store.GetAppAsync(name), Is.Null);
            Assert.That(await _store.GetAppsAsync(name), Is.Empty);
            Assert.That(await _store.TryDeleteAppAsync("alice", name), Is.False);
            Assert.That((await _store.FindAdvertisementsAsync(new(0, 10) { OwnerKey = name })).Items, Is.Empty);
            Assert.That(await AccessAsync("agent.alice.x", "bob"), Is.EqualTo(ChannelAccess.Locked));
            Assert.That(await AccessAsync("agent.alice.x", name), Is.EqualTo(ChannelAccess.Granted));
        }
    }

    [TestCase("agent.app.shop:x", "app.shop.x")]
    [TestCase("agent.a:b.c", "agent.a.b:c")]
    [TestCase("agent.app:shop.x", "app.shop.x")]
    [TestCase("app.a:b.c", "app.a.b:c")]
    [TestCase("agent.*.x", "agent.alice.x")]
    [TestCase("agent.alice.[x]", "agent.alice.x")]
    [TestCase("agent.alice.?", "agent.alice.x")]
    public async Task Channels_that_look_alike_in_a_key_share_no_key(string one, string other)
    {
        await _store.LockAsync(TestChannel.Named(one));
        await _store.SetAdvertisementAsync(new(TestChannel.Named(one), null, null, 1));
        var afterOne = (await AccessAsync(one), await AccessAsync(other));
        await _store.LockAsync(TestChannel.Named(other));
        await _store.UnlockAsync(TestChannel.Named(one));
        await _store.GrantAsync(TestChannel.Named(one), "bob");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(afterOne, Is.EqualTo((ChannelAccess.Locked, ChannelAccess.Open)));
            Assert.That((await AccessAsync(one), await AccessAsync(other)), Is.EqualTo((ChannelAccess.Open, ChannelAccess.Locked)));
            Assert.That(await _store.GetAdvertisementAsync(TestChannel.Named(other)), Is.Null);
            Assert.That(await _store.GetLockedTopicsAsync(TestChannel.Named(other).OwnerKey), Is.EqualTo(new[] { TestChannel.Named(other).Topic.ToString() }));
        }
    }

    [TestCase("agent.alice.x", "locked:alice:x")]
    [TestCase("agent.alice.", "locked:alice:")]
    [TestCase("agent.alice.a:b.c", "locked:alice:a:b.c")]
    [TestCase("app.shop.x", "locked:app:shop:x")]
    [TestCase("agent.app.x", "locked:app:x")]
    public void A_key_of_the_old_API_is_read_back_as_its_channel(string name, string key)
    {
        var isChannel = RedisKeys.TryReadChannel(key, RedisKeys.LockPrefix, out var channel);

        Assert.That(isChannel, Is.True);
        Assert.That(channel!.Value, Is.EqualTo(name));
        Assert.That((string)RedisKeys.Lock(channel)!, Is.EqualTo(key));
    }

    [TestCase("locked:")]
    [TestCase("locked:alice")]
    [TestCase("locked::x")]
    [TestCase("locked:a.b:x")]
    [TestCase("locked:app::x")]
    [TestCase("locked:app:shop:agent")]
    [TestCase("advertise:alice:x")]
    [TestCase("locked:алиса:x")]
    public void A_key_without_a_lockable_channel_is_rejected(string key) =>
        Assert.That(RedisKeys.TryReadChannel(key, RedisKeys.LockPrefix, out _), Is.False);

    [TestCase("locked:alice:x", HeardKind.Lock, "agent.alice.x")]
    [TestCase("perm:app:shop:x.y", HeardKind.Grants, "app.shop.x.y")]
    [TestCase("advertise:alice:", HeardKind.Advertisement, "agent.alice.")]
    [TestCase("clawevents:locked:agent.a:b.c", HeardKind.Lock, "agent.a:b.c")]
    [TestCase("clawevents:perm:agent.app.shop:x", HeardKind.Grants, "agent.app.shop:x")]
    [TestCase("clawevents:advertise:app.a:b.c", HeardKind.Advertisement, "app.a:b.c")]
    public void A_changed_key_is_read_as_its_channel(string key, HeardKind kind, string channel)
    {
        var isRead = RedisKeys.TryReadChange(key, out var change);

        Assert.That(isRead, Is.True);
        Assert.That((change.Kind, change.Channel!.Value, change.Principal), Is.EqualTo((kind, channel, "")));
    }

    [TestCase("apikey:alice", "alice")]
    [TestCase("app_key:shop", "app:shop")]
    [TestCase("app_key:a:b", "app:a:b")]
    public void A_changed_key_is_read_as_its_principal(string key, string principal)
    {
        var isRead = RedisKeys.TryReadChange(key, out var change);

        Assert.That(isRead, Is.True);
        Assert.That(change, Is.EqualTo(new HeardChange(HeardKind.Tokens, Principal: principal)));
        Assert.That((string)RedisKeys.KeyHash(principal)!, Is.EqualTo(key));
    }

    [TestCase("apikey:")]
    [TestCase("apikey:app:shop")]
    [TestCase("clawevents:locked:agent.alice.x")]
    [TestCase("clawevents:locked:public.x")]
    [TestCase("clawevents:locked:")]
    [TestCase("clawevents:advertised")]
    [TestCase("clawevents:advertised:sha1")]
    [TestCase("stats:agents2")]
    [TestCase("locked:alice")]
    [TestCase("app:shop")]
    [TestCase("")]
    public void A_changed_key_that_is_never_read_is_ignored(string key) => Assert.That(RedisKeys.TryReadChange(key, out _), Is.False);

    [TestCase("redis://127.0.0.1", "")]
    [TestCase("redis+cluster://127.0.0.1", "{clawevents}:")]
    public void Prefixes_of_tracked_keys_do_not_overlap(string url, string prefix)
    {
        Assert.That(RedisAddress.TryParse(url, out var address), Is.True);

        var prefixes = RedisKeys.TrackedPrefixes(address!);

        Assert.That(prefixes, Has.Count.EqualTo(12));
        Assert.That(prefixes, Is.All.StartsWith(prefix));
        Assert.That(prefixes.SelectMany(_ => prefixes, (one, other) => (one, other)).Where(pair => pair.one != pair.other && pair.one.StartsWith(pair.other, StringComparison.Ordinal)), Is.Empty);
    }

    private ValueTask<ChannelAccess> AccessAsync(string channel, string who = "bob") => _store.GetAccessAsync(TestChannel.Named(channel), Principal.Of(who));

    private async Task<string?> StringAsync(string key) => await _database.Keys.StringGetAsync(key);

    private async Task<string[]> SetAsync(string key) =>
        [.. (await _database.Keys.SetMembersAsync(key)).Select(member => (string)member!).Order(StringComparer.Ordinal)];

    private Task<TimeSpan?[]> LivesAsync(params string[] keys) => Task.WhenAll(keys.Select(key => _database.Keys.KeyTimeToLiveAsync(key)));
}
