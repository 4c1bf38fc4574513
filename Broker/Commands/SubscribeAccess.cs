using System.Text;
using ClawEvents.Broker.Channels;
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
internal sealed class SubscribeAccess(SubscriptionTokens tokens, BackEnds backEnds, ProxyOptions proxies)
{
    /// <returns>Undecided when there is neither a token nor a back end: the permissions decide.</returns>
    public ValueTask<Outcome<AllowedSubscription>> AskAsync(ClientConnection connection, ResolvedChannel channel, in SubscribeCommand command) =>
        FindAuthority(channel, hasToken: !command.Token.IsEmpty) switch
        {
            { } rule when !rule.IsAllowed() => new(Refuse(connection, channel, rule)),
            _ when AccessError.OfType(channel, command.Type) is { } mismatch => new(Outcome<AllowedSubscription>.Refused(mismatch)),
            AccessRule.Token => VerifyAsync(connection, channel, Encoding.UTF8.GetString(command.Token.Span)),
            AccessRule.BackEnd => AskAsync(ProxyFor(channel)!, connection, channel, command.Data),
            _ => default,
        };

    /// <summary>Finds what decides on a subscribe before, or instead of, the permissions.</summary>
    /// <param name="hasToken">Whether a token for the subscription comes with it.</param>
    /// <returns>A rule that refuses it at once; <see cref="AccessRule.Token"/> or <see cref="AccessRule.BackEnd"/>; null: the permissions alone decide.</returns>
    public AccessRule? FindAuthority(ResolvedChannel channel, bool hasToken) =>
        ChannelPermissions.FindFaultOfName(channel) is { } fault ? fault
        : hasToken ? AccessRule.Token
        : ProxyFor(channel) is not null ? AccessRule.BackEnd
        : null;

    private static Outcome<AllowedSubscription> Refuse(ClientConnection connection, ResolvedChannel channel, AccessRule rule)
    {
        connection.Services.Metrics.Denied(rule, AccessAction.Subscribe);
        return Outcome<AllowedSubscription>.Refused(AccessError.Of(rule, channel.Name));
    }

    private async ValueTask<Outcome<AllowedSubscription>> VerifyAsync(ClientConnection connection, ResolvedChannel channel, string token)
    {
        var (status, grant) = await tokens.VerifyAsync(token, channel.Name.Value, connection.Principal.Name, connection.Id);
        connection.Services.Metrics.CountUnlessValid("subscription", status);
        return status switch
        {
            SubscriptionTokenStatus.Valid => Outcome<AllowedSubscription>.Of(grant!),
            SubscriptionTokenStatus.Expired => Outcome<AllowedSubscription>.Refused(ErrorCode.TokenExpired),
            SubscriptionTokenStatus.Ended => Outcome<AllowedSubscription>.Refused(ErrorCode.Expired),
            SubscriptionTokenStatus.Unavailable => Outcome<AllowedSubscription>.Refused(ErrorCode.Internal),
            SubscriptionTokenStatus.Foreign => Outcome<AllowedSubscription>.Disconnected(DisconnectCode.InvalidToken),
            _ => Refuse(connection, channel, AccessRule.TokenInvalid),
        };
    }

    private async ValueTask<Outcome<AllowedSubscription>> AskAsync(ProxySettings proxy, ClientConnection connection, ResolvedChannel channel, ReadOnlyMemory<byte>? data) =>
        channel.OptionsOrNone.SubscribeStream is var stream and not SubscribeStream.None
            ? await backEnds.OpenStreamAsync(proxy, connection.Caller, new(ProxyEventKind.SubscribeStream) { Channel = channel.Name.Value, Data = data }, stream)
            : await backEnds.SubscribeAsync(proxy, connection.Caller, new(ProxyEventKind.Subscribe) { Channel = channel.Name.Value, Data = data }, default);

    // A private channel needs a token, and a user-limited one has its users in its name.
    private ProxySettings? ProxyFor(ResolvedChannel channel) =>
        channel is { Options.SubscribeProxy: { } name, Name.IsPrivate: false } && !ChannelPermissions.IsUserLimited(channel)
            ? proxies.Find(name)
            : null;
}
