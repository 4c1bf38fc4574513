using System.Collections.Concurrent;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Redis;
using ClawEvents.Broker.State;
using ClawEvents.Broker.State.Redis;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace ClawEvents.Broker.Tests.Cluster.Bus;

/// <summary>Changed keys that a node hears of, and its knowledge of gaps, by both versions of Redis's protocol.</summary>
[TestFixture("3")]
[TestFixture("2")]
internal sealed class RedisChangeFeedTests(string version) : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _heard = new();
    private readonly ChannelName _channel = TestChannel.Named("agent.owner.topic");
    private readonly Principal _bob = Principal.Of("bob");
    private RunningRedis _redis = null!;
    private ConnectionMultiplexer _operator = null!;
    private RunningNode _node = null!;

    [SetUp]
    public async Task Start()
    {
        _redis = await RunningRedis.StartAsync();
        _operator = await _redis.ConnectAsync();
        _node = new RunningNode(TestRedis.Address($"{_redis.Url()}?force_resp2={(version == "2" ? "true" : "false")}"));
        _node.Feed.Changed += _heard.Enqueue;
        await AwaitContinuityAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        _operator.Dispose();
        await _redis.DisposeAsync();
    }

    private IDatabase Keys => _operator.GetDatabase();

    [Test]
    public async Task Any_change_of_a_key_of_the_store_is_reported_and_other_keys_are_not()
    {
        await Keys.StringSetAsync("app:shop", "{}");
        await Keys.StringSetAsync("locked:a:b", "1", TimeSpan.FromMilliseconds(20));
        await Keys.SetAddAsync("clawevents:perm:agent.a:b.c", "bob");
        await Keys.ScriptEvaluateAsync("redis.call('SET', KEYS[1], '1') redis.call('DEL', KEYS[1])", ["apikey:bob"]);
        await Keys.StringSetAsync("clawevents:advertised:version", 7);

        // Its expiry is heard as well.
        await Eventually.IsTrueAsync(async () => await Keys.StringGetAsync("locked:a:b") == RedisValue.Null && _heard.Count(key => key == "locked:a:b") >= 2);
        Assert.That(
            _heard.Distinct(), Is.EquivalentTo(new[] { "locked:a:b", "clawevents:perm:agent.a:b.c", "apikey:bob", "clawevents:advertised:version" }));
    }

    [Test]
    public async Task Every_connection_of_the_node_speaks_the_version_of_the_settings()
    {
        await Keys.StringSetAsync("locked:a:b", "1");
        await Eventually.IsTrueAsync(() => _heard.Contains("locked:a:b"));

        var clients = (await _redis.AskAsync("CLIENT", "LIST")).ToString().Split('\n').Where(line => line.Contains(" name=clawevents-broker ", StringComparison.Ordinal)).ToArray();

        Assert.That(clients, Has.Length.GreaterThanOrEqualTo(2).And.All.Contains($" resp={version}"));
    }

    [Test]
    public async Task A_lost_connection_and_an_emptied_database_break_continuity()
    {
        var numbers = new List<long> { await AwaitContinuityAsync() };
        numbers.Add(await AwaitContinuityAsync());
        await Keys.ExecuteAsync("CLIENT", "KILL", "TYPE", "pubsub");
        numbers.Add(await AwaitContinuityAsync(not: numbers[^1]));
        await Keys.ExecuteAsync("FLUSHDB");
        numbers.Add(await AwaitContinuityAsync(not: numbers[^1]));
        await _redis.KillAsync();
        await Eventually.IsTrueAsync(() => _node.Feed.Continuity == 0);
        await _redis.StartAgainAsync();
        numbers.Add(await AwaitContinuityAsync(not: numbers[^1]));

        Assert.That(numbers[1], Is.EqualTo(numbers[0]));
        Assert.That(numbers.Skip(1), Is.Unique);
    }

    [Test]
    public async Task While_Redis_is_silent_there_is_no_continuity()
    {
        await _redis.StopAsync();
        var took = await Eventually.IsTrueAsync(() => _node.Feed.Continuity == 0);
        await _redis.ContinueAsync();
        await AwaitContinuityAsync();

        // A second, plus some time for a busy machine.
        Assert.That(took, Is.LessThan(TimeSpan.FromSeconds(5)));
    }

    [Test]
    public async Task Changes_during_an_interruption_are_noticed_when_it_ends()
    {
        await using var store = new RedisStateStore(
            await RedisConnection.OpenAsync(_redis.Address()), _node.Feed, TimeProvider.System, NullLogger<RedisStateStore>.Instance);
        for (var round = 0; round < 20; round++)
        {
            var isLocked = round % 2 == 0;
            await store.GetAccessAsync(_channel, _bob);

            // In one go, so that nothing comes between the loss and the change.
            var batch = Keys.CreateBatch();
            var kill = batch.ExecuteAsync("CLIENT", "KILL", "TYPE", "pubsub");
            var change = isLocked ? (Task)batch.StringSetAsync("locked:owner:topic", "1") : batch.KeyDeleteAsync("locked:owner:topic");
            batch.Execute();
            await Task.WhenAll(kill, change);

            var expected = isLocked ? ChannelAccess.Locked : ChannelAccess.Open;
            await Eventually.IsTrueAsync(async () => await store.GetAccessAsync(_channel, _bob) == expected, $"round {round}: never {expected}");
            await AwaitContinuityAsync();
            Assert.That(await store.GetAccessAsync(_channel, _bob), Is.EqualTo(expected));
        }
    }

    private Task<long> AwaitContinuityAsync(long not = 0) =>
        Eventually.GetAsync(() => Task.FromResult(_node.Feed.Continuity), continuity => continuity != 0 && continuity != not, "continuity");
}
