using BenchmarkDotNet.Attributes;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Benchmarks.Hub;

/// <summary>What a delivery costs inside the hub: the queue of each subscriber is a counter, so no pipe and no socket.</summary>
[MemoryDiagnoser]
public class HubShardFanOutBenchmarks
{
    private readonly HubShard _shard = new();
    private readonly byte[] _frame = new byte[150];
    private readonly ChannelName _channel = BenchmarkChannels.Townsquare;

    [Params(1, 100, 10_000)]
    public int Subscribers { get; set; }

    [GlobalSetup]
    public void Subscribe()
    {
        for (var i = 0; i < Subscribers; i++)
        {
            _shard.Add(new Subscription(new CountingSubscriber(), _channel));
        }
    }

    [Benchmark]
    public int FanOut() => _shard.FanOut(_channel, _frame);

    private sealed class CountingSubscriber : ISubscriber
    {
        private long _received;

        public Principal Principal => Principal.Anonymous;

        public bool TryEnqueue(Subscription subscription, ReadOnlyMemory<byte> frame)
        {
            _received += frame.Length;
            return true;
        }

        public void EndSubscription(Subscription subscription, UnsubscribeCode code)
        {
        }

        public void Disconnect(DisconnectCode code)
        {
        }
    }
}
