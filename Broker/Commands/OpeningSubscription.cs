using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Commands;

/// <summary>A subscription on its way: it has joined the hub, and its client has not been told yet.</summary>
internal sealed class OpeningSubscription(Subscription subscription)
{
    public Subscription Subscription { get; } = subscription;

    /// <summary>The content of the reply or push with which it begins.</summary>
    public SubscribeResult Result { get; set; }
}
