using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Cluster.Engine;
using ClawEvents.Broker.Cluster.Maps;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClawEvents.Broker.Tests.Cluster.Maps;

/// <summary>Two nodes with maps on one Redis, in each of its layouts.</summary>
[TestFixture(RedisLayout.OneServer)]
[TestFixture(RedisLayout.TwoServers)]
[TestFixture(RedisLayout.Cluster)]
internal sealed class RedisMapNodesTests : IAsyncDisposable
{
    private static readonly MapOptions Persistent = new() { Mode = MapMode.Persistent, StreamSize = 10, StreamTtl = TimeSpan.FromSeconds(60) };
    private static readonly MapOptions Short = new() { KeyTtl = TimeSpan.FromMilliseconds(300), MetaTtl = TimeSpan.FromMinutes(10) };

    private readonly RedisPlace _place;
    private readonly ChannelName _channel = TestChannel.Named("map:x");
    private RunningNode _here = null!;
    private RunningNode _there = null!;

    public RedisMapNodesTests(RedisLayout layout) => _place = new RedisPlace(layout);

    public async ValueTask DisposeAsync()
    {
        await _here.DisposeAsync();
        await _there.DisposeAsync();
        await _place.DisposeAsync();
    }

    [SetUp]
    public async Task Start()
    {
        _here = _place.StartNode();
        _there = _place.StartNode();
        await _here.Bus.SubscribeAsync(_channel);
        await _there.Bus.SubscribeAsync(_channel);
    }

