using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Commands;

/// <summary>What the commands that ask for something of a channel have in common: the order in which they are refused.</summary>
internal abstract class ReadHandler(ChannelNames channels, ChannelNamespaces namespaces)
{
    public async ValueTask HandleAsync(ClientConnection connection, Command command)
    {
        if (command.Channel.IsEmpty)
        {
            connection.Disconnect(DisconnectCode.BadRequest);
        }
        else if (!channels.TryGet(command.Channel.Span, out var channel))
        {
            connection.SendError(command.Id, ErrorCode.BadRequest.Because(channels.Rule));
        }
        else if (namespaces.Find(channel) is { } options && !IsOn(options))
        {
            connection.SendError(command.Id, ErrorCode.NotAvailable);
        }
        else if (await MayReadAsync(connection, channel) is var decision && decision is not AccessDecision.Allowed)
        {
            connection.SendError(command.Id, AccessError.Of(decision, channel));
        }
        else
        {
            // Without options nothing is allowed.
            await AnswerAsync(connection, command, channel, namespaces.Find(channel)!);
        }
    }

    /// <summary>Whether the channel's namespace has what is asked for at all (108).</summary>
    protected abstract bool IsOn(ChannelOptions options);

    protected abstract ValueTask<AccessDecision> MayReadAsync(ClientConnection connection, ChannelName channel);

    protected abstract ValueTask AnswerAsync(ClientConnection connection, Command command, ChannelName channel, ChannelOptions options);
}
