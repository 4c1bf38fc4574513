using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Maps;
using ClawEvents.Broker.Tests.Cluster.Engine;
using ClawEvents.Broker.Tests.Maps;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Cluster.Maps;

[TestFixture(RedisLayout.OneServer)]
[TestFixture(RedisLayout.TwoServers)]
[TestFixture(RedisLayout.Cluster)]
internal sealed class RedisMapEngineTests(RedisLayout layout) : MapEngineContract, IAsyncDisposable
{
    private readonly EngineOnRedis _redis = new(layout);

    public ValueTask DisposeAsync() => _redis.DisposeAsync();

    private protected override IMapEngine Create(IChannelReceiver receiver) => _redis.StartMaps(receiver, "map:one", "map:two");

    private protected override Task AdvanceAsync(TimeSpan by) => _redis.AgeAsync(by);
}

[TestFixture(RedisLayout.OneServer)]
[TestFixture(RedisLayout.TwoServers)]
[TestFixture(RedisLayout.Cluster)]
internal sealed class RedisMapEnginePagesTests(RedisLayout layout) : MapEnginePagesContract, IAsyncDisposable
{
    private readonly EngineOnRedis _redis = new(layout);

    public ValueTask DisposeAsync() => _redis.DisposeAsync();

    private protected override IMapEngine Create(IChannelReceiver receiver) => _redis.StartMaps(receiver, "map:one", "map:two");

    private protected override Task AdvanceAsync(TimeSpan by) => _redis.AgeAsync(by);
}

[TestFixture(RedisLayout.OneServer)]
[TestFixture(RedisLayout.TwoServers)]
[TestFixture(RedisLayout.Cluster)]
internal sealed class RedisMapEngineTimeTests(RedisLayout layout) : MapEngineTimeContract, IAsyncDisposable
{
    private readonly EngineOnRedis _redis = new(layout);

    public ValueTask DisposeAsync() => _redis.DisposeAsync();

    private protected override IMapEngine Create(IChannelReceiver receiver) => _redis.StartMaps(receiver, "map:one", "map:two");

    private protected override Task AdvanceAsync(TimeSpan by) => _redis.AgeAsync(by);
}

[TestFixture(RedisLayout.OneServer)]
[TestFixture(RedisLayout.Cluster)]
internal sealed class RedisMapEngineModelTests(RedisLayout layout) : MapEngineModelContract, IAsyncDisposable
{
    private readonly EngineOnRedis _redis = new(layout);

    public ValueTask DisposeAsync() => _redis.DisposeAsync();

    private protected override IMapEngine Create(IChannelReceiver receiver) => _redis.StartMaps(receiver, "map:one", "map:two");

    private protected override Task AdvanceAsync(TimeSpan by) => _redis.AgeAsync(by);
}
