using System.Diagnostics;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Cluster.Bus;
using ClawEvents.Broker.Cluster.Engine;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Redis;
using ClawEvents.Broker.State.Redis;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Cluster;

/// <summary>Two nodes on a Redis Cluster of their own, whose slots and primaries move.</summary>
internal sealed class RedisClusterTests : IAsyncDisposable
{
    private static readonly HistoryOptions Thousand = new(1_000, TimeSpan.FromMinutes(1), TimeSpan.FromHours(1));
    private static readonly TimeSpan BackBound = TimeSpan.FromSeconds(5);

    private readonly Stack<IAsyncDisposable> _running = [];
    private readonly ChannelName _kept = TestChannel.Named("public.kept");
    private RunningCluster _cluster = null!;
    private RunningNode _here = null!;
    private RunningNode _there = null!;

    public async ValueTask DisposeAsync()
    {
        while (_running.TryPop(out var running))
        {
            await running.DisposeAsync();
        }
    }

    [Test]
    public async Task While_a_slot_moves_everything_works_and_then_subscribers_learn_of_gaps()
    {
        await StartAsync(hasReplicas: false);
        var (slot, from) = (ChannelKeys.SlotOf(_kept), RunningCluster.PrimaryOf(_kept));
        var (old, next) = (_cluster.Primaries[from], _cluster.Primaries[(from + 1) % 3]);
        var (fresh, passing) = (InSlot(slot, "public.fresh"), InSlot(slot, "public.passing"));
        foreach (var node in (RunningNode[])[_here, _there])
        {
            await node.Bus.SubscribeAsync(fresh);
            await node.Bus.SubscribeAsync(passing);
        }

        var first = await _here.PublishAsync(_kept, "a", Thousand);
        await RunningCluster.OpenSlotAsync(slot, old, next);
        await _there.PublishAsync(_kept, "still at the old one", Thousand);
        await RunningCluster.MoveKeysAsync(slot, old, next);
        await _here.PublishAsync(_kept, "by way of the old one", Thousand);
        await _there.PublishAsync(passing, "passing");
        await _here.Deliveries.WaitForAsync(4);
        await _there.Deliveries.WaitForAsync(4);
        var before = _there.Deliveries.Interruptions.Length;

        // A channel that has no keys yet cannot get several in one command while its slot moves.
        var waiting = _there.PublishAsync(fresh, "fresh", Thousand).AsTask();
        await _cluster.CloseSlotAsync(slot, next);
        var made = await waiting;
        await Eventually.IsTrueAsync(() => _here.Deliveries.Interruptions.Length == 3 && _there.Deliveries.Interruptions.Length == 3);
        var last = await _here.PublishAsync(_kept, "b", Thousand);
        await Eventually.IsTrueAsync(() => _there.Deliveries.Deliveries.Any(delivery => delivery.Data == "b"));

        var page = await _there.Engine.ReadHistoryAsync(_kept, new(-1), Thousand.MetaTtl);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(before, Is.Zero);
            Assert.That((made.Position.Offset, last.Position), Is.EqualTo((1UL, first.Position with { Offset = 4 })));
            Assert.That(page.Publications.Select(stored => stored.Publication.Data.Text()), Is.EqualTo(new[] { "a", "still at the old one", "by way of the old one", "b" }));
            Assert.That(_there.Deliveries.Deliveries.Where(delivery => delivery.Channel == _kept).Select(delivery => delivery.Position.Offset), Is.EqualTo(new ulong[] { 1, 2, 3, 4 }));
            Assert.That(_there.Deliveries.Interruptions.Select(told => told.Channel), Is.EquivalentTo(new[] { _kept, fresh, passing }));
            Assert.That(_there.Deliveries.Interruptions.Single(told => told.Channel == _kept).Top, Is.EqualTo(first.Position with { Offset = 3 }));
            Assert.That(await CountAsync(next, fresh), Is.EqualTo(2), "both nodes listen where the channel is");
        }
    }

    [Test]
    [Category("Slow")]
    public async Task A_replica_takes_over_acknowledged_publications_of_a_killed_primary()
    {
        await StartAsync(hasReplicas: true);
        var other = Enumerable.Range(0, 100).Select(i => TestChannel.Named($"public.{i}")).First(channel => RunningCluster.PrimaryOf(channel) != RunningCluster.PrimaryOf(_kept));
        await _there.Bus.SubscribeAsync(other);
        var primary = _cluster.Primaries[RunningCluster.PrimaryOf(_kept)];
        var replica = _cluster.Replicas[RunningCluster.PrimaryOf(_kept)];
        var first = await _here.PublishAsync(_kept, "a", Thousand);
        await _here.PublishAsync(_kept, "b", Thousand);
        await primary.AwaitReplicationAsync();

        await primary.KillAsync();
        Assert.That(async () => await _here.PublishAsync(_kept, "lost", Thousand), Throws.InstanceOf<StoreUnavailableException>());
        Assert.That(await _here.Bus.FindFaultAsync(), Is.Not.Null);
        await _here.PublishAsync(other, "meanwhile");
        await Eventually.IsTrueAsync(() => _there.Deliveries.Deliveries.Any(delivery => delivery.Data == "meanwhile"));
        var failover = await Eventually.IsTrueAsync(async () => (await replica.AskAsync("ROLE")).Items[0].ToString() == "master");
        var begun = Stopwatch.GetTimestamp();
        await Eventually.IsTrueAsync(async () => await _here.Bus.FindFaultAsync() is null && await _there.Bus.FindFaultAsync() is null);
        await Eventually.IsTrueAsync(() => _here.Deliveries.Interruptions.Any(told => told.Channel == _kept) && _there.Deliveries.Interruptions.Any(told => told.Channel == _kept));
        var next = await _here.PublishAsync(_kept, "c", Thousand);
        await Eventually.IsTrueAsync(() => _there.Deliveries.Deliveries.Any(delivery => delivery.Data == "c"));
        var back = Stopwatch.GetElapsedTime(begun);

        await TestContext.Out.WriteLineAsync($"a new primary after {failover.TotalMilliseconds:F0} ms, everything back {back.TotalMilliseconds:F0} ms later");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(back, Is.LessThan(BackBound));
            Assert.That(next.Position, Is.EqualTo(first.Position with { Offset = 3 }));
            Assert.That(_there.Deliveries.Interruptions.Single(told => told.Channel == _kept).Top, Is.EqualTo(first.Position with { Offset = 2 }));
            Assert.That(_there.Deliveries.Interruptions.Any(told => told.Channel == other), Is.False);
        }
    }

    [Test]
    [Category("Slow")]
    public async Task Nodes_follow_when_a_primary_and_its_replica_swap_roles()
    {
        await StartAsync(hasReplicas: true);
        var first = await _here.PublishAsync(_kept, "a", Thousand);

        await _cluster.Replicas[RunningCluster.PrimaryOf(_kept)].AskAsync("CLUSTER", "FAILOVER");
        await Eventually.IsTrueAsync(() => _here.Deliveries.Interruptions.Any(told => told.Channel == _kept) && _there.Deliveries.Interruptions.Any(told => told.Channel == _kept));
        var second = await _here.PublishAsync(_kept, "b", Thousand);

        await Eventually.IsTrueAsync(() => _there.Deliveries.Deliveries.Any(delivery => delivery.Data == "b"));
        Assert.That(second.Position, Is.EqualTo(first.Position with { Offset = 2 }));
    }

    [Test]
    public async Task A_store_in_a_cluster_has_its_keys_in_one_slot()
    {
        var cluster = SharedRedis.TakeCluster();
        try
        {
            await using var store = await RedisConnection.OpenAsync(cluster.Address, keyPrefix: RedisKeys.PrefixOf(cluster.Address));
            await store.AskAsync(redis => redis.StringSetAsync("locked:a", "1"));
            await store.AskAsync(redis => redis.StringSetAsync("perm:b", "2"));
            var both = (int[])(await store.RunAsync(new("return { redis.call('EXISTS', KEYS[1]), redis.call('EXISTS', KEYS[2]) }"), ["locked:a", "perm:b"]))!;

            Assert.That(both, Is.EqualTo(new[] { 1, 1 }));
        }
        finally
        {
            await cluster.EmptyAsync();
            SharedRedis.ReturnCluster(cluster);
        }
    }

    private async Task StartAsync(bool hasReplicas)
    {
        _running.Push(_cluster = await RunningCluster.StartAsync(hasReplicas));
        _running.Push(_here = new RunningNode(_cluster.Address));
        _running.Push(_there = new RunningNode(_cluster.Address));
        await Eventually.IsTrueAsync(() => _here.Bus.Shards.All.Count == 3 && _there.Bus.Shards.All.Count == 3);
        await _here.Bus.SubscribeAsync(_kept);
        await _there.Bus.SubscribeAsync(_kept);
    }

    private static ChannelName InSlot(int slot, string start) =>
        Enumerable.Range(0, 1_000_000).Select(i => TestChannel.Named($"{start}{i}")).First(channel => ChannelKeys.SlotOf(channel) == slot);

    private static async Task<long> CountAsync(RunningRedis server, ChannelName channel) =>
        (await server.AskAsync("PUBSUB", "SHARDNUMSUB", new BusNames(0).Of(channel))).Items[1].ToNumber();
}
