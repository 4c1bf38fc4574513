using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Timers;

/// <summary>The unit of a timer, in the order in which the events of one second are published.</summary>
internal enum TimerKind : byte
{
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Monthly,
    Yearly,
}

/// <summary>One event of a system timer.</summary>
/// <param name="Kind">Determines the fields of the payload.</param>
internal readonly record struct TimerEvent(TimerKind Kind, ChannelName Channel);
