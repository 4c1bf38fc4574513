using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Protocol.Commands;

namespace ClawEvents.Broker.Commands;

/// <summary>Ends a subscription when its client asks for it; ending one that does not exist is not an error. docs/reference/protocol.md#unsubscribe</summary>
internal sealed class UnsubscribeHandler(ChannelNames channels)
{
    public async ValueTask HandleAsync(ClientConnection connection, uint id, UnsubscribeCommand command)
    {
        if (command.Channel.IsEmpty)
        {
            connection.Disconnect(DisconnectCode.BadRequest);
            return;
        }

        var reply = FrameWriter.Begin();
        connection.Codec.WriteUnsubscribed(reply, id);
        if (channels.TryGet(command.Channel.Span, out var channel))
        {
            await connection.Subscriptions.LeaveAsync(channel, connection.Complete(reply));
        }
        else
        {
            connection.Send(reply);
        }
    }
}
