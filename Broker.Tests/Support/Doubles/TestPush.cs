using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Tests.Support.Doubles;

/// <summary>Publications as an engine delivers them, for tests of the hub.</summary>
internal static class TestPush
{
    public const string Epoch = "epoch";

    /// <summary>The push for a channel's subscribers, without a frame around it.</summary>
    public static string Text(string channel, string data) => $"{{\"push\":{{\"channel\":\"{channel}\",\"pub\":{{\"data\":{data}}}}}}}";

    /// <param name="data">JSON.</param>
    /// <param name="offset">0: without history.</param>
    /// <param name="previous">The publication before it, for deltas.</param>
    public static DeliveredPublication Publication(string data, ulong offset = 0, string previous = "") => new()
    {
        Position = new(offset, offset == 0 ? "" : Epoch),
        Publication = new(data.Utf8()),
        Previous = previous.Utf8(),
    };

    public static int Publish(this HubShard shard, ChannelName channel, string data = "1")
    {
        var push = new ChannelPush(channel, Publication(data));
        return shard.FanOut(channel, push);
    }

    public static int Publish(this ChannelSubscribers subscribers, ChannelName channel, string data = "1")
    {
        var push = new ChannelPush(channel, Publication(data));
        return subscribers.FanOut(push);
    }

    /// <summary>Delivers one publication, and returns its frame.</summary>
    public static DeliveryStep Deliver(this OutboundQueue queue, Subscription subscription, in DeliveredPublication publication, out byte[] frame)
    {
        var push = new ChannelPush(subscription.Channel, publication);
        var step = queue.TryDeliver(subscription, push);
        frame = push.FrameFor(Wire.WebSocketJson.Index, PublicationForm.Plain);
        return step;
    }

    public static DeliveryStep Deliver(this OutboundQueue queue, Subscription subscription, string data = "1") =>
        queue.Deliver(subscription, Publication(data), out _);
}
