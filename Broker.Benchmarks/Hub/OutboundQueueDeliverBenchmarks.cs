using System.IO.Pipelines;
using BenchmarkDotNet.Attributes;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Hub;

namespace ClawEvents.Broker.Benchmarks.Hub;

/// <summary>The part that the hub's benchmark leaves out: a push into the pipe of a connection whose far end keeps up, and its reader's share.</summary>
[MemoryDiagnoser]
public class OutboundQueueDeliverBenchmarks
{
    private const int FramesPerRead = 64;

    private readonly Pipe _pipe = new(new PipeOptions(useSynchronizationContext: false));
    private readonly byte[] _data = new byte[100];
    private OutboundQueue _queue = null!;
    private Subscription _subscription = null!;

    [GlobalSetup]
    public void Activate()
    {
        _queue = new PipeOutbound(_pipe.Writer, 1024 * 1024);
        _data.AsSpan().Fill((byte)'1');
        _subscription = new Subscription(new UncountedSubscriber(), BenchmarkChannels.Townsquare);
        _queue.TryMove(_subscription, SubscriptionState.Pending, SubscriptionState.Active, "reply"u8);
    }

    [Benchmark(OperationsPerInvoke = FramesPerRead)]
    public void TryDeliver()
    {
        var push = new ChannelPush(_subscription.Channel, new() { Position = PublishResult.NoPosition, Publication = new(_data) });
        for (var i = 0; i < FramesPerRead; i++)
        {
            _queue.TryDeliver(_subscription, push);
        }

        _pipe.Reader.TryRead(out var read);
        _pipe.Reader.AdvanceTo(read.Buffer.End);
    }
}
