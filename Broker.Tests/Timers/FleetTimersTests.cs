using System.Globalization;
using ClawEvents.Broker.State.Redis;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Timers;

namespace ClawEvents.Broker.Tests.Timers;

/// <summary>Two nodes on one Redis, each with its own manual clock: the fleet publishes each second once.</summary>
internal sealed class FleetTimersTests : IAsyncDisposable
{
    private static readonly TimeSpan OneSecond = TimeSpan.FromSeconds(1);

    private readonly RedisDatabase _database = RedisDatabase.Take();
    private TimerNode _here = null!;
    private TimerNode _there = null!;

    [SetUp]
    public async Task Start()
    {
        _here = await TimerNode.StartAsync(_database);
        _there = await TimerNode.StartAsync(_database);
    }

    public async ValueTask DisposeAsync()
    {
        await _here.DisposeAsync();
        await _there.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Test]
    public async Task Each_second_and_each_boundary_is_published_once()
    {
        await BeginAsync();

        for (var tick = 1; tick <= 70; tick++)
        {
            Advance(OneSecond, _here, _there);
            await _here.WaitForSecondsAsync(tick);
        }

        await EndAsync(70);
        Assert.That(_here.Minutes, Is.EqualTo(new[] { "03:05:00" }));
        Assert.That(_there.Seconds, Is.EqualTo(_here.Seconds));
    }

    [TestCase(300)]
    [TestCase(-300)]
    [TestCase(950)]
    public async Task No_second_is_missed_when_a_node_restarts_and_clocks_differ_slightly(int milliseconds)
    {
        _there.Time.SetClock(TimeSpan.FromMilliseconds(milliseconds));
        await BeginAsync();

        for (var step = 1; step <= 300; step++)
        {
            if (step == 100)
            {
                await _there.Timers.StopAsync(CancellationToken.None);
            }
            else if (step == 200)
            {
                await _there.Timers.StartAsync(CancellationToken.None);
            }

            Advance(OneSecond / 10, _here, _there);
            await _here.AwaitPublishingAsync(_there);
        }

        // The node that is behind starts within the second before.
        await EndAsync(seconds: milliseconds < 0 ? 31 : 30, first: milliseconds < 0 ? 0 : 1);
    }

    [Test]
    public async Task A_node_that_was_paused_continues_with_the_others()
    {
        await BeginAsync();
        for (var tick = 1; tick <= 20; tick++)
        {
            Advance(OneSecond, tick is > 5 and < 12 ? [_here] : tick == 12 ? [_here] : [_here, _there]);
            if (tick == 12)
            {
                _there.Time.Sleep(7 * OneSecond);
            }

            await _here.WaitForSecondsAsync(tick);
        }

        await EndAsync(20);
    }

    [TestCase(-600)]
    [TestCase(-2)]
    [TestCase(3)]
    [TestCase(3_600)]
    public async Task A_node_with_a_wrong_clock_publishes_nothing_while_others_do(int seconds)
    {
        await _here.Timers.StartAsync(CancellationToken.None);
        for (var tick = 1; tick <= 3; tick++)
        {
            Advance(OneSecond, _here, _there);
            await _here.WaitForSecondsAsync(tick);
        }

        _there.Time.SetClock(TimeSpan.FromSeconds(seconds));
        await _there.Timers.StartAsync(CancellationToken.None);
        for (var tick = 4; tick <= 20; tick++)
        {
            Advance(OneSecond, _there, _here);
            await _here.WaitForSecondsAsync(tick);
            await _here.AwaitPublishingAsync(_there);
        }

        await EndAsync(20);
        Assert.That(_there.Log.Lines.Count(line => line.StartsWith("Warning: The clock of this node", StringComparison.Ordinal)), Is.EqualTo(1));
    }

    [Test]
    public async Task A_second_that_a_killed_node_had_claimed_is_published_by_another()
    {
        await BeginAsync();
        Advance(OneSecond, _here, _there);
        await _here.WaitForSecondsAsync(1);

        // It claimed the second, but did not publish it.
        var reached = await _there.Store.TryReachSecondAsync(_here.Time.GetUtcNow().ToUnixTimeSeconds() + 1);
        Advance(OneSecond, _here);

        Assert.That(reached, Is.True);
        await EndAsync(2);
    }

