using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Commands;

/// <summary>The reply to a subscribe.</summary>
internal readonly struct SubscribeReply(uint id) : ISubscriptionReply
{
    /// <inheritdoc/>
    public bool TryWrite(FrameWriter message, MessageCodec codec, in SubscribeResult result) => codec.TryWriteSubscribed(message, id, result);
}
