using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Identity;
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
        else if (await JudgeAsync(connection.Principal, channel, connection.Subscriptions.Contains(channel.Name)) is var rule && !rule.IsAllowed())
        {
            connection.Services.Metrics.Denied(rule, Action);
            connection.SendError(id, AccessError.Of(rule, channel.Name), channel.Name);
        }
        else
        {
            // It has options: nothing is allowed without them.
            return channel;
        }

        return null;
    }

    /// <summary>May this principal read it?</summary>
    /// <param name="isSubscribed">Whether the connection that asks listens to the channel.</param>
    public ValueTask<AccessRule> JudgeAsync(Principal principal, ResolvedChannel channel, bool isSubscribed) =>
        channel.Options is { } options && !IsOn(options) ? new(AccessRule.SwitchedOff) : MayReadAsync(principal, channel, isSubscribed);

    /// <summary>What a client does here.</summary>
    protected abstract AccessAction Action { get; }

    /// <summary>Whether the channel's namespace offers this at all (108).</summary>
    protected abstract bool IsOn(ChannelOptions options);

    protected abstract ValueTask<AccessRule> MayReadAsync(Principal principal, ResolvedChannel channel, bool isSubscribed);
}