    [TestCase(1, 0, true)]
    [TestCase(0, 0, true)]
    [TestCase(-1, 10, false)]
    [TestCase(2, 0, false)]
    [TestCase(2, 2, true)]
    [TestCase(10, 5, false)]
    [TestCase(10, 11, true)]
    [TestCase(-3_600, 60, true)]
    public async Task The_seconds_of_a_fleet_advance_no_further_than_the_time_passed(int ahead, int secondsAgo, bool expected)
    {
        const long second = 1_800_000_000;
        if (secondsAgo < 60)
        {
            await _database.Keys.StringSetAsync("clawevents:timer-second", second, TimeSpan.FromSeconds(60 - secondsAgo));
        }

        Assert.That(await _here.Store.TryReachSecondAsync(second + ahead), Is.EqualTo(expected));
    }

    [Test]
    public async Task A_second_that_two_nodes_published_is_counted_once()
    {
        await BeginAsync();
        Advance(OneSecond, _here, _there);
        await EndAsync(1);

        await _here.ReportAsync();
        await _there.ReportAsync();

        Assert.That((int)await _database.Keys.StringGetAsync("stats:total_messages"), Is.EqualTo(1));
    }

    private static void Advance(TimeSpan by, params TimerNode[] nodes)
    {
        foreach (var node in nodes)
        {
            node.Time.Advance(by);
        }
    }

    private async Task BeginAsync()
    {
        await _here.Timers.StartAsync(CancellationToken.None);
        await _there.Timers.StartAsync(CancellationToken.None);
    }

    // When both have ended, everything they published is in Redis, and later publications come after it.
    private async Task EndAsync(int seconds, int first = 1)
    {
        await _here.Timers.StopAsync(CancellationToken.None);
        await _there.Timers.StopAsync(CancellationToken.None);
        await _here.PublishLastAsync();
        await _here.AwaitLastAsync();
        await _there.AwaitLastAsync();
        var expected = Enumerable.Range(first, seconds).Select(i => ManualTimeProvider.Start.AddSeconds(i).ToString("HH:mm:ss", CultureInfo.InvariantCulture)).ToArray();
        Assert.That(_here.Seconds, Is.EqualTo(expected));
        Assert.That(_there.Seconds, Is.EqualTo(expected));
    }

    private sealed class TimerNode : IAsyncDisposable
    {
        private const string Last = "\"the last\"";

        private readonly RunningNode _node;
        private readonly BrokerRig _rig;

        private TimerNode(RunningNode node, RedisStateStore store)
        {
            _node = node;
            Store = store;
            _rig = new BrokerRig(store: store, engine: _ => node.Engine);
            Timers = new SystemTimers(_rig.Publisher, _rig.Channels, store, _rig.Time, Log);
        }

        public ManualTimeProvider Time => _rig.Time;

        public SystemTimers Timers { get; }

        public RedisStateStore Store { get; }

        public ListLogger<SystemTimers> Log { get; } = new();

        public string[] Seconds => Told("system.timer.second");

        public string[] Minutes => Told("system.timer.minute");

        public static async Task<TimerNode> StartAsync(RedisDatabase database)
        {
            var node = new RunningNode(database.Address);
            await node.Bus.SubscribeAsync(TestChannel.Named("system.timer.second"));
            await node.Bus.SubscribeAsync(TestChannel.Named("system.timer.minute"));
            return new TimerNode(node, await database.OpenStoreAsync());
        }

        public Task<TimeSpan> WaitForSecondsAsync(int count) => Eventually.IsTrueAsync(() => Seconds.Length >= count, $"second {count} is never published");

        // Both have asked the store: all events they were allowed to publish are published.
        public async Task AwaitPublishingAsync(TimerNode other) => await Task.WhenAll(Timers.Publishing, other.Timers.Publishing);

        public async Task PublishLastAsync() => await _node.PublishAsync(TestChannel.Named("system.timer.second"), Last);

        public Task<TimeSpan> AwaitLastAsync() => Eventually.IsTrueAsync(() => Array.Exists(_node.Deliveries.Deliveries, delivery => delivery.Data == Last));

        public Task ReportAsync() => _rig.Activity.ReportAsync();

        public async ValueTask DisposeAsync()
        {
            Timers.Dispose();
            _rig.Dispose();
            await Store.DisposeAsync();
            await _node.DisposeAsync();
        }

        private string[] Told(string channel) =>
        [
            .. _node.Deliveries.Deliveries.Where(delivery => delivery.Channel.Value == channel && delivery.Data != Last)
                .Select(delivery => delivery.Data.Split("\"iso\":\"")[1].Split('T')[1][..8]),
        ];
    }
}
