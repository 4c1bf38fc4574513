using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.State;
using ClawEvents.Broker.State.Redis;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.State.Redis;

/// <summary>Two nodes on one Redis: each sees the other's changes, and of two competing changes one succeeds.</summary>
internal sealed class RedisNodesTests : IAsyncDisposable
{
    private readonly RedisDatabase _database = RedisDatabase.Take();
    private readonly ManualTimeProvider _time = new();
    private readonly ChannelName _channel = TestChannel.Named("agent.owner.topic");
    private readonly Principal _bob = Principal.Of("bob");
    private readonly RunningNode _hereNode;
    private readonly RunningNode _thereNode;
    private RedisStateStore _here = null!;
    private RedisStateStore _there = null!;

    public RedisNodesTests() => (_hereNode, _thereNode) = (new(_database.Address), new(_database.Address));

    [SetUp]
    public async Task OpenStores()
    {
        _here = await _database.OpenStoreAsync(_time, _hereNode.Feed);
        _there = await _database.OpenStoreAsync(_time, _thereNode.Feed);
        await Eventually.IsTrueAsync(() => _hereNode.Feed.Continuity != 0 && _thereNode.Feed.Continuity != 0);
    }

    [TearDown]
    public async Task CloseStores()
    {
        await _here.DisposeAsync();
        await _there.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _hereNode.DisposeAsync();
        await _thereNode.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Test]
    public async Task A_lock_and_a_grant_reach_the_other_node()
    {
        var before = await _there.GetAccessAsync(_channel, _bob);
        await _here.LockAsync(_channel);
        await AwaitAccessThereAsync(ChannelAccess.Locked);
        await _here.GrantAsync(_channel, "bob");
        await AwaitAccessThereAsync(ChannelAccess.Granted);
        await _here.RevokeGrantAsync(_channel, "bob");
        await AwaitAccessThereAsync(ChannelAccess.Locked);

        Assert.That(before, Is.EqualTo(ChannelAccess.Open));
        Assert.That(await _there.GetLockedTopicsAsync("owner"), Is.EqualTo(new[] { "topic" }));
    }

    [Test]
    public async Task A_node_sees_its_own_changes_immediately()
    {
        for (var i = 0; i < 20; i++)
        {
            await _here.LockAsync(_channel);
            var locked = await _here.GetAccessAsync(_channel, _bob);
            await _here.GrantAsync(_channel, "bob");
            var granted = await _here.GetAccessAsync(_channel, _bob);
            await _here.RevokeGrantAsync(_channel, "bob");
            var revoked = await _here.GetAccessAsync(_channel, _bob);
            await _here.UnlockAsync(_channel);

            Assert.That((locked, granted, revoked), Is.EqualTo((ChannelAccess.Locked, ChannelAccess.Granted, ChannelAccess.Locked)));
            Assert.That(await _here.GetAccessAsync(_channel, _bob), Is.EqualTo(ChannelAccess.Open));
        }
    }

