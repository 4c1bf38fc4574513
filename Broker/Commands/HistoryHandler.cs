using System.Text;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.Protocol.Commands;

namespace ClawEvents.Broker.Commands;

/// <summary>Answers with past publications of a channel. docs/reference/protocol.md#history</summary>
internal sealed class HistoryHandler(ChannelResolver channels, ChannelPermissions permissions, IChannelEngine engine)
    : ReadHandler(channels)
{
    public async ValueTask HandleAsync(ClientConnection connection, uint id, HistoryCommand command)
    {
        if (await FindAsync(connection, id, command.Channel) is not { } channel)
        {
            return;
        }

        var since = command.HasSince ? new StreamPosition(command.Offset, Encoding.UTF8.GetString(command.Epoch.Span)) : default(StreamPosition?);
        var filter = new HistoryFilter(command.Limit, since, command.Reverse).ForClient(connection.Services.Options.MaxHistoryPublications);
        var page = await engine.ReadHistoryAsync(channel.Name, filter, channel.OptionsOrNone.HistoryMetaTtl);
        if (HistoryRules.Refuse(filter, page.Top) is { } error)
        {
            connection.SendError(id, error, channel.Name);
            return;
        }

        var reply = FrameWriter.Begin();
        connection.Send(reply, connection.Codec.TryWriteHistory(reply, id, page.Publications, page.Top));
    }

    protected override AccessAction Action => AccessAction.History;

    protected override bool IsOn(ChannelOptions options) => options.KeepsHistory;

    protected override ValueTask<AccessRule> MayReadAsync(Principal principal, ResolvedChannel channel, bool isSubscribed) =>
        permissions.CanReadHistoryAsync(principal, channel, isSubscribed);
}
