using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Tests.Support.Doubles;

/// <summary>A subscriber that runs an action whenever it gets a frame.</summary>
internal sealed class ActingSubscriber(Action act) : ISubscriber
{
    public Principal Principal => Principal.Anonymous;

    public Wire Wire => Wire.WebSocketJson;

    /// <remarks>Not in tests without a reactor.</remarks>
    public bool TryEnqueue(Subscription subscription, PushBatch batch) => throw new NotSupportedException();

    public bool TryEnqueue(Subscription subscription, ChannelPush push)
    {
        act();
        return true;
    }

    public void Interrupt(Subscription subscription, StreamPosition? top)
    {
    }

    public void EndSubscription(Subscription subscription, UnsubscribeCode code)
    {
    }

    public void Disconnect(DisconnectCode code)
    {
    }
}
