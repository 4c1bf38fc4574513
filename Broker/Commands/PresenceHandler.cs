using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.Protocol.Commands;

namespace ClawEvents.Broker.Commands;

/// <summary>Answers with the clients of a channel, or with their number. docs/reference/protocol.md#presence</summary>
internal sealed class PresenceHandler(ChannelResolver channels, ChannelPermissions permissions, IChannelEngine engine)
    : ReadHandler(channels)
{
    public async ValueTask HandleAsync(ClientConnection connection, uint id, PresenceCommand command)
    {
        if (await FindAsync(connection, id, command.Channel) is not { } channel)
        {
            return;
        }

        var clients = await engine.GetPresenceAsync(channel.Name);
        var reply = FrameWriter.Begin();
        connection.Send(reply, connection.Codec.TryWritePresence(reply, id, clients));
    }

    public async ValueTask HandleStatsAsync(ClientConnection connection, uint id, PresenceCommand command)
    {
        if (await FindAsync(connection, id, command.Channel) is not { } channel)
        {
            return;
        }

        var stats = await engine.GetPresenceStatsAsync(channel.Name);
        var reply = FrameWriter.Begin();
        connection.Codec.WritePresenceStats(reply, id, stats.Clients, stats.Users);
        connection.Send(reply);
    }

    protected override AccessAction Action => AccessAction.Presence;

    protected override bool IsOn(ChannelOptions options) => options.Presence;

    protected override ValueTask<AccessRule> MayReadAsync(Principal principal, ResolvedChannel channel, bool isSubscribed) =>
        permissions.CanReadPresenceAsync(principal, channel, isSubscribed);
}
