using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Commands;

/// <summary>Ends a subscription at the client's wish; ending one that is not there is no error. docs/reference/protocol.md#unsubscribe</summary>
internal sealed class UnsubscribeHandler(ChannelNames channels)
{
    public void Handle(ClientConnection connection, in Command command)
    {
        if (command.Channel.IsEmpty)
        {
            connection.Disconnect(DisconnectCode.BadRequest);
            return;
        }

        var frame = FrameWriter.Begin();
        MessageCodec.Json.WriteUnsubscribed(frame, command.Id);
        var reply = frame.Complete(Opcode.Text);
        if (channels.TryGet(command.Channel.Span, out var channel))
        {
            connection.Leave(channel, reply);
        }
        else
        {
            connection.Send(reply);
        }
    }
}
