using BenchmarkDotNet.Attributes;
using ClawEvents.Broker.Benchmarks.Transport;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Transport;

namespace ClawEvents.Broker.Benchmarks.Hub;

/// <summary>What a reactor does with pushes that came together, apart from the sockets: they are laid end to end once, and each subscriber takes them.</summary>
/// <remarks>The pushes are encoded beforehand: <see cref="HubShardFanOutBenchmarks"/> has that.</remarks>
[MemoryDiagnoser]
public class ReactorPartBenchmarks
{
    private readonly ChannelName _channel = BenchmarkChannels.Townsquare;
    private readonly List<ChannelPush> _pushes = [];
    private ReactorPool _pool = null!;
    private ReactorPart _part = null!;

    [Params(1, 1_000)]
    public int Subscribers { get; set; }

    [Params(1, 64)]
    public int Pushes { get; set; }

    [GlobalSetup]
    public void Subscribe()
    {
        _pool = BenchmarkReactors.Create(1);
        _part = new ReactorPart(_pool.Start()[0]);
        for (var i = 0; i < Subscribers; i++)
        {
            _part.Subscribers.Add(new Subscription(new UncountedSubscriber(), _channel) { State = SubscriptionState.Active });
        }

        var data = new byte[100];
        data.AsSpan().Fill((byte)'1');
        for (uint i = 1; i <= Pushes; i++)
        {
            _pushes.Add(new(_channel, new() { Position = Engine.PublishResult.NoPosition, Publication = new(data) }) { Number = i });
        }
    }

    [GlobalCleanup]
    public void Stop() => _pool.Dispose();

    [Benchmark]
    public void Flush()
    {
        foreach (var push in _pushes)
        {
            _part.Add(push);
        }

        _part.Flush();
    }
}
