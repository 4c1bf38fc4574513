using BenchmarkDotNet.Attributes;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Benchmarks.Engine;

/// <summary>What history adds to a publication: engine, encoding and fan-out, without queues and sockets, which are the larger part of a delivery.</summary>
[MemoryDiagnoser]
public class MemoryChannelEngineBenchmarks : IDisposable
{
    private readonly byte[] _payload = new byte[100];
    private readonly ChannelName _channel = BenchmarkChannels.Townsquare;
    private readonly HubShard _shard = new();
    private readonly MemoryChannelEngine _engine;

    public MemoryChannelEngineBenchmarks()
    {
        _engine = new(new ShardReceiver(_shard), TimeProvider.System);
        _payload.AsSpan().Fill((byte)'1');
    }

    [Params(1, 100, 1_000)]
    public int Subscribers { get; set; }

    [GlobalSetup]
    public void Subscribe()
    {
        for (var i = 0; i < Subscribers; i++)
        {
            _shard.Add(new Subscription(new CountingSubscriber(), _channel));
        }
    }

    [Benchmark(Baseline = true)]
    public ulong WithoutHistory() => Publish(default);

    [Benchmark]
    public ulong WithHistoryOf100() => Publish(new(100, TimeSpan.FromMinutes(5), TimeSpan.FromDays(30)));

    public void Dispose()
    {
        _engine.Dispose();
        GC.SuppressFinalize(this);
    }

    private ulong Publish(HistoryOptions history)
    {
        var publishing = _engine.PublishAsync(_channel, new() { Data = _payload, History = history });
        return publishing.IsCompletedSuccessfully ? publishing.Result.Position.Offset : throw new InvalidOperationException();
    }

    private sealed class ShardReceiver(HubShard shard) : IChannelReceiver
    {
        public void Deliver(ChannelName channel, in DeliveredPublication publication)
        {
            var frame = FrameWriter.Begin();
            PushWriter.WritePublication(frame, channel, new() { Data = publication.Data.Span });
            shard.FanOut(channel, frame.Complete(Opcode.Text).ToArray());
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
