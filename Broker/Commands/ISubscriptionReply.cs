using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Commands;

/// <summary>The reply or push with which a subscription begins. A struct, so that a subscribe allocates nothing for it.</summary>
internal interface ISubscriptionReply
{
    /// <returns>False when the client's encoding cannot hold it.</returns>
    bool TryWrite(FrameWriter message, MessageCodec codec, in SubscribeResult result);
}
