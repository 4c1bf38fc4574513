using System.IO.Pipelines;
using BenchmarkDotNet.Attributes;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Hub;

namespace ClawEvents.Broker.Benchmarks.Connections;

/// <summary>What the hub's benchmark leaves out: a push into the pipe of a connection whose far end keeps up, and its reader's share.</summary>
[MemoryDiagnoser]
public class OutboundQueueDeliverBenchmarks
{
    private const int FramesPerRead = 64;

    private readonly Pipe _pipe = new(new PipeOptions(useSynchronizationContext: false));
    private readonly byte[] _frame = new byte[150];
    private OutboundQueue _queue = null!;
    private Subscription _subscription = null!;

    [GlobalSetup]
    public void Activate()
    {
        _queue = new OutboundQueue(_pipe.Writer, 1024 * 1024);
        _subscription = new Subscription(null!, BenchmarkChannels.Townsquare);
        _queue.TryMove(_subscription, SubscriptionState.Pending, SubscriptionState.Active, _frame);
    }

    [Benchmark(OperationsPerInvoke = FramesPerRead)]
    public void TryDeliver()
    {
        for (var i = 0; i < FramesPerRead; i++)
        {
            _queue.TryDeliver(_subscription, _frame);
        }

        _pipe.Reader.TryRead(out var read);
        _pipe.Reader.AdvanceTo(read.Buffer.End);
    }
}
