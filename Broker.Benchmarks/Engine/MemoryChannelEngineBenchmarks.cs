using BenchmarkDotNet.Attributes;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Telemetry;

namespace ClawEvents.Broker.Benchmarks.Engine;

/// <summary>What history adds to a publication: engine, encoding and fan-out, without queues and sockets, which are the larger part of a delivery.</summary>
[MemoryDiagnoser]
public class MemoryChannelEngineBenchmarks : IDisposable
{
    private readonly byte[] _payload = new byte[100];
    private readonly ChannelName _channel = BenchmarkChannels.Townsquare;
    private readonly BrokerMetrics _metrics = new();
    private readonly ChannelHub _hub;
    private readonly MemoryChannelEngine _engine;

    public MemoryChannelEngineBenchmarks()
    {
        _hub = new ChannelHub(_metrics);
        _engine = new(_hub, TimeProvider.System);
        _payload.AsSpan().Fill((byte)'1');
    }

    [Params(1, 100, 1_000)]
    public int Subscribers { get; set; }

    [GlobalSetup]
    public void Subscribe()
    {
        for (var i = 0; i < Subscribers; i++)
        {
            _hub.Add(new Subscription(new UncountedSubscriber(), _channel) { State = SubscriptionState.Active });
        }
    }

    [Benchmark(Baseline = true)]
    public ulong WithoutHistory() => Publish(default);

    [Benchmark]
    public ulong WithHistoryOf100() => Publish(new(100, TimeSpan.FromMinutes(5), TimeSpan.FromDays(30)));

    public void Dispose()
    {
        _engine.Dispose();
        _metrics.Dispose();
        GC.SuppressFinalize(this);
    }

    private ulong Publish(HistoryOptions history)
    {
        var publishing = _engine.PublishAsync(_channel, new() { Data = _payload, History = history });
        return publishing.IsCompletedSuccessfully ? publishing.Result.Position.Offset : throw new InvalidOperationException();
    }
}