    [Test]
    public async Task Changes_of_both_nodes_reach_both_in_one_order()
    {
        await Task.WhenAll(Enumerable.Range(0, 100).Select(i => PublishAsync(i % 2 == 0 ? _here : _there, Persistent, $"k{i % 7}", $"{i}")));

        var (here, there) = (await _here.Deliveries.WaitForAsync(100), await _there.Deliveries.WaitForAsync(100));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(here.Select(one => one.Position.Offset), Is.EqualTo(Enumerable.Range(1, 100)));
            Assert.That(there.Select(one => (one.Position, one.Data, one.Change!.Key)), Is.EqualTo(here.Select(one => (one.Position, one.Data, one.Change!.Key))));
        }
    }

    [Test]
    public async Task A_map_that_one_node_clears_is_interrupted_on_both()
    {
        await PublishAsync(_here, Persistent, "a", "1");

        await _there.Maps.ClearAsync(_channel, Persistent);

        await Eventually.IsTrueAsync(() => _here.Deliveries.Interruptions.Length + _there.Deliveries.Interruptions.Length == 2);
        Assert.That(_here.Deliveries.Interruptions, Is.EqualTo(_there.Deliveries.Interruptions));
        Assert.That((await _here.Maps.ReadStateAsync(_channel, Persistent, new(10))).Entries, Is.Empty);
    }

    [Test]
    public async Task A_map_that_has_lost_its_newest_changes_begins_another_epoch()
    {
        await PublishAsync(_here, Persistent, "a", "1");
        await PublishAsync(_here, Persistent, "b", "2");
        var before = (await _here.Deliveries.WaitForAsync(2))[1].Position;
        await _there.Deliveries.WaitForAsync(2);
        await _place.AskAsync(_channel, "HSET", ChannelKeys.Of(ChannelKeys.Meta, _channel).ToString(), "o", "1");
        await _place.AskAsync(_channel, "DEL", ChannelKeys.Of(ChannelKeys.Stream, _channel).ToString());

        await PublishAsync(_here, Persistent, "c", "3");

        await Eventually.IsTrueAsync(() => _here.Deliveries.Interruptions.Length > 0 && _there.Deliveries.Interruptions.Length > 0);
        var page = await _there.Maps.ReadStateAsync(_channel, Persistent, new(10));
        Assert.That(page.Top.Epoch, Is.Not.EqualTo(before.Epoch));
        Assert.That(page.Entries.Select(entry => entry.Key), Is.EqualTo(new[] { "a", "b", "c" }));
    }

    [Test]
    public async Task Each_key_is_removed_once_though_every_node_looks()
    {
        _here.StartExpiry();
        _there.StartExpiry();
        for (var i = 0; i < 500; i++)
        {
            await PublishAsync(i % 2 == 0 ? _here : _there, Short, $"k{i}", "v");
        }

        var removals = (await _here.Deliveries.WaitForAsync(1000)).Where(one => one.Change!.Removed).Select(one => one.Change!.Key).ToArray();

        Assert.That(removals, Has.Length.EqualTo(500).And.Unique);
        Assert.That(await _there.Maps.CountAsync(_channel), Is.Zero);
        await Eventually.IsTrueAsync(async () => (await KeysAsync()).All(key => !key.Contains("next-ends", StringComparison.Ordinal)), "the map is still looked after");
    }

    [Test]
    public async Task A_node_that_dies_after_it_has_taken_a_map_does_not_stop_its_expiry()
    {
        var dying = _place.StartNode();
        await PublishAsync(dying, Short, "a", "v");
        var shard = dying.Bus.Shards.KeySpaces[_place.IsCluster ? 0 : _place.ServerOf(_channel)];
        await Eventually.IsTrueAsync(async () => MapAnswers.ReadClaim(await shard.AskAsync(MapCommands.Claim(1, TimeSpan.FromSeconds(2)))).Channels.Length == 1);
        await dying.DisposeAsync();

        _there.StartExpiry();

        Assert.That((await _there.Deliveries.WaitForAsync(2))[1].Change!.Removed, Is.True);
    }

    [Test]
    public async Task A_key_that_is_published_while_its_map_is_looked_after_expires_too()
    {
        _here.StartExpiry();
        for (var i = 0; i < 20; i++)
        {
            await PublishAsync(_there, Short, $"k{i}", "v");
            await _here.Deliveries.WaitForAsync((2 * i) + 2);
        }

        Assert.That(_here.Deliveries.Deliveries.Count(one => one.Change!.Removed), Is.EqualTo(20));
    }

    [Test]
    public async Task Nothing_of_an_expiring_map_stays_for_good()
    {
        await _here.Maps.PublishAsync(_channel, Short, new() { Key = "a", Publication = new("v".Utf8()), Version = 1, IdempotencyKey = "p" });
        await _here.Maps.PublishAsync(_channel, Short with { Mode = MapMode.Recoverable, StreamSize = 5, StreamTtl = TimeSpan.FromMinutes(1) }, new() { Key = "b", Publication = new("v".Utf8()) });

        var lives = new List<string>();
        foreach (var key in (await KeysAsync()).Where(key => !key.Contains("next-ends", StringComparison.Ordinal)))
        {
            var life = (await _place.AskAsync(_channel, "PTTL", key)).ToNumber();
            lives.Add($"{key.Split(':')[1]} {life is > 0 and <= 600_000}");
        }

        Assert.That(lives, Is.EquivalentTo(new[] { "stream True", "meta True", "map True", "map-order True", "map-ends True", "map-versions True", "once True" }));
    }

    [Test]
    public async Task Results_of_changes_with_an_idempotency_key_are_kept_as_long_as_the_settings_say()
    {
        var maps = new RedisMapEngine(_here.Bus.Shards, new() { IdempotencyTtl = TimeSpan.FromSeconds(20) }, TimeProvider.System);
        await maps.PublishAsync(_channel, Persistent, new() { Key = "a", Publication = new("v".Utf8()), IdempotencyKey = "p" });
        await maps.RemoveAsync(_channel, Persistent, new("a", IdempotencyKey: "r"));

        var lives = await Task.WhenAll((await KeysAsync()).Where(key => key.Contains(":once", StringComparison.Ordinal)).Select(async key => (await _place.AskAsync(_channel, "PTTL", key)).ToNumber()));

        Assert.That(lives, Has.Length.EqualTo(2).And.All.InRange(1, 20_000));
    }

    [Test]
    public async Task A_node_looks_for_expired_keys_at_the_interval_of_the_settings_and_removes_as_many_at_a_time()
    {
        var time = new ManualTimeProvider();
        var receiver = new CountingReceiver();
        using var expiry = new MapExpiry(
            _here.Bus.Shards, receiver, TestNamespaces.Of(("map", TestNamespaces.Open with { SubscriptionType = SubscriptionType.Map, Map = Short })),
            new() { CleanupInterval = TimeSpan.FromSeconds(10), CleanupBatch = 2 }, time, NullLogger<MapExpiry>.Instance);
        await expiry.StartAsync(default);
        Assert.That(time.FiresIn(TimeSpan.FromSeconds(10)), Is.True);
        for (var i = 0; i < 5; i++)
        {
            await PublishAsync(_here, Short, $"k{i}", "v");
        }

        await Eventually.IsTrueAsync(async () =>
        {
            time.Advance(TimeSpan.FromSeconds(10));
            return await _here.Maps.CountAsync(_channel) == 0;
        });
        await expiry.StopAsync(default);

        Assert.That(receiver.Batches, Is.GreaterThanOrEqualTo(3), "five keys, two at a time");
    }

    [Test]
    public async Task Keys_of_a_persistent_map_stay_and_those_of_an_empty_one_do_not()
    {
        await PublishAsync(_here, Persistent, "a", "v");
        var full = await KeptForGoodAsync();
        await _here.Maps.RemoveAsync(_channel, Persistent, new("a"));

        Assert.That(full, Is.EquivalentTo(new[] { "meta", "map", "map-order" }));
        Assert.That(await KeptForGoodAsync(), Is.Empty);
    }

    private async Task<List<string>> KeptForGoodAsync()
    {
        var kept = new List<string>();
        foreach (var key in await KeysAsync())
        {
            if ((await _place.AskAsync(_channel, "PTTL", key)).ToNumber() == -1)
            {
                kept.Add(key.Split(':')[1]);
            }
        }

        return kept;
    }

    /// <summary>Counts the scripts before which it is asked for room.</summary>
    private sealed class CountingReceiver : IChannelReceiver
    {
        private int _batches;

        public int Batches => Volatile.Read(ref _batches);

        public ValueTask WhenRoom()
        {
            Interlocked.Increment(ref _batches);
            return ValueTask.CompletedTask;
        }

        public void Deliver(ChannelName channel, in DeliveredPublication publication)
        {
        }

        public void DeliverJoin(ChannelName channel, ClientInfo client)
        {
        }

        public void DeliverLeave(ChannelName channel, ClientInfo client)
        {
        }

        public void DeliverInterruption(ChannelName channel, StreamPosition? top)
        {
        }
    }

    private async Task<string[]> KeysAsync() => [.. (await _place.AskAllAsync("KEYS", "*")).SelectMany(answer => answer.Items.ToArray()).Select(key => key.ToString())];

    private async Task PublishAsync(RunningNode node, MapOptions options, string key, string data) =>
        await node.Maps.PublishAsync(_channel, options, new() { Key = key, Publication = new(data.Utf8()) });
}
