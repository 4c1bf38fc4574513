using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Commands;

/// <summary>Delivers what a source sends, to its subscription alone. docs/reference/proxies.md#streams</summary>
internal static class SourceDelivery
{
    /// <summary>Delivers until the source or the subscription ends, each of which ends the other.</summary>
    /// <param name="channel">That of the subscription, which has begun, or did not come to be: then the source is over at once.</param>
    public static async Task RunAsync(ClientConnection connection, ChannelName channel, ISubscriptionSource source)
    {
        using var owned = source;
        if (connection.Subscriptions.Find(channel) is not SourcedSubscription subscription || subscription.Source != source)
        {
            return;
        }

        var end = await source.ReadAsync(publication => Deliver(connection, subscription, publication));
        if (end is not SourceEnd.Disposed)
        {
            connection.Subscriptions.End(subscription, end is SourceEnd.Finished ? UnsubscribeCode.ServerUnsubscribe : UnsubscribeCode.InsufficientState);
        }
    }

    private static void Deliver(ClientConnection connection, SourcedSubscription subscription, in Publication publication)
    {
        var push = FrameWriter.Begin();
        if (connection.Codec.TryWritePublicationPush(push, subscription.Channel, new() { Publication = publication }))
        {
            connection.Subscriptions.Push(subscription, connection.Complete(push));
        }
        else
        {
            connection.Disconnect(DisconnectCode.InappropriateProtocol);
        }
    }
}
