using System.Globalization;
using BenchmarkDotNet.Attributes;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Maps;

namespace ClawEvents.Broker.Benchmarks.Maps;

/// <summary>Changes of a map in the embedded engine, without subscribers.</summary>
[MemoryDiagnoser]
public class MemoryMapEngineBenchmarks : IDisposable
{
    private const int PayloadBytes = 200;

    private static readonly MapOptions Kept = new() { Mode = MapMode.Persistent, StreamSize = 1000, StreamTtl = TimeSpan.FromHours(1) };
    private static readonly MapOptions Expiring = new() { KeyTtl = TimeSpan.FromHours(1), MetaTtl = TimeSpan.FromHours(2) };

    private readonly MemoryMapEngine _engine = new(new Nobody(), new(), TimeProvider.System);
    private readonly ChannelName _kept = BenchmarkChannels.Parse("public.kept");
    private readonly ChannelName _expiring = BenchmarkChannels.Parse("public.expiring");
    private readonly ReadOnlyMemory<byte> _data = Enumerable.Repeat((byte)'1', PayloadBytes).ToArray();
    private string[] _keys = [];
    private int _next;

    /// <summary>The keys that the map has.</summary>
    [Params(10, 10_000)]
    public int Keys { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        _keys = [.. Enumerable.Range(0, Keys).Select(i => string.Create(CultureInfo.InvariantCulture, $"key-{i}"))];
        foreach (var _ in _keys)
        {
            ChangeWithStream();
            ChangeThatExpires();
        }
    }

    /// <summary>Another value for a key that is there: it is kept, and so is the change.</summary>
    [Benchmark]
    public ulong ChangeWithStream() => Publish(_kept, Kept, default).Position.Offset;

    /// <summary>The same where keys expire and changes are not kept.</summary>
    [Benchmark]
    public ulong ChangeThatExpires() => Publish(_expiring, Expiring, default).Position.Offset;

    /// <summary>A change that a condition refuses.</summary>
    [Benchmark]
    public bool RefusedChange() => Publish(_kept, Kept, KeyMode.IfNew).Outcome is MapOutcome.KeyExists;

    public void Dispose()
    {
        _engine.Dispose();
        GC.SuppressFinalize(this);
    }

    private MapResult Publish(ChannelName channel, MapOptions options, KeyMode mode)
    {
        _next = (_next + 1) % _keys.Length;
        return _engine.PublishAsync(channel, options, new() { Key = _keys[_next], Publication = new(_data), KeyMode = mode }).AsTask().Result;
    }

    private sealed class Nobody : IChannelReceiver
    {
        public void Deliver(ChannelName channel, in DeliveredPublication publication)
        {
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
}
