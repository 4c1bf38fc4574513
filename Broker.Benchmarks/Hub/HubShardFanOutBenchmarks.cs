using BenchmarkDotNet.Attributes;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Hub;

namespace ClawEvents.Broker.Benchmarks.Hub;

/// <summary>The cost of a delivery inside the hub: the publication is encoded once, and the queue of each subscriber is a sum, so no pipe and no socket.</summary>
[MemoryDiagnoser]
public class HubShardFanOutBenchmarks
{
    private readonly HubShard _shard = new();
    private readonly byte[] _data = new byte[100];
    private readonly ChannelName _channel = BenchmarkChannels.Townsquare;

    [Params(1, 100, 10_000)]
    public int Subscribers { get; set; }

    [GlobalSetup]
    public void Subscribe()
    {
        _data.AsSpan().Fill((byte)'1');
        for (var i = 0; i < Subscribers; i++)
        {
            _shard.Add(new Subscription(new UncountedSubscriber(), _channel) { State = SubscriptionState.Active });
        }
    }

    [Benchmark]
    public int FanOut()
    {
        var push = new ChannelPush(_channel, new() { Position = PublishResult.NoPosition, Publication = new(_data) });
        return _shard.FanOut(_channel, push);
    }
}
