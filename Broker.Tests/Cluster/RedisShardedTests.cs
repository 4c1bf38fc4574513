using System.Globalization;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Cluster.Bus;
using ClawEvents.Broker.Cluster.Engine;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Redis.Hearing;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Cluster;

/// <summary>Two nodes on a Redis Cluster whose publications stay at the slot's primary.</summary>
internal sealed class RedisShardedTests : IAsyncDisposable
{
    private static readonly HistoryOptions Thousand = new(1_000, TimeSpan.FromMinutes(1), TimeSpan.FromHours(1));
    private static readonly string[] Unsharded = ["--rename-command", "SPUBLISH", "", "--rename-command", "SSUBSCRIBE", "", "--rename-command", "SUNSUBSCRIBE", ""];

    private readonly Stack<IAsyncDisposable> _running = [];
    private readonly BusHistory _hereHistory = new();
    private readonly BusHistory _thereHistory = new();
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
    public async Task Publications_of_a_channel_stay_at_the_server_that_has_it()
    {
        await StartAsync();
        var channels = await SubscribeAsync(Enumerable.Range(0, 30).Select(i => TestChannel.Named($"public.{i}")));

        await PublishToAllAsync(channels, 10);

        using (Assert.EnterMultipleScope())
        {
            for (var i = 0; i < 3; i++)
            {
                var names = channels.Where(channel => RunningCluster.PrimaryOf(channel) == i).Select(new BusNames(0).Of);
                Assert.That(await NamesAsync(_cluster.Primaries[i], "SHARDCHANNELS"), Is.EquivalentTo(names).And.Not.Empty);
                Assert.That(await NamesAsync(_cluster.Primaries[i], "CHANNELS"), Has.None.Contains(":bus:"));
            }

            Assert.That(await CountBusMessagesAsync(), Is.Zero);
        }
    }

    [Test]
    public async Task Servers_without_sharded_publishing_carry_publications_to_every_server()
    {
        await StartAsync(Unsharded);
        var channels = await SubscribeAsync(Enumerable.Range(0, 30).Select(i => TestChannel.Named($"public.{i}")));

        await PublishToAllAsync(channels, 10);

        Assert.That(await CountBusMessagesAsync(), Is.EqualTo(2 * 10 * channels.Length), "each one goes to two other servers");
    }

    [Test]
    public async Task Publications_with_an_idempotency_key_are_heard_once()
    {
        await StartAsync();
        var channel = (await SubscribeAsync([TestChannel.Named("public.once")])).Single();

        foreach (var history in (HistoryOptions[])[default, Thousand])
        {
            for (var i = 0; i < 2; i++)
            {
                await _here.Engine.PublishAsync(channel, new() { Publication = new("1"u8.ToArray()), History = history, IdempotencyKey = $"key{history.IsOn}" });
            }
        }

        await _here.PublishAsync(channel, "2");
        await Eventually.IsTrueAsync(() => _thereHistory.Of(channel).Any(heard => heard.Number == 2));
        Assert.That(_thereHistory.Of(channel).Select(heard => heard.Number), Is.EqualTo(new[] { 1, 1, 2 }));
    }

    [Test]
    [Category("Slow")]
    public Task Slots_that_move_under_load_lose_nothing_without_notice_and_double_nothing() => MoveUnderLoadAsync();

    [Test]
    [Category("Slow")]
    public Task Without_sharded_publishing_slots_that_move_lose_nothing_without_notice_either() => MoveUnderLoadAsync(Unsharded);

    [Test]
    public async Task A_refused_subscription_leaves_the_connection_as_it_was()
    {
        await StartAsync();
        var channel = TestChannel.Named("public.x");
        var other = _cluster.Primaries[(RunningCluster.PrimaryOf(channel) + 1) % 3];
        await using var connection = await RedisDial.OpenAsync(_cluster.Address, other.Endpoint, pushes: null, CancellationToken.None);
        var subscribe = RespWriting.Command("SSUBSCRIBE", new BusNames(0).Of(channel));

        var answers = await Task.WhenAll(
            connection.AskForPushesAsync([.. subscribe, .. subscribe]), connection.AskAsync(RespWriting.Command("ECHO", "a")), connection.AskForPushesAsync([]));

        Assert.That(answers.Select(answer => answer.ToString()[..1]), Is.EqualTo(new[] { "M", "a", "P" }), "MOVED, a, PONG");
    }

    private async Task MoveUnderLoadAsync(params string[] arguments)
    {
        const int rounds = 4;
        await StartAsync(arguments);
        var slots = Enumerable.Range(0, 3).Select(i => ChannelKeys.SlotOf(TestChannel.Named($"public.{i}"))).ToArray();
        var channels = await SubscribeAsync(slots.SelectMany(slot => InSlot(slot).Take(4)));
        using var stop = new CancellationTokenSource();
        var publishing = channels.Select((channel, i) => Task.Run(() => PublishUntilAsync(channel, i % 2 == 0 ? Thousand : default, stop.Token))).ToArray();
        await Eventually.IsTrueAsync(() => channels.All(channel => _thereHistory.Of(channel).Length > 1));

        for (var round = 0; round < rounds; round++)
        {
            foreach (var slot in slots)
            {
                await MoveAsync(slot, channels.Where(channel => ChannelKeys.SlotOf(channel) == slot).ToArray());
            }
        }

        await stop.CancelAsync();
        var refused = await Task.WhenAll(publishing);
        await TestContext.Out.WriteLineAsync($"{channels.Sum(_thereHistory.Count)} publications were heard, and {refused.Sum(numbers => numbers.Count)} refused");
        using (Assert.EnterMultipleScope())
        {
            foreach (var (i, channel) in channels.Index())
            {
                foreach (var history in Histories)
                {
                    Check(history.Of(channel), isKept: i % 2 == 0, refused[i], channel);
                }
            }
        }
    }

