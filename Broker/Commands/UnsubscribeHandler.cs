using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Commands;

/// <summary>Ends a subscription at the client's wish; ending one that is not there is no error. docs/reference/protocol.md#unsubscribe</summary>
internal sealed class UnsubscribeHandler(ChannelNames channels)
{
    public ValueTask HandleAsync(ClientConnection connection, in Command command)
    {
        if (command.Channel.IsEmpty)
        {
            connection.Disconnect(DisconnectCode.BadRequest);
            return ValueTask.CompletedTask;
        }

        var reply = FrameWriter.Begin();
        connection.Codec.WriteUnsubscribed(reply, command.Id);
        if (channels.TryGet(command.Channel.Span, out var channel))
        {
            return connection.Subscriptions.LeaveAsync(channel, connection.Complete(reply));
        }

        connection.Send(reply);
        return ValueTask.CompletedTask;
    }
}
