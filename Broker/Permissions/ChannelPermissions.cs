using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Permissions;

/// <summary>The two questions of the permission model, each answered here and nowhere else.</summary>
/// <remarks>
/// The matrix is in docs/reference/permissions.md. Thread-safe. Hot path: with locks and grants in memory a check completes
/// synchronously and allocates nothing (ChannelPermissionsBenchmarks).
/// </remarks>
internal sealed class ChannelPermissions(IStateStore store)
{
    /// <summary>May this principal listen to this channel now? A lock restricts it to the owner and the granted.</summary>
    public ValueTask<AccessDecision> CanSubscribeAsync(Principal principal, ChannelName channel) => channel.Kind switch
    {
        ChannelKind.Public or ChannelKind.System => new(AccessDecision.Allowed),
        ChannelKind.Agent or ChannelKind.App => CanSubscribeToOwnedAsync(principal, channel),
        ChannelKind.AppToAgents => new(Decide(principal.IsAgent || IsOwner(principal, channel))),
        ChannelKind.AppToAgent => new(Decide(IsPartyOf(principal, channel))),
        ChannelKind.Namespaced => new(AccessDecision.UnknownChannel),
        _ => new(AccessDecision.Denied),
    };

    /// <summary>May this principal publish to this channel? Locks and grants play no part in it.</summary>
    /// <remarks>The HTTP door asks for a token first, so an anonymous principal only ever gets here over a WebSocket or a proxy.</remarks>
    public static AccessDecision CanPublish(Principal principal, ChannelName channel) => channel.Kind switch
    {
        ChannelKind.Public => AccessDecision.Allowed,
        ChannelKind.Agent or ChannelKind.App or ChannelKind.AppToAgents => Decide(IsOwner(principal, channel)),
        ChannelKind.AppToAgent => Decide(IsPartyOf(principal, channel)),
        ChannelKind.Namespaced => AccessDecision.UnknownChannel,
        _ => AccessDecision.Denied,
    };

    /// <summary>Whether the principal owns the channel: the agent of <c>agent.*</c>, the app of <c>app.*</c>.</summary>
    public static bool IsOwner(Principal principal, ChannelName channel) => channel.Kind switch
    {
        ChannelKind.Agent => principal.IsAgentNamed(channel.Owner),
        ChannelKind.App or ChannelKind.AppToAgents or ChannelKind.AppToAgent => principal.IsAppNamed(channel.Owner),
        _ => false,
    };

    private static bool IsPartyOf(Principal principal, ChannelName channel) =>
        IsOwner(principal, channel) || principal.IsAgentNamed(channel.TargetAgent);

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
