using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Schemas;

namespace ClawEvents.Broker.Commands;

/// <summary>Publishes over the connection, under the rules that hold at every door. docs/reference/protocol.md#publish</summary>
/// <remarks>Hot path: no allocation besides the frame all subscribers share.</remarks>
internal sealed class PublishHandler(ChannelNames channels, ChannelPublisher publisher)
{
    public async ValueTask HandleAsync(ClientConnection connection, Command command)
    {
        if (command.Channel.IsEmpty)
        {
            connection.Disconnect(DisconnectCode.BadRequest);
        }
        else if (command.Data is not { } data)
        {
            connection.SendError(command.Id, ErrorCode.BadRequest.Because("bad request: data is missing (null is data, too)"));
        }
        else if (!channels.TryGet(command.Channel.Span, out var channel))
        {
            connection.SendError(command.Id, ErrorCode.BadRequest.Because(channels.Rule));
        }
        else
        {
            var publish = new PublishRequest(connection.Principal, channel, data) { Connection = connection };
            Answer(connection, command.Id, await publisher.PublishAsync(publish));
        }
    }

    private void Answer(ClientConnection connection, uint id, PublishOutcome outcome)
    {
        if (outcome.Status is PublishStatus.Published)
        {
            var frame = FrameWriter.Begin();
            ReplyWriter.WritePublished(frame, id);
            connection.Send(frame.Complete(Opcode.Text));
            return;
        }

        connection.SendError(id, outcome.Status switch
        {
            PublishStatus.RateLimited => ErrorCode.TooManyRequests.Because(publisher.RateRule),
            PublishStatus.TooLarge => ErrorCode.BadRequest.Because(publisher.SizeRule),
            PublishStatus.UnknownChannel => ErrorCode.UnknownChannel,
            PublishStatus.SchemaMismatch => ErrorCode.BadRequest.Because(Describe(outcome.Mismatches![0])),
            PublishStatus.NotPermitted => ErrorCode.PermissionDenied,
            PublishStatus.BadName => ErrorCode.BadRequest.Because("bad request: the namespace wants another name (channel_regex)"),
            PublishStatus.BadFormat => ErrorCode.BadRequest.Because("bad request: the namespace wants a JSON object (publication_data_format)"),
            _ => ErrorCode.Forbidden,
        });
    }

    // Names and values of strangers are in it: an error's message is plain ASCII without quotes.
    private static string Describe(SchemaError mismatch)
    {
        var text = mismatch.ToString();
        return string.Create(text.Length, text, static (plain, text) =>
        {
            for (var i = 0; i < text.Length; i++)
            {
                plain[i] = text[i] is < ' ' or > '~' or '"' or '\\' ? '?' : text[i];
            }
        });
    }
}