    [Test]
    public async Task Reads_during_a_change_do_not_cache_the_old_answer()
    {
        using var stop = new CancellationTokenSource();
        var asking = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                await _here.GetAccessAsync(_channel, _bob);

                // An answer from memory would otherwise keep the thread for ever.
                await Task.Yield();
            }
        })).ToArray();

        for (var i = 0; i < 300; i++)
        {
            await _here.LockAsync(_channel);
            var locked = await _here.GetAccessAsync(_channel, _bob);
            await _here.UnlockAsync(_channel);
            var open = await _here.GetAccessAsync(_channel, _bob);

            Assert.That((locked, open), Is.EqualTo((ChannelAccess.Locked, ChannelAccess.Open)));
        }

        await stop.CancelAsync();
        await Task.WhenAll(asking);
    }

    [Test]
    public async Task A_revoked_key_stops_working_on_the_other_node()
    {
        await _here.SetKeyHashAsync("bob", "aaaa");
        var live = await _there.GetKeyHashAsync("bob");
        await _here.RevokeTokensAsync("bob", 0);

        Assert.That(live, Is.EqualTo("aaaa"));
        await Eventually.IsTrueAsync(async () => await _there.GetKeyHashAsync("bob") is null);
    }

    [Test]
    public async Task A_rate_window_is_shared_by_all_nodes()
    {
        // Longer than the test, so that it cannot end during it.
        await _database.Keys.StringSetAsync("ratelimit:bob", 0, TimeSpan.FromHours(1));
        var counts = new List<int>();
        for (var i = 0; i < 4; i++)
        {
            counts.Add((await _here.CountPublishAsync("bob")).Count);
            counts.Add((await _there.CountPublishAsync("bob")).Count);
        }

        Assert.That(counts, Is.EqualTo(Enumerable.Range(1, 8)));
    }

    [Test]
    public async Task A_rate_window_ends_even_when_somebody_left_a_key_without_an_expiry()
    {
        await _database.Keys.StringSetAsync("ratelimit:bob", 99);

        await _here.CountPublishAsync("bob");

        Assert.That(await _database.Keys.KeyTimeToLiveAsync("ratelimit:bob"), Is.LessThanOrEqualTo(TimeSpan.FromSeconds(1)).And.Not.Null);
    }

    [Test]
    public async Task Of_two_nodes_that_create_one_app_one_succeeds()
    {
        for (var i = 0; i < 20; i++)
        {
            var name = $"shop{i}";
            var made = await Task.WhenAll(
                Task.Run(async () => await _here.TryCreateAppAsync(new AppRecord(name, "alice", 1), "aaaa")),
                Task.Run(async () => await _there.TryCreateAppAsync(new AppRecord(name, "bob", 2), "bbbb")));

            Assert.That(made.Count(isMade => isMade), Is.EqualTo(1));
            Assert.That((await _there.GetAppAsync(name))!.Owner, Is.EqualTo(made[0] ? "alice" : "bob"));
            Assert.That(await _there.GetKeyHashAsync($"app:{name}"), Is.EqualTo(made[0] ? "aaaa" : "bbbb"));
        }

        var apps = (await _here.GetAppsAsync("alice")).Count + (await _here.GetAppsAsync("bob")).Count;
        Assert.That(apps, Is.EqualTo(20));
    }

    [Test]
    public async Task Of_two_nodes_that_consume_one_signature_one_succeeds()
    {
        for (var i = 0; i < 20; i++)
        {
            await _here.KeepSignatureAsync("alice", $"claw-sig-{i}");
            var taken = await Task.WhenAll(
                Task.Run(async () => await _here.TryTakeSignatureAsync("alice", $"claw-sig-{i}")),
                Task.Run(async () => await _there.TryTakeSignatureAsync("alice", $"claw-sig-{i}")));

            Assert.That(taken.Count(isTaken => isTaken), Is.EqualTo(1));
        }
    }

    [Test]
    public async Task Advertisements_of_one_node_enter_and_leave_the_list_of_the_other()
    {
        var advertisement = new Advertisement(_channel, "text", """{"type":"object"}""", 1);
        var other = new Advertisement(TestChannel.Named("agent.owner.other"), null, null, 2);
        Assert.That(await FindThereAsync(), Is.Empty);

        await _here.SetAdvertisementAsync(advertisement);
        await _here.SetAdvertisementAsync(other);
        await Eventually.IsTrueAsync(async () => (await FindThereAsync()).SequenceEqual([other, advertisement]));
        await _here.RemoveAdvertisementAsync(_channel);
        await _here.SetAdvertisementAsync(other with { Description = "now with text" });

        await Eventually.IsTrueAsync(async () => (await FindThereAsync()).SequenceEqual([other with { Description = "now with text" }]));
        await Eventually.IsTrueAsync(async () => await _there.GetAdvertisementAsync(_channel) is null);
    }

    [Test]
    public async Task An_emptied_database_empties_the_lists()
    {
        await _here.SetAdvertisementAsync(new Advertisement(_channel, "text", null, 1));
        await Eventually.IsTrueAsync(async () => (await FindThereAsync()).Count == 1);

        await _database.Keys.ExecuteAsync("FLUSHDB");

        await Eventually.IsTrueAsync(async () => (await FindThereAsync()).Count == 0);
    }

    [Test]
    public async Task Two_nodes_see_their_own_changes_immediately_and_each_others_soon()
    {
        var seed = Random.Shared.Next();
        await TestContext.Out.WriteLineAsync($"seed {seed}");
        var channels = Enumerable.Range(0, 4).Select(i => TestChannel.Named($"agent.owner.t{i}")).ToArray();
        using var stop = new CancellationTokenSource();
        var asking = new[] { _here, _there }.Select(store => Task.Run(() => KeepAskingAsync(store, channels, stop.Token))).ToArray();

        // Each channel is changed by one node at a time, in turns; different channels by both simultaneously.
        var slowest = await Task.WhenAll(channels.Select((channel, i) => Task.Run(() => ChangeAsync(channel, new Random(seed + i)))));

        await stop.CancelAsync();
        await Task.WhenAll(asking);
        await TestContext.Out.WriteLineAsync($"the slowest change was seen by the other node after {slowest.Max().TotalMilliseconds:F1} ms");

        // A hundredth of that when nothing else runs.
        Assert.That(slowest.Max(), Is.LessThan(TimeSpan.FromSeconds(5)));
    }

    private async Task<TimeSpan> ChangeAsync(ChannelName channel, Random random)
    {
        var (isLocked, isGranted, slowest) = (false, false, TimeSpan.Zero);
        for (var i = 0; i < 250; i++)
        {
            var (actor, other) = random.Next(2) == 0 ? (_here, _there) : (_there, _here);
            switch (random.Next(4))
            {
                case 0:
                    await actor.LockAsync(channel);
                    isLocked = true;
                    break;
                case 1:
                    await actor.UnlockAsync(channel);
                    isLocked = false;
                    break;
                case 2:
                    await actor.GrantAsync(channel, "bob");
                    isGranted = true;
                    break;
                default:
                    await actor.RevokeGrantAsync(channel, "bob");
                    isGranted = false;
                    break;
            }

            var expected = !isLocked ? ChannelAccess.Open : isGranted ? ChannelAccess.Granted : ChannelAccess.Locked;
            Assert.That(await actor.GetAccessAsync(channel, _bob), Is.EqualTo(expected), $"change {i} of {channel}, by who asks");
            var took = await Eventually.IsTrueAsync(async () => await other.GetAccessAsync(channel, _bob) == expected, $"change {i} of {channel} is never {expected}");
            slowest = took > slowest ? took : slowest;
        }

        return slowest;
    }

    private async Task KeepAskingAsync(RedisStateStore store, ChannelName[] channels, CancellationToken stop)
    {
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            await store.GetAccessAsync(channels[i % channels.Length], _bob);
            if (i % 64 == 0)
            {
                // Answers from memory would otherwise keep the thread for ever.
                await Task.Delay(1, CancellationToken.None);
            }
        }
    }

    private Task<TimeSpan> AwaitAccessThereAsync(ChannelAccess expected) =>
        Eventually.IsTrueAsync(async () => await _there.GetAccessAsync(_channel, _bob) == expected, $"never {expected}");

    private async Task<IReadOnlyList<Advertisement>> FindThereAsync() => (await _there.FindAdvertisementsAsync(new AdvertisementQuery(0, 100))).Items;
}
