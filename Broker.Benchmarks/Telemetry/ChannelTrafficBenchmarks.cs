using System.Globalization;
using BenchmarkDotNet.Attributes;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Telemetry.Traffic;

namespace ClawEvents.Broker.Benchmarks.Telemetry;

/// <summary>What counting by channel adds to a publication that is delivered.</summary>
[MemoryDiagnoser]
public class ChannelTrafficBenchmarks : IDisposable
{
    private readonly ChannelTraffic _traffic = new(TimeProvider.System);
    private ChannelName[] _channels = [];
    private int _next;

    /// <summary>One, as many as are listed, and so many that every publication replaces a channel: the worst case.</summary>
    [Params(1, 1_000, 100_000)]
    public int Channels { get; set; }

    [GlobalSetup]
    public void MakeChannels() =>
        _channels = [.. Enumerable.Range(0, Channels).Select(number => BenchmarkChannels.Parse(string.Create(CultureInfo.InvariantCulture, $"public.{number}")))];

    [Benchmark]
    public void Publication()
    {
        var channel = _channels[_next];
        _next = _next + 1 == _channels.Length ? 0 : _next + 1;
        _traffic.Published(channel, 100);
        _traffic.Delivered(channel, 1);
    }

    public void Dispose()
    {
        _traffic.Dispose();
        GC.SuppressFinalize(this);
    }
}
