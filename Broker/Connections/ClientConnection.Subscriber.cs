using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Transport;

namespace ClawEvents.Broker.Connections;

// The connection as the hub sees it. Called on its reactor's thread, or on that of the publisher, which may hold the channel's gates.
internal sealed partial class ClientConnection
{
    /// <inheritdoc/>
    public Reactor? Reactor => Outbound.Reactor;

    /// <inheritdoc/>
    public bool TryEnqueue(Subscription subscription, ChannelPush push) => IsNotFull(subscription, Outbound.TryDeliver(subscription, push));

    /// <inheritdoc/>
    public bool TryEnqueue(Subscription subscription, PushBatch batch) => IsNotFull(subscription, Outbound.TryDeliver(subscription, batch));

    /// <inheritdoc/>
    public void Prefetch() => Outbound.Prefetch();

    private bool IsNotFull(Subscription subscription, DeliveryStep step)
    {
        if (step > DeliveryStep.Full)
        {
            OnUndeliverable(subscription, step);
        }

        return step is not DeliveryStep.Full;
    }

    /// <inheritdoc/>
    public void Interrupt(Subscription subscription, StreamPosition? top)
    {
        if (Outbound.Interrupt(subscription, top) is DeliveryStep.InsufficientState)
        {
            Subscriptions.EndAfterLoss(subscription);
        }
    }

    /// <inheritdoc/>
    public void EndSubscription(Subscription subscription, UnsubscribeCode code) => Subscriptions.End(subscription, code);

    private void OnUndeliverable(Subscription subscription, DeliveryStep step)
    {
        if (step is DeliveryStep.Inappropriate)
        {
            Disconnect(DisconnectCode.InappropriateProtocol);
        }
        else
        {
            Subscriptions.EndAfterLoss(subscription);
        }
    }
}
