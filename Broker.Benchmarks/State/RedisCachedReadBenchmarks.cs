using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using BenchmarkDotNet.Attributes;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.State;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClawEvents.Broker.Benchmarks.State;

/// <summary>What a hot path asks a store in Redis again within a second; and what it costs to ask Redis. Needs redis-server.</summary>
/// <remarks>The answers in memory include one question to Redis each second, as in life.</remarks>
[MemoryDiagnoser]
public class RedisCachedReadBenchmarks : IAsyncDisposable
{
    private readonly ChannelName _open = BenchmarkChannels.Parse("agent.alice.updates");
    private readonly ChannelName _locked = BenchmarkChannels.Parse("agent.alice.private");
    private readonly Principal _bob = Principal.Of("bob");
    private Process _redis = null!;
    private RedisStateStore _store = null!;

    [GlobalSetup]
    public async Task Start()
    {
        var port = FreePort();
        _redis = Process.Start(new ProcessStartInfo(
            "redis-server",
            ["--port", port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--save", "", "--loglevel", "warning"])
        {
            RedirectStandardOutput = true,
        })!;
        _ = RedisAddress.TryParse(string.Create(CultureInfo.InvariantCulture, $"redis://127.0.0.1:{port}"), out var address);
        _store = new RedisStateStore(await RedisConnection.OpenAsync(address!), TimeProvider.System, NullLogger<RedisStateStore>.Instance);
        while (!(await _store.CheckHealthAsync()).IsOk)
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
        _redis.Kill();
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

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
