using System.Diagnostics;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Redis;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClawEvents.Broker.Tests.Cluster;

/// <summary>Two nodes and a store whose primary is replaced by its replica.</summary>
internal sealed class RedisSentinelTests : IAsyncDisposable
{
    private static readonly HistoryOptions Thousand = new(1_000, TimeSpan.FromMinutes(1), TimeSpan.FromHours(1));
    private static readonly TimeSpan FollowBound = TimeSpan.FromSeconds(5);

    private readonly ChannelName _kept = TestChannel.Named("public.kept");
    private readonly ChannelName _passing = TestChannel.Named("public.passing");
    private readonly Stack<IAsyncDisposable> _running = [];
    private RunningSentinels _sentinels = null!;
    private RunningNode _here = null!;
    private RunningNode _there = null!;
    private RedisConnection _store = null!;

    public async ValueTask DisposeAsync()
    {
        while (_running.TryPop(out var running))
        {
            await running.DisposeAsync();
        }
    }

    [Test]
    public async Task When_the_primary_is_killed_nodes_follow_to_the_replica_with_all_acknowledged()
    {
        await StartAsync(sentinels: 1, password: "hush-hush");
        for (var i = 0; i < 3; i++)
        {
            await _here.PublishAsync(_kept, $"{i}", Thousand);
        }

        await SetAsync("before");
        await _sentinels.Primary.AwaitReplicationAsync();
        var first = (await _there.Deliveries.WaitForAsync(3))[0];
        var killedAt = Stopwatch.GetTimestamp();
        await _sentinels.Primary.KillAsync();

        await FollowAsync("killed", killedAt);
        var page = await _there.Engine.ReadHistoryAsync(_kept, new(-1), Thousand.MetaTtl);
        await AwaitInterruptionsAsync(2);
        var next = await _here.PublishAsync(_kept, "next", Thousand);
        await _there.Deliveries.WaitForAsync(4);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(page.Publications.Select(stored => stored.Publication.Data.Text()), Is.EqualTo(new[] { "0", "1", "2" }));
            Assert.That(next.Position, Is.EqualTo(first.Position with { Offset = 4 }));
            Assert.That(_there.Deliveries.Interruptions.Single(told => told.Channel == _kept).Top, Is.EqualTo(first.Position with { Offset = 3 }));
            Assert.That(_there.Deliveries.Interruptions.Single(told => told.Channel == _passing).Top, Is.Null);
            Assert.That(await _store.AskAsync(redis => redis.StringGetAsync("before")), Is.EqualTo((StackExchange.Redis.RedisValue)"x"));
            Assert.That(string.Concat(_here.Warnings), Does.Not.Contain("hush"));
        }
    }

    [Test]
    public async Task Publications_that_the_replica_lacks_are_lost_and_subscribers_learn_of_it()
    {
        await StartAsync(sentinels: 1, password: "hush");
        await _here.PublishAsync(_kept, "a", Thousand);
        await _sentinels.Primary.AwaitReplicationAsync();
        await _sentinels.LeaveReplicaBehindAsync();
        await _here.PublishAsync(_kept, "lost", Thousand);
        var lost = (await _there.Deliveries.WaitForAsync(2))[1];
        await _sentinels.Primary.KillAsync();
        await _sentinels.AwaitReplicaAsPrimaryAsync();

        await Eventually.IsTrueAsync(() => _there.Deliveries.Interruptions.Any(told => told.Channel == _kept && told.Top?.Epoch != lost.Position.Epoch));
        await Eventually.IsTrueAsync(() => _here.Deliveries.Interruptions.Any(told => told.Channel == _kept && told.Top?.Epoch != lost.Position.Epoch));
        var next = await _here.PublishAsync(_kept, "next", Thousand);
        var delivered = (await _there.Deliveries.WaitForAsync(3))[2];

        using (Assert.EnterMultipleScope())
        {
            Assert.That(next.Position.Epoch, Is.Not.EqualTo(lost.Position.Epoch));
            Assert.That(delivered.Position, Is.EqualTo(next.Position));
            Assert.That(_here.Warnings.Concat(_there.Warnings), Has.Some.Contains("has lost the newest publications of public.kept"), "one of them was first");
        }
    }

    [Test]
    [Category("Slow")]
    public async Task Nodes_follow_a_role_swap_and_subscribers_learn_of_lost_publications()
    {
        await StartAsync(sentinels: 1);
        using var stop = new CancellationTokenSource();
        var acknowledged = new List<string>();
        var publishing = Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                try
                {
                    await _here.PublishAsync(_kept, $"{i}", Thousand);
                    acknowledged.Add($"{i}");
                    await Task.Delay(5);
                }
                catch (StoreUnavailableException)
                {
                    await Task.Delay(20);
                }
            }
        });
        await Eventually.IsTrueAsync(() => _there.Deliveries.Deliveries.Length > 20);

        var begun = Stopwatch.GetTimestamp();
        await _sentinels.FailOverAsync();
        await FollowAsync("changed places", begun);
        await AwaitInterruptionsAsync(2);
        await stop.CancelAsync();
        await publishing;

        var page = await _there.Engine.ReadHistoryAsync(_kept, new(-1), Thousand.MetaTtl);
        var lost = acknowledged.Except(page.Publications.Select(stored => stored.Publication.Data.Text())).ToArray();
        await TestContext.Out.WriteLineAsync($"{acknowledged.Count} acknowledged, {lost.Length} of them lost with the old primary");
        Assert.That(lost.Length == 0 || _here.Warnings.Concat(_there.Warnings).Any(warning => warning.Contains("has lost", StringComparison.Ordinal)));
    }

    [Test]
    [Category("Slow")]
    public async Task Three_Sentinels_handle_a_silent_primary_and_a_dead_Sentinel()
    {
        await StartAsync(sentinels: 3);
        var first = await _here.PublishAsync(_kept, "a", Thousand);
        await _sentinels.Primary.AwaitReplicationAsync();
        await _sentinels.KillAsync(0);
        var begun = Stopwatch.GetTimestamp();
        await _sentinels.Primary.StopAsync();

        await FollowAsync("silent", begun);
        await AwaitInterruptionsAsync(2);
        var second = await _there.PublishAsync(_kept, "b", Thousand);
        await _sentinels.Primary.ContinueAsync();
        await Eventually.IsTrueAsync(() => RunningSentinels.IsAsync(_sentinels.Primary, "slave"), "the old primary stays one");
        var third = await _here.PublishAsync(_kept, "c", Thousand);

        await Eventually.IsTrueAsync(() => _there.Deliveries.Deliveries.Any(delivery => delivery.Data == "c"));
        Assert.That((second.Position, third.Position), Is.EqualTo((first.Position with { Offset = 2 }, first.Position with { Offset = 3 })));
    }

    [Test]
    public async Task Unreachable_Sentinels_and_an_unknown_name_count_as_unavailable()
    {
        var nowhere = TestRedis.Address($"redis+sentinel://:hush@127.0.0.1:{RunningRedis.FreePort()}?master=main&sentinel_password=hush");
        await using var node = new RunningNode(nowhere);

        // The first attempt may take longer than the question.
        var fault = await Eventually.GetAsync(
            async () => await node.Bus.FindFaultAsync(), fault => fault?.StartsWith("no Sentinel (main of 127.0.0.1:", StringComparison.Ordinal) is true);

        Assert.That(fault, Does.Not.Contain("hush"));
        Assert.That(async () => await node.PublishAsync(_kept, "x"), Throws.InstanceOf<StoreUnavailableException>().With.Message.EqualTo(fault));
    }

    private async Task StartAsync(int sentinels, string? password = null)
    {
        _running.Push(_sentinels = await RunningSentinels.StartAsync(sentinels, password));
        _running.Push(_here = new RunningNode(_sentinels.Address));
        _running.Push(_there = new RunningNode(_sentinels.Address));
        _running.Push(_store = await RedisConnection.OpenAsync(_sentinels.Address, RedisLocators.Of(_sentinels.Address, NullLogger.Instance)));
        foreach (var channel in (ChannelName[])[_kept, _passing])
        {
            await _here.Bus.SubscribeAsync(channel);
            await _there.Bus.SubscribeAsync(channel);
        }
    }

    private Task<bool> SetAsync(string key) => _store.AskAsync(redis => redis.StringSetAsync(key, "x"));

    // Bus, engine and store, from the moment on that the new primary takes writes.
    private async Task FollowAsync(string why, long since)
    {
        await _sentinels.AwaitReplicaAsPrimaryAsync();
        var failover = Stopwatch.GetElapsedTime(since);
        var begun = Stopwatch.GetTimestamp();
        var bus = await Eventually.IsTrueAsync(async () => await _here.Bus.FindFaultAsync() is null && await _there.Bus.FindFaultAsync() is null);
        await Eventually.IsTrueAsync(async () => await IsDoneAsync(async () => await _here.PublishAsync(_passing, "probe")));

        // Until a Sentinel demotes the old primary, it accepts writes that are lost later.
        var isThere = false;
        await Eventually.IsTrueAsync(async () => await IsDoneAsync(async () =>
        {
            await SetAsync("after");
            isThere = (await _sentinels.Replica.AskAsync("EXISTS", "after")).ToNumber() == 1;
        }) && isThere);
        var all = Stopwatch.GetElapsedTime(begun);

        await TestContext.Out.WriteLineAsync(
            $"{why}: a new primary after {failover.TotalMilliseconds:F0} ms, the bus there {bus.TotalMilliseconds:F0} ms later, engine and store {all.TotalMilliseconds:F0} ms later");
        Assert.That(all, Is.LessThan(FollowBound));
    }

    private Task<TimeSpan> AwaitInterruptionsAsync(int count) =>
        Eventually.IsTrueAsync(() => _here.Deliveries.Interruptions.Length >= count && _there.Deliveries.Interruptions.Length >= count);

    private static async Task<bool> IsDoneAsync(Func<Task> change)
    {
        try
        {
            await change();
            return true;
        }
        catch (StoreUnavailableException)
        {
            return false;
        }
    }
}
