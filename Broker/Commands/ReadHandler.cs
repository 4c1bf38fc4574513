using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Commands;

/// <summary>Shared by the commands that read from a channel: the checks before the answer, in their order.</summary>
internal abstract class ReadHandler(ChannelResolver channels)
{
    /// <summary>Finds the channel, or refuses the command.</summary>
    /// <param name="connection">Gets the refusal.</param>
    /// <param name="name">Of the channel, UTF-8.</param>
    /// <returns>Null when the command was refused.</returns>
    protected async ValueTask<ResolvedChannel?> FindAsync(ClientConnection connection, uint id, ReadOnlyMemory<byte> name)
    {
        if (name.IsEmpty)
        {
            connection.Disconnect(DisconnectCode.BadRequest);
        }
        else if (!channels.TryResolve(name.Span, out var channel))
        {
            connection.SendError(id, ErrorCode.BadRequest.Because(channels.Rule));
        }
        else if (channel.Options is { } options && !IsOn(options))
        {
            connection.SendError(id, ErrorCode.NotAvailable);
        }
        else if (await MayReadAsync(connection, channel) is var decision && decision is not AccessDecision.Allowed)
        {
            connection.SendError(id, AccessError.Of(decision, channel.Name));
        }
        else
        {
            // It has options: nothing is allowed without them.
            return channel;
        }

        return null;
    }

    /// <summary>Whether the channel's namespace offers this at all (108).</summary>
    protected abstract bool IsOn(ChannelOptions options);

    protected abstract ValueTask<AccessDecision> MayReadAsync(ClientConnection connection, ResolvedChannel channel);
}
