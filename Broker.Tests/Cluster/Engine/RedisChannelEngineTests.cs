using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Maps;
using ClawEvents.Broker.Tests.Engine;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Cluster.Engine;

[TestFixture(RedisLayout.OneServer)]
[TestFixture(RedisLayout.TwoServers)]
[TestFixture(RedisLayout.Cluster)]
internal sealed class RedisChannelEngineTests(RedisLayout layout) : ChannelEngineContract, IAsyncDisposable
{
    private readonly EngineOnRedis _redis = new(layout);

    public ValueTask DisposeAsync() => _redis.DisposeAsync();

    private protected override IChannelEngine Create(IChannelReceiver receiver) => _redis.Start(receiver, "public.history", "public.other");

    private protected override Task AdvanceAsync(TimeSpan by) => _redis.AgeAsync(by);
}

[TestFixture(RedisLayout.OneServer)]
[TestFixture(RedisLayout.TwoServers)]
[TestFixture(RedisLayout.Cluster)]
internal sealed class RedisChannelEngineOnceTests(RedisLayout layout) : ChannelEngineOnceContract, IAsyncDisposable
{
    private readonly EngineOnRedis _redis = new(layout);

    public ValueTask DisposeAsync() => _redis.DisposeAsync();

    private protected override IChannelEngine Create(IChannelReceiver receiver) => _redis.Start(receiver, "public.history", "public.other");

    private protected override Task AdvanceAsync(TimeSpan by) => _redis.AgeAsync(by);
}

[TestFixture(RedisLayout.OneServer)]
[TestFixture(RedisLayout.TwoServers)]
[TestFixture(RedisLayout.Cluster)]
internal sealed class RedisChannelEnginePresenceTests(RedisLayout layout) : ChannelEnginePresenceContract, IAsyncDisposable
{
    private readonly EngineOnRedis _redis = new(layout);

    public ValueTask DisposeAsync() => _redis.DisposeAsync();

    private protected override IChannelEngine Create(IChannelReceiver receiver) => _redis.Start(receiver, "public.room", "public.other");

    private protected override Task AdvanceAsync(TimeSpan by) => _redis.AgeAsync(by);
}

/// <summary>An engine on a Redis of its own, in which time passes by hand.</summary>
internal sealed class EngineOnRedis(RedisLayout layout) : IAsyncDisposable
{
    // ARGV: milliseconds by which every expiry comes nearer.
    private const string Age = """
        for _, key in ipairs(redis.call('KEYS', '*')) do
          local life = redis.call('PTTL', key)
          if life >= 0 and life <= tonumber(ARGV[1]) then
            redis.call('DEL', key)
          elseif life >= 0 then
            redis.call('PEXPIRE', key, life - ARGV[1])
          end
          if key:find('ends:', 1, true) then
            for _, member in ipairs(redis.call('ZRANGE', key, 0, -1)) do redis.call('ZINCRBY', key, -ARGV[1], member) end
          end
        end
        """;

    private readonly RedisPlace _place = new(layout);
    private RunningNode? _node;

    /// <param name="channels">The channels that it listens to.</param>
    public IChannelEngine Start(IChannelReceiver receiver, params string[] channels) => StartNode(receiver, channels).Engine;

    /// <inheritdoc cref="Start"/>
    public IMapEngine StartMaps(IChannelReceiver receiver, params string[] channels)
    {
        var node = StartNode(receiver, channels);
        node.StartExpiry();
        return node.Maps;
    }

    public Task AgeAsync(TimeSpan by) =>
        _place.AskAllAsync("EVAL", Age, "0", ((long)by.TotalMilliseconds).ToString(System.Globalization.CultureInfo.InvariantCulture));

    private RunningNode StartNode(IChannelReceiver receiver, string[] channels)
    {
        _node = _place.StartNode(receiver);
        Task.WhenAll(channels.Select(channel => _node.Bus.SubscribeAsync(TestChannel.Named(channel)).AsTask())).GetAwaiter().GetResult();
        return _node;
    }

    public async ValueTask DisposeAsync()
    {
        await (_node?.DisposeAsync() ?? ValueTask.CompletedTask);
        await _place.DisposeAsync();
    }
}
