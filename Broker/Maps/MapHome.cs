using ClawEvents.Broker.Clock;
using ClawEvents.Broker.Engine;

namespace ClawEvents.Broker.Maps;

/// <summary>What all maps of an engine in memory share.</summary>
internal sealed class MapHome(IChannelReceiver receiver, TimeProvider time, TimerWheel wheel, EngineMemory memory)
{
    private readonly long _start = time.GetTimestamp();

    public IChannelReceiver Receiver { get; } = receiver;

    public TimerWheel Wheel { get; } = wheel;

    public EngineMemory Memory { get; } = memory;

    public ChannelTable<MapChannel> Maps { get; } = new();

    /// <inheritdoc cref="StreamHome.Elapsed"/>
    public TimeSpan Elapsed => time.GetElapsedTime(_start);

    /// <summary>The wall clock, in milliseconds since 1970, for what clients see.</summary>
    public long Now => time.GetUtcNow().ToUnixTimeMilliseconds();
}
