using System.Diagnostics;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;

namespace ClawEvents.Broker.Hub;

/// <summary>The push of a publication that is traced. A class of its own, so that the others are not larger for it.</summary>
/// <param name="fanOut">The span of its fan-out.</param>
internal sealed class TracedPush(ChannelName channel, in DeliveredPublication publication, Activity fanOut) : ChannelPush(channel, publication)
{
    public Activity FanOut { get; } = fanOut;
}
