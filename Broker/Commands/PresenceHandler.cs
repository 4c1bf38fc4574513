using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Commands;

/// <summary>Tells who is in a channel, or how many are. docs/reference/protocol.md#presence</summary>
internal sealed class PresenceHandler(ChannelNames channels, ChannelNamespaces namespaces, ChannelPermissions permissions, IChannelEngine engine)
    : ReadHandler(channels, namespaces)
{
    protected override bool IsOn(ChannelOptions options) => options.Presence;

    protected override ValueTask<AccessDecision> MayReadAsync(ClientConnection connection, ChannelName channel) =>
        permissions.CanReadPresenceAsync(connection.Principal, channel, connection.Subscriptions.Contains(channel));

    protected override ValueTask AnswerAsync(ClientConnection connection, Command command, ChannelName channel, ChannelOptions options) =>
        command.Kind is CommandKind.Presence ? TellClientsAsync(connection, command.Id, channel) : TellNumbersAsync(connection, command.Id, channel);

    private async ValueTask TellClientsAsync(ClientConnection connection, uint id, ChannelName channel)
    {
        var clients = await engine.GetPresenceAsync(channel);
        var reply = FrameWriter.Begin();
        connection.Send(reply, connection.Codec.TryWritePresence(reply, id, clients));
    }

    private async ValueTask TellNumbersAsync(ClientConnection connection, uint id, ChannelName channel)
    {
        var stats = await engine.GetPresenceStatsAsync(channel);
        var reply = FrameWriter.Begin();
        connection.Codec.WritePresenceStats(reply, id, stats.Clients, stats.Users);
        connection.Send(reply);
    }
}
