using System.Text;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Identity.Tokens;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Protocol.Commands;
using ClawEvents.Broker.Proxies;

namespace ClawEvents.Broker.Commands;

/// <summary>Asks others than the permissions about a subscribe: the token that comes with it, or the back end of the namespace.</summary>
/// <remarks>
/// On the channels of claw.events the permissions decide even with a token, which then only describes the subscription; elsewhere a token or
/// a back end decides. Thread-safe.
/// </remarks>
internal sealed class SubscribeAccess(ChannelPermissions permissions, SubscriptionTokens tokens, BackEnds backEnds, ProxyOptions proxies, ChannelNamespaces namespaces)
{
    /// <returns>Undecided when there is neither a token nor a back end: the permissions decide.</returns>
    public ValueTask<Outcome<SubscriptionGrant>> AskAsync(ClientConnection connection, ChannelName channel, in SubscribeCommand command) =>
        permissions.JudgeName(channel) is var name && name is not AccessDecision.Allowed ? new(Outcome<SubscriptionGrant>.Refused(AccessError.Of(name, channel)))
        : command.HasOtherType ? new(Outcome<SubscriptionGrant>.Refused(AccessError.OtherType))
        : !command.Token.IsEmpty ? VerifyAsync(connection, channel, Encoding.UTF8.GetString(command.Token.Span))
        : ProxyFor(channel) is { } proxy ? AskAsync(proxy, connection, channel, command.Data)
        : default;

    private async ValueTask<Outcome<SubscriptionGrant>> VerifyAsync(ClientConnection connection, ChannelName channel, string token)
    {
        var (status, grant) = await tokens.VerifyAsync(token, channel.Value, connection.Principal.Name, connection.Id);
        return status switch
        {
            SubscriptionTokenStatus.Valid => Outcome<SubscriptionGrant>.Of(grant!),
            SubscriptionTokenStatus.Expired => Outcome<SubscriptionGrant>.Refused(ErrorCode.TokenExpired),
            SubscriptionTokenStatus.Ended => Outcome<SubscriptionGrant>.Refused(ErrorCode.Expired),
            SubscriptionTokenStatus.Unavailable => Outcome<SubscriptionGrant>.Refused(ErrorCode.Internal),
            SubscriptionTokenStatus.Foreign => Outcome<SubscriptionGrant>.Disconnected(DisconnectCode.InvalidToken),
            _ => Outcome<SubscriptionGrant>.Refused(AccessError.Of(AccessDecision.Denied, channel)),
        };
    }

    private async ValueTask<Outcome<SubscriptionGrant>> AskAsync(ProxySettings proxy, ClientConnection connection, ChannelName channel, ReadOnlyMemory<byte>? data) =>
        await backEnds.SubscribeAsync(proxy, connection.Caller, new(ProxyEventKind.Subscribe) { Channel = channel.Value, Data = data }, default);

    // A private channel needs a token, and a user-limited one has its users in its name.
    private ProxySettings? ProxyFor(ChannelName channel) =>
        namespaces.Find(channel) is { SubscribeProxy: { } name } found && !channel.IsPrivate && !ChannelPermissions.IsUserLimited(channel, found)
            ? proxies.Find(name)
            : null;
}
