using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Permissions;

/// <summary>The questions of the permission model, each answered here and nowhere else.</summary>
/// <remarks>
/// Each answer is the rule that decided. The matrix is in docs/reference/permissions.md. Thread-safe. Hot path: with locks and grants in memory a check completes
/// synchronously and allocates nothing (ChannelPermissionsBenchmarks).
/// </remarks>
/// <param name="store">Locks and grants.</param>
/// <param name="isInsecure">On channels outside of claw.events every client may do everything.</param>
internal sealed class ChannelPermissions(IStateStore store, bool isInsecure = false)
{
    /// <summary>May this principal listen to this channel now? A lock restricts it to the owner and the granted.</summary>
    public ValueTask<AccessRule> CanSubscribeAsync(Principal principal, ResolvedChannel channel) => channel.Name.Kind switch
    {
        ChannelKind.Public => new(AccessRule.Public),
        ChannelKind.System => new(AccessRule.System),
        ChannelKind.Agent or ChannelKind.App => CanSubscribeToOwnedAsync(principal, channel.Name),
        ChannelKind.AppToAgents => new(IsOwner(principal, channel.Name) ? AccessRule.Owner : principal.IsAgent ? AccessRule.Agent : AccessRule.NotAgent),
        ChannelKind.AppToAgent => new(DecideByParty(principal, channel.Name)),
        ChannelKind.Namespaced or ChannelKind.Plain => new(CanSubscribeByOptions(principal, channel)),
        _ => new(AccessRule.UnusableName),
    };

    /// <summary>May this principal publish to this channel? Locks and grants play no part in it.</summary>
    /// <param name="principal">The HTTP door asks for a token first, so an anonymous one only ever gets here over a WebSocket or a proxy.</param>
    /// <param name="isSubscribed">Whether the connection that asks listens to the channel.</param>
    public AccessRule CanPublish(Principal principal, ResolvedChannel channel, bool isSubscribed = false) => channel.Name.Kind switch
    {
        ChannelKind.Public => AccessRule.Public,
        ChannelKind.Agent or ChannelKind.App or ChannelKind.AppToAgents => DecideByOwner(principal, channel.Name),
        ChannelKind.AppToAgent => DecideByParty(principal, channel.Name),
        ChannelKind.Namespaced or ChannelKind.Plain => DecideByOptions(principal, channel, static found => found.Publish, isSubscribed),
        ChannelKind.System => AccessRule.SystemOnly,
        _ => AccessRule.UnusableName,
    };

    /// <summary>May this principal give a key of a map a value, or remove one?</summary>
    /// <param name="channel">A map.</param>
    /// <param name="isRemoval">It removes one.</param>
    /// <inheritdoc cref="CanPublish"/>
    public AccessRule CanChangeMap(Principal principal, ResolvedChannel channel, bool isRemoval, bool isSubscribed) =>
        DecideByOptions(principal, channel, isRemoval ? static found => found.Map.Remove : static found => found.Map.Publish, isSubscribed);

    /// <summary>May this principal ask who is present? On a channel of claw.events it must also be allowed to listen.</summary>
    /// <inheritdoc cref="CanPublish"/>
    public ValueTask<AccessRule> CanReadPresenceAsync(Principal principal, ResolvedChannel channel, bool isSubscribed) =>
        CanReadAsync(principal, channel, static found => found.ReadPresence, isSubscribed);

    /// <summary>May this principal ask what was published? On a channel of claw.events it must also be allowed to listen.</summary>
    /// <inheritdoc cref="CanPublish"/>
    public ValueTask<AccessRule> CanReadHistoryAsync(Principal principal, ResolvedChannel channel, bool isSubscribed) =>
        CanReadAsync(principal, channel, static found => found.ReadHistory, isSubscribed);

    /// <summary>May this principal lock the channel, grant access to it, and advertise it?</summary>
    public static AccessRule CanManage(Principal principal, ChannelName channel) =>
        channel.IsReserved ? AccessRule.Reserved
        : channel.Kind is ChannelKind.Invalid ? AccessRule.UnusableName
        : !channel.IsLockable ? AccessRule.NoOwner
        : DecideByOwner(principal, channel);

    /// <summary>Whether the principal owns the channel: the agent of <c>agent.*</c>, the app of <c>app.*</c>.</summary>
    public static bool IsOwner(Principal principal, ChannelName channel) => channel.Kind switch
    {
        ChannelKind.Agent => principal.IsAgentNamed(channel.Owner),
        ChannelKind.App or ChannelKind.AppToAgents or ChannelKind.AppToAgent => principal.IsAppNamed(channel.Owner),
        _ => false,
    };

