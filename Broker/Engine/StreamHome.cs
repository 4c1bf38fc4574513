using ClawEvents.Broker.Clock;

namespace ClawEvents.Broker.Engine;

/// <summary>Settings and memory shared by all streams of an engine.</summary>
internal sealed class StreamHome(IChannelReceiver receiver, TimeProvider time, TimerWheel wheel, EngineMemory memory)
{
    private readonly long _start = time.GetTimestamp();

    public IChannelReceiver Receiver { get; } = receiver;

    public TimerWheel Wheel { get; } = wheel;

    public EngineMemory Memory { get; } = memory;

    public ChannelTable<ChannelStream> Streams { get; } = new();

    /// <summary>Since the engine began. Not the wall clock: setting that makes nothing expire.</summary>
    public TimeSpan Elapsed => time.GetElapsedTime(_start);
}
