using BenchmarkDotNet.Attributes;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Cluster.Bus;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Redis;
using ClawEvents.Broker.State;
using ClawEvents.Broker.State.Redis;
using ClawEvents.Broker.Telemetry;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClawEvents.Broker.Benchmarks.State.Redis;

/// <summary>Reads of a hot path from a store in Redis while nothing has changed, and the cost of asking Redis. Needs redis-server.</summary>
/// <remarks>Changes are heard over a bus's connection, as in life.</remarks>
[MemoryDiagnoser]
public class RedisCachedReadBenchmarks : IAsyncDisposable
{
    private readonly ChannelName _open = BenchmarkChannels.Parse("agent.alice.updates");
    private readonly ChannelName _locked = BenchmarkChannels.Parse("agent.alice.private");
    private readonly Principal _bob = Principal.Of("bob");
    private BenchmarkRedis _redis = null!;
    private BrokerMetrics _metrics = null!;
    private RedisNodeBus _bus = null!;
    private RedisStateStore _store = null!;

    [GlobalSetup]
    public async Task Start()
    {
        _redis = new BenchmarkRedis();
        _ = RedisAddress.TryParse(_redis.Url, out var address);
        var feed = new RedisChangeFeed();
        _metrics = new BrokerMetrics();
        _bus = new RedisNodeBus(
            new(Guid.NewGuid(), [address!], RedisKeys.TrackedPrefixes(address!)),
            new ChannelHub(_metrics), new NoOrders(), feed, _metrics, TimeProvider.System, new(NullLogger<RedisOutages>.Instance), NullLogger<RedisNodeBus>.Instance);
        _store = new RedisStateStore(await RedisConnection.OpenAsync(address!), feed, TimeProvider.System, NullLogger<RedisStateStore>.Instance);
        while (!(await _store.CheckHealthAsync()).IsOk || feed.Continuity == 0)
        {
            // It is starting.
        }

        await _store.LockAsync(_locked);
        await _store.GrantAsync(_locked, _bob.Name);
        await _store.SetKeyHashAsync(_bob.Name, "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08");
        await _store.SetAdvertisementAsync(new(_open, "Updates", """{"type":"object"}""", 1));
    }

    [GlobalCleanup]
    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        await _bus.DisposeAsync();
        _metrics.Dispose();
        _redis.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark]
    public bool AccessToUnlocked() => Take(_store.GetAccessAsync(_open, _bob)) is ChannelAccess.Open;

    [Benchmark]
    public bool AccessToLockedWithGrant() => Take(_store.GetAccessAsync(_locked, _bob)) is ChannelAccess.Granted;

    [Benchmark]
    public bool KeyHash() => Take(_store.GetKeyHashAsync(_bob.Name)) is not null;

    [Benchmark]
    public bool AdvertisementOfChannel() => Take(_store.GetAdvertisementAsync(_open)) is not null;

    [Benchmark]
    public async Task<int> RateWindowAsksRedis() => (await _store.CountPublishAsync(_bob.Name)).Count;

    private static T Take<T>(ValueTask<T> answer) => answer.IsCompletedSuccessfully ? answer.Result : answer.AsTask().GetAwaiter().GetResult();

    private sealed class NoOrders : INodeOrders
    {
        public void OnMessage(Guid sender, NodeMessage message)
        {
        }

        public void OnInterruption()
        {
        }
    }
}
