using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Transport;

namespace ClawEvents.Broker.Benchmarks;

/// <summary>A subscriber whose queue is a sum: what is left is the hub's own cost.</summary>
internal sealed class UncountedSubscriber : ISubscriber
{
    private long _received;

    public Principal Principal => Principal.Anonymous;

    public Wire Wire { get; init; } = Wire.WebSocketJson;

    public Reactor? Reactor { get; init; }

    public bool TryEnqueue(Subscription subscription, PushBatch batch)
    {
        if (subscription.TakesAll(batch) && batch.FramesFor(subscription.Wire) is { } frames)
        {
            _received += frames.Bytes.Length;
        }

        return true;
    }

    public bool TryEnqueue(Subscription subscription, ChannelPush push)
    {
        if (subscription.PickFrame(push, out var frame) is DeliveryStep.Send)
        {
            _received += frame!.Length;
        }

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
