using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Timers;

/// <summary>What a timer counts; in the order in which the events of one second are published.</summary>
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
/// <param name="Kind">Says which fields the payload has.</param>
/// <param name="Channel">Where it is published.</param>
internal readonly record struct TimerEvent(TimerKind Kind, ChannelName Channel);
