using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Redis;
using ClawEvents.Broker.State;
using ClawEvents.Broker.State.Redis;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClawEvents.Broker.Tests.State.Redis;

/// <summary>Nodes and another program that change the same keys simultaneously. The clock stands still, so no search through all keys helps.</summary>
internal sealed class RedisMixedWritersTests : IAsyncDisposable
{
    private const int Steps = 300;

    private static readonly string[] Topics = [.. Enumerable.Range(0, 6).Select(i => $"t{i}")];

    private readonly RedisDatabase _database = RedisDatabase.Take();
    private readonly ManualTimeProvider _time = new();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Test]
    public async Task Lists_of_all_nodes_end_as_Redis_has_it_whoever_wrote()
    {
        var seed = Random.Shared.Next();
        await TestContext.Out.WriteLineAsync($"seed {seed}");
        await using var hereNode = new RunningNode(_database.Address);
        await using var thereNode = new RunningNode(_database.Address);
        await using var here = await _database.OpenStoreAsync(_time, hereNode.Feed);
        await using var there = await _database.OpenStoreAsync(_time, thereNode.Feed);
        await Eventually.IsTrueAsync(() => hereNode.Feed.Continuity != 0 && thereNode.Feed.Continuity != 0);
        using var stop = new CancellationTokenSource();
        var asking = new[] { here, there }.Select(store => Task.Run(() => KeepAskingAsync(store, stop.Token))).ToArray();

        await Task.WhenAll(
            Task.Run(() => ChangeAsync(here, new Random(seed))),
            Task.Run(() => ChangeAsync(there, new Random(seed + 1))),
            Task.Run(() => ChangeByCommandsAsync(new Random(seed + 2))));
        await stop.CancelAsync();
        await Task.WhenAll(asking);

        var truth = await ReadAsync();
        await Eventually.GetAsync(() => ListAsync(here), list => list == truth);
        await Eventually.GetAsync(() => ListAsync(there), list => list == truth);
        await using var started = await _database.OpenStoreAsync(_time);
        Assert.That(await ListAsync(started), Is.EqualTo(truth), "the index is not complete");
    }

    [Test]
    public async Task After_more_changes_than_a_node_keeps_while_Redis_is_silent_all_keys_are_searched()
    {
        await using var server = await RunningRedis.StartAsync();
        using var others = await server.ConnectAsync();
        var feed = new ManualChangeFeed();
        await using var store = new RedisStateStore(
            await RedisConnection.OpenAsync(server.Address()), feed, TimeProvider.System, NullLogger<RedisStateStore>.Instance);
        await store.GetLockedTopicsAsync("alice");
        await others.GetDatabase().StringSetAsync("locked:alice:private", "1");
        await server.StopAsync();
        feed.Raise("locked:alice:private");
        for (var i = 0; i < HeardChannels.MaxWaiting; i++)
        {
            feed.Raise($"locked:bob:{i}");
        }

        await server.ContinueAsync();

        await Eventually.IsTrueAsync(() => IsLockedAsync(store));
    }

    private static async Task<bool> IsLockedAsync(RedisStateStore store)
    {
        try
        {
            return (await store.GetLockedTopicsAsync("alice")).Count == 1;
        }
        catch (StoreUnavailableException)
        {
            return false;
        }
    }

    private static async Task ChangeAsync(RedisStateStore store, Random random)
    {
        for (var i = 0; i < Steps; i++)
        {
            var channel = TestChannel.Named($"agent.alice.{random.GetItems(Topics, 1)[0]}");
            await (random.Next(4) switch
            {
                0 => store.SetAdvertisementAsync(new(channel, $"text {random.Next()}", null, 1)),
                1 => store.RemoveAdvertisementAsync(channel),
                2 => store.LockAsync(channel),
                _ => store.UnlockAsync(channel),
            });
        }
    }

    private async Task ChangeByCommandsAsync(Random random)
    {
        for (var i = 0; i < Steps; i++)
        {
            var topic = random.GetItems(Topics, 1)[0];
            await (random.Next(4) switch
            {
                0 => _database.Keys.ExecuteAsync(
                    "SET", $"advertise:alice:{topic}", $$"""{"channel":"agent.alice.{{topic}}","description":"text {{random.Next()}}","schema":null,"updatedAt":1}"""),
                1 => _database.Keys.ExecuteAsync("DEL", $"advertise:alice:{topic}"),
                2 => _database.Keys.ExecuteAsync("SET", $"locked:alice:{topic}", "1"),
                _ => _database.Keys.ExecuteAsync("DEL", $"locked:alice:{topic}"),
            });
        }
    }

    private static async Task KeepAskingAsync(RedisStateStore store, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await ListAsync(store);
            await Task.Yield();
        }
    }

    // From the keys of claw.events alone.
    private async Task<string> ReadAsync()
    {
        var listed = new List<string>();
        foreach (var topic in Topics)
        {
            var text = await _database.Keys.StringGetAsync($"advertise:alice:{topic}");
            listed.Add($"{topic}: {(text.IsNull ? null : RedisJson.ReadAdvertisement(TestChannel.Named($"agent.alice.{topic}"), text).Description)} "
                + $"{(await _database.Keys.KeyExistsAsync($"locked:alice:{topic}") ? "locked" : "open")}");
        }

        return string.Join(", ", listed);
    }

    private static async Task<string> ListAsync(RedisStateStore store)
    {
        var advertised = (await store.FindAdvertisementsAsync(new AdvertisementQuery(0, 100))).Items.ToDictionary(item => item.Channel.Topic.ToString(), item => item.Description);
        var locked = await store.GetLockedTopicsAsync("alice");
        return string.Join(", ", Topics.Select(topic => $"{topic}: {advertised.GetValueOrDefault(topic)} {(locked.Contains(topic) ? "locked" : "open")}"));
    }
}
