using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Permissions;

/// <summary>The questions of the permission model, each answered here and nowhere else.</summary>
/// <remarks>
/// The matrix is in docs/reference/permissions.md. Thread-safe. Hot path: with locks and grants in memory a check completes
/// synchronously and allocates nothing (ChannelPermissionsBenchmarks).
/// </remarks>
/// <param name="store">Locks and grants.</param>
/// <param name="isInsecure">On channels outside of claw.events every client may do everything.</param>
internal sealed class ChannelPermissions(IStateStore store, bool isInsecure = false)
{
    private const char UserBoundary = '#';

    /// <summary>May this principal listen to this channel now? A lock restricts it to the owner and the granted.</summary>
    public ValueTask<AccessDecision> CanSubscribeAsync(Principal principal, ResolvedChannel channel) => channel.Name.Kind switch
    {
        ChannelKind.Public or ChannelKind.System => new(AccessDecision.Allowed),
        ChannelKind.Agent or ChannelKind.App => CanSubscribeToOwnedAsync(principal, channel.Name),
        ChannelKind.AppToAgents => new(Decide(principal.IsAgent || IsOwner(principal, channel.Name))),
        ChannelKind.AppToAgent => new(Decide(IsPartyOf(principal, channel.Name))),
        ChannelKind.Namespaced or ChannelKind.Plain => new(CanSubscribeByOptions(principal, channel)),
        _ => new(AccessDecision.Unusable),
    };

    /// <summary>May this principal publish to this channel? Locks and grants play no part in it.</summary>
    /// <param name="principal">The HTTP door asks for a token first, so an anonymous one only ever gets here over a WebSocket or a proxy.</param>
    /// <param name="isSubscribed">Whether the connection that asks listens to the channel.</param>
    public AccessDecision CanPublish(Principal principal, ResolvedChannel channel, bool isSubscribed = false) => channel.Name.Kind switch
    {
        ChannelKind.Public => AccessDecision.Allowed,
        ChannelKind.Agent or ChannelKind.App or ChannelKind.AppToAgents => Decide(IsOwner(principal, channel.Name)),
        ChannelKind.AppToAgent => Decide(IsPartyOf(principal, channel.Name)),
        ChannelKind.Namespaced or ChannelKind.Plain => DecideByOptions(principal, channel, found => found.Publish, isSubscribed),
        ChannelKind.System => AccessDecision.Denied,
        _ => AccessDecision.Unusable,
    };

    /// <summary>May this principal ask who is present? On a channel of claw.events it must also be allowed to listen.</summary>
    /// <inheritdoc cref="CanPublish"/>
    public ValueTask<AccessDecision> CanReadPresenceAsync(Principal principal, ResolvedChannel channel, bool isSubscribed) =>
        CanReadAsync(principal, channel, found => found.ReadPresence, isSubscribed);

    /// <summary>May this principal ask what was published? On a channel of claw.events it must also be allowed to listen.</summary>
    /// <inheritdoc cref="CanPublish"/>
    public ValueTask<AccessDecision> CanReadHistoryAsync(Principal principal, ResolvedChannel channel, bool isSubscribed) =>
        CanReadAsync(principal, channel, found => found.ReadHistory, isSubscribed);

    /// <summary>Whether the principal owns the channel: the agent of <c>agent.*</c>, the app of <c>app.*</c>.</summary>
    public static bool IsOwner(Principal principal, ChannelName channel) => channel.Kind switch
    {
        ChannelKind.Agent => principal.IsAgentNamed(channel.Owner),
        ChannelKind.App or ChannelKind.AppToAgents or ChannelKind.AppToAgent => principal.IsAppNamed(channel.Owner),
        _ => false,
    };

    /// <summary>May anybody use a channel of that name, even with a token?</summary>
    public static AccessDecision JudgeName(ResolvedChannel channel) =>
        channel.Options is not { } found ? Unknown(channel.Name)
        : IsMisnamed(channel.Name, found) ? AccessDecision.BadName
        : AccessDecision.Allowed;

    /// <summary>Whether the name says which users may subscribe.</summary>
    public static bool IsUserLimited(ResolvedChannel channel) =>
        channel is { Name.IsClaw: false, Options.AllowUserLimitedChannels: true } && channel.Name.Value.Contains(UserBoundary, StringComparison.Ordinal);

    private static bool IsPartyOf(Principal principal, ChannelName channel) =>
        IsOwner(principal, channel) || principal.IsAgentNamed(channel.TargetAgent);

    private ValueTask<AccessDecision> CanReadAsync(
        Principal principal, ResolvedChannel channel, Func<ChannelOptions, ClientPermission> permission, bool isSubscribed) =>
        DecideByOptions(principal, channel, permission, isSubscribed) is var decision && decision is AccessDecision.Allowed && channel.Name.IsClaw
            ? CanSubscribeAsync(principal, channel)
            : new(decision);

    private AccessDecision CanSubscribeByOptions(Principal principal, ResolvedChannel channel)
    {
        if (channel is not (var name, { } found))
        {
            return Unknown(channel.Name);
        }

        var users = found.AllowUserLimitedChannels ? name.Value.LastIndexOf(UserBoundary) : -1;
        return IsMisnamed(name, found) ? AccessDecision.BadName
            : name.IsPrivate ? AccessDecision.Denied
            : users >= 0 ? Decide(isInsecure || IsAmong(principal, name.Value.AsSpan(users + 1)))
            : DecideByOptions(principal, channel, known => known.Subscribe, isSubscribed: false);
    }

    private AccessDecision DecideByOptions(
        Principal principal, ResolvedChannel channel, Func<ChannelOptions, ClientPermission> permission, bool isSubscribed) =>
        channel.Options is not { } found ? Unknown(channel.Name)
        : IsMisnamed(channel.Name, found) ? AccessDecision.BadName
        : Decide((isInsecure && !channel.Name.IsClaw) || permission(found) is var (forClient, forSubscriber, forAnonymous)
            && (forClient || (forSubscriber && isSubscribed))
            && (forAnonymous || !principal.IsAnonymous));

    private static bool IsMisnamed(ChannelName channel, ChannelOptions found) =>
        !channel.IsClaw && found.ChannelPattern is { } pattern && !pattern.IsMatch(channel.Rest);

    private static AccessDecision Unknown(ChannelName channel) =>
        channel.Kind is ChannelKind.Namespaced ? AccessDecision.UnknownChannel : AccessDecision.Unusable;

    private static bool IsAmong(Principal principal, ReadOnlySpan<char> users)
    {
        foreach (var range in users.Split(','))
        {
            if (!principal.IsAnonymous && users[range].SequenceEqual(principal.Name))
            {
                return true;
            }
        }

        return false;
    }

    private static AccessDecision Decide(bool allowed) => allowed ? AccessDecision.Allowed : AccessDecision.Denied;

    private ValueTask<AccessDecision> CanSubscribeToOwnedAsync(Principal principal, ChannelName channel)
    {
        if (IsOwner(principal, channel))
        {
            return new(AccessDecision.Allowed);
        }

        var access = store.GetAccessAsync(channel, principal);
        return access.IsCompletedSuccessfully ? new(Decide(access.Result is not ChannelAccess.Locked)) : AwaitAccessAsync(access);
    }

    private static async ValueTask<AccessDecision> AwaitAccessAsync(ValueTask<ChannelAccess> access) =>
        Decide(await access is not ChannelAccess.Locked);
}
