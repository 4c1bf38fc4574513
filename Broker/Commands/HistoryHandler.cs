using System.Text;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Commands;

/// <summary>Tells what was published. docs/reference/protocol.md#history</summary>
internal sealed class HistoryHandler(ChannelNames channels, ChannelNamespaces namespaces, ChannelPermissions permissions, IChannelEngine engine)
    : ReadHandler(channels, namespaces)
{
    protected override bool IsOn(ChannelOptions options) => options.KeepsHistory;

    protected override ValueTask<AccessDecision> MayReadAsync(ClientConnection connection, ChannelName channel) =>
        permissions.CanReadHistoryAsync(connection.Principal, channel, connection.Subscriptions.Contains(channel));

    protected override async ValueTask AnswerAsync(ClientConnection connection, Command command, ChannelName channel, ChannelOptions options)
    {
        var since = command.HasSince ? new StreamPosition(command.Offset, Encoding.UTF8.GetString(command.Epoch.Span)) : default(StreamPosition?);
        var filter = new HistoryFilter(command.Limit, since, command.Reverse).ForClient();
        var page = await engine.ReadHistoryAsync(channel, filter, options.HistoryMetaTtl);
        if (HistoryRules.Refuse(filter, page.Top) is { } error)
        {
            connection.SendError(command.Id, error);
            return;
        }

        var reply = FrameWriter.Begin();
        connection.Send(reply, connection.Codec.TryWriteHistory(reply, command.Id, page.Publications, page.Top));
    }
}