    /// <summary>May anybody use a channel of that name, even with a token?</summary>
    /// <returns>The rule that refuses it; null when it may be used.</returns>
    public static AccessRule? FindFaultOfName(ResolvedChannel channel) =>
        channel.Options is not { } found ? Unknown(channel.Name)
        : IsMisnamed(channel.Name, found) ? AccessRule.BadName
        : null;

    /// <summary>Whether the name says which users may subscribe.</summary>
    public static bool IsUserLimited(ResolvedChannel channel) =>
        channel is { Name.NamesUsers: true, Options.AllowUserLimitedChannels: true };

    private static AccessRule DecideByOwner(Principal principal, ChannelName channel) => IsOwner(principal, channel) ? AccessRule.Owner : AccessRule.NotOwner;

    private static AccessRule DecideByParty(Principal principal, ChannelName channel) =>
        IsOwner(principal, channel) ? AccessRule.Owner
        : principal.IsAgentNamed(channel.TargetAgent) ? AccessRule.Party
        : AccessRule.NotParty;

    private ValueTask<AccessRule> CanReadAsync(
        Principal principal, ResolvedChannel channel, Func<ChannelOptions, ClientPermission> permission, bool isSubscribed) =>
        DecideByOptions(principal, channel, permission, isSubscribed) is var rule && rule.IsAllowed() && channel.Name.IsClaw
            ? CanSubscribeAsync(principal, channel)
            : new(rule);

    private AccessRule CanSubscribeByOptions(Principal principal, ResolvedChannel channel)
    {
        if (FindFaultOfName(channel) is { } fault)
        {
            return fault;
        }

        return channel.Name.IsPrivate ? AccessRule.TokenNeeded
            : !IsUserLimited(channel) ? DecideByOptions(principal, channel, static known => known.Subscribe, isSubscribed: false)
            : IsAmong(principal, channel.Name) ? AccessRule.UserList
            : isInsecure ? AccessRule.Insecure
            : AccessRule.NotListed;
    }

    private AccessRule DecideByOptions(
        Principal principal, ResolvedChannel channel, Func<ChannelOptions, ClientPermission> permission, bool isSubscribed)
    {
        if (FindFaultOfName(channel) is { } fault)
        {
            return fault;
        }

        var (forClient, forSubscriber, forAnonymous) = permission(channel.OptionsOrNone);
        return isInsecure && !channel.Name.IsClaw ? AccessRule.Insecure
            : !forClient && !forSubscriber ? AccessRule.NotForClients
            : !forClient && !isSubscribed ? AccessRule.NotSubscribed
            : !forAnonymous && principal.IsAnonymous ? AccessRule.Anonymous
            : forClient ? AccessRule.Clients
            : AccessRule.Subscribers;
    }

    private static bool IsMisnamed(ChannelName channel, ChannelOptions found) =>
        !channel.IsClaw && found.ChannelPattern is { } pattern && !pattern.IsMatch(channel.Rest);

    private static AccessRule Unknown(ChannelName channel) =>
        channel.Kind is ChannelKind.Namespaced ? AccessRule.UnknownNamespace : AccessRule.UnusableName;

    private static bool IsAmong(Principal principal, ChannelName channel)
    {
        var users = channel.Users;
        var separator = channel.Syntax.UserSeparator;
        if (separator.Length == 0)
        {
            return !principal.IsAnonymous && users.SequenceEqual(principal.Name);
        }

        foreach (var range in users.Split(separator))
        {
            if (!principal.IsAnonymous && users[range].SequenceEqual(principal.Name))
            {
                return true;
            }
        }

        return false;
    }

    private ValueTask<AccessRule> CanSubscribeToOwnedAsync(Principal principal, ChannelName channel)
    {
        if (IsOwner(principal, channel))
        {
            return new(AccessRule.Owner);
        }

        var access = store.GetAccessAsync(channel, principal);
        return access.IsCompletedSuccessfully ? new(RuleOf(access.Result)) : AwaitAccessAsync(access);
    }

    private static async ValueTask<AccessRule> AwaitAccessAsync(ValueTask<ChannelAccess> access) => RuleOf(await access);

    private static AccessRule RuleOf(ChannelAccess access) => access switch
    {
        ChannelAccess.Open => AccessRule.Unlocked,
        ChannelAccess.Granted => AccessRule.Granted,
        _ => AccessRule.Locked,
    };
}
