using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Connections;

// What comes from the hub, on the thread of whoever publishes.
internal sealed partial class ClientConnection
{
    /// <inheritdoc/>
    public bool TryEnqueue(Subscription subscription, ref ChannelPush push)
    {
        var step = _outbound.TryDeliver(subscription, ref push);
        if (step > DeliveryStep.Full)
        {
            GiveUp(subscription, step);
        }

        return step is not DeliveryStep.Full;
    }

    /// <inheritdoc/>
    public void Interrupt(Subscription subscription, StreamPosition? top)
    {
        if (_outbound.Interrupt(subscription, top) is DeliveryStep.InsufficientState)
        {
            GiveUp(subscription, DeliveryStep.InsufficientState);
        }
    }

    // The channel's gates are held here: whatever asks the engine has to wait for another thread.
    private void GiveUp(Subscription subscription, DeliveryStep step)
    {
        if (step is DeliveryStep.Inappropriate)
        {
            Disconnect(DisconnectCode.InappropriateProtocol);
        }
        else if (subscription.IsServerSide)
        {
            // The client cannot recover one subscription that it has not made, but all of them when it connects again.
            Disconnect(DisconnectCode.InsufficientState);
        }
        else if (TryEnd(subscription, UnsubscribeCode.InsufficientState))
        {
            ThreadPool.UnsafeQueueUserWorkItem(static gone => gone.Connection._services.Attendance.Leave(gone.Connection, gone.Subscription), (Connection: this, Subscription: subscription), preferLocal: false);
        }
    }
}