    private BusHistory[] Histories => [_hereHistory, _thereHistory];

    // Numbers grow by one, or those between were refused, or a notice follows that covers those that are missing.
    private static void Check(BusHistory.Heard[] heard, bool isKept, HashSet<int> refused, ChannelName channel)
    {
        var (last, lastAt) = (0, -1);
        foreach (var (at, one) in heard.Index().Where(one => one.Item.Number is not null))
        {
            var number = one.Number!.Value;
            Assert.That(number, Is.GreaterThan(last), $"{channel}: twice, or in another order");
            Assert.That(
                Enumerable.Range(last + 1, number - last - 1).All(refused.Contains) || heard.Skip(lastAt + 1).Any(later => later.Number is null && (!isKept || later.Top >= (one.Offset - 1))),
                Is.True,
                $"{channel}: {last + 1} to {number - 1} are missing without a notice");
            (last, lastAt) = (number, at);
        }

        Assert.That(heard.Count(one => one.Number is null), Is.Positive, $"{channel} has moved");
    }

    // Each waits until subscribers have heard something at the new place, so that the next move finds the channel subscribed.
    private async Task MoveAsync(int slot, ChannelName[] channels)
    {
        var from = await OwnerAsync(slot);
        var to = _cluster.Primaries[(_cluster.Primaries.ToList().IndexOf(from) + 1) % 3];
        await RunningCluster.OpenSlotAsync(slot, from, to);
        await HearMoreAsync(channels);
        await RunningCluster.MoveKeysAsync(slot, from, to);
        await HearMoreAsync(channels);
        await _cluster.CloseSlotAsync(slot, to);
        await HearMoreAsync(channels);
    }

    private async Task<RunningRedis> OwnerAsync(int slot)
    {
        var ranges = (await _cluster.Primaries[0].AskAsync("CLUSTER", "SLOTS")).Items.ToArray();
        var port = ranges.Single(range => range.Items[0].ToNumber() <= slot && slot <= range.Items[1].ToNumber()).Items[2].Items[1].ToNumber();
        return _cluster.Primaries.Single(primary => primary.Port == port);
    }

    private async Task HearMoreAsync(ChannelName[] channels)
    {
        var counts = Histories.Select(history => channels.Select(channel => history.Count(channel)).ToArray()).ToArray();
        await Eventually.IsTrueAsync(() => Histories.Zip(counts).All(pair => channels.Zip(pair.Second).All(one => pair.First.Count(one.First) > one.Second + 1)));
    }

    // One publication after another, by turns on both nodes, and at the end until both have heard one. Returns those that were refused: they may have been done.
    private async Task<HashSet<int>> PublishUntilAsync(ChannelName channel, HistoryOptions history, CancellationToken stop)
    {
        var refused = new HashSet<int>();
        int? last = null;
        for (var number = 1; last is null || Histories.Any(one => one.Last(channel) < last); number++)
        {
            last ??= stop.IsCancellationRequested ? number : null;
            try
            {
                await (number % 2 == 0 ? _here : _there).PublishAsync(channel, $"{number}", history);
            }
            catch (StoreUnavailableException)
            {
                refused.Add(number);
            }
        }

        return refused;
    }

    private async Task PublishToAllAsync(ChannelName[] channels, int publications)
    {
        foreach (var (i, channel) in channels.Index())
        {
            for (var number = 1; number <= publications; number++)
            {
                await _here.PublishAsync(channel, $"{number}", i % 2 == 0 ? Thousand : default);
            }
        }

        await Eventually.IsTrueAsync(() => Histories.All(history => channels.All(channel => history.Count(channel) == publications)));
    }

    private async Task<ChannelName[]> SubscribeAsync(IEnumerable<ChannelName> channels)
    {
        var subscribed = channels.ToArray();
        foreach (var node in (RunningNode[])[_here, _there])
        {
            await Task.WhenAll(subscribed.Select(channel => node.Bus.SubscribeAsync(channel).AsTask()));
        }

        return subscribed;
    }

    // Publications only: "publish" to every server, "publishshard" to a server's replicas.
    private async Task<long> CountBusMessagesAsync()
    {
        var infos = await Task.WhenAll(_cluster.Primaries.Select(primary => primary.AskAsync("CLUSTER", "INFO")));
        return infos.SelectMany(info => info.ToString().Split("\r\n"))
            .Where(line => line.StartsWith("cluster_stats_messages_publish", StringComparison.Ordinal) && line.Contains("_sent:", StringComparison.Ordinal))
            .Sum(line => long.Parse(line.Split(':')[1], CultureInfo.InvariantCulture));
    }

    private async Task StartAsync(params string[] arguments)
    {
        _running.Push(_cluster = await RunningCluster.StartAsync(hasReplicas: false, arguments));
        _running.Push(_here = new RunningNode(_hereHistory, _cluster.Address));
        _running.Push(_there = new RunningNode(_thereHistory, _cluster.Address));
        await Eventually.IsTrueAsync(() => _here.Bus.Shards.All.Count == 3 && _there.Bus.Shards.All.Count == 3);
    }

    private static IEnumerable<ChannelName> InSlot(int slot) =>
        Enumerable.Range(0, 1_000_000).Select(i => TestChannel.Named($"public.{i}")).Where(channel => ChannelKeys.SlotOf(channel) == slot);

    private static async Task<string[]> NamesAsync(RunningRedis server, string question) =>
        [.. (await server.AskAsync("PUBSUB", question)).Items.ToArray().Select(name => name.ToString())];
}
