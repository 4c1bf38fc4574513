using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Webhooks;

/// <summary>May the owner of a webhook hear the channel? Asked when it is registered, and before each delivery.</summary>
/// <remarks>Thread-safe. The permissions decide, as for a subscribe without a token of its own.</remarks>
internal sealed class WebhookRight(IStateStore store, ChannelPermissions permissions, ChannelResolver channels)
{
    /// <param name="owner">Its token is the one that registered or resumed the webhook.</param>
    /// <returns>The reason why not, one of <see cref="WebhookReasons"/>; null: it may.</returns>
    /// <exception cref="Faults.StoreUnavailableException">The store is away.</exception>
    public async ValueTask<string?> FindRefusalAsync(Principal owner, ChannelName channel)
    {
        if (owner.Token.IsEnded(await store.GetKeyHashAsync(owner.Name), await store.GetRevokedUntilAsync(owner.Name)))
        {
            return WebhookReasons.TokenRevoked;
        }

        var resolved = channels.Resolve(channel);
        return IsForBackEnd(resolved) ? AccessRule.BackEnd.Word()
            : await permissions.CanSubscribeAsync(owner, resolved) is var rule && rule.IsAllowed() ? null
            : rule.Word();
    }

    // A back end judges a connection, which a webhook does not have.
    private static bool IsForBackEnd(ResolvedChannel channel) =>
        channel is { Options.SubscribeProxy: not null, Name.IsPrivate: false } && !ChannelPermissions.IsUserLimited(channel);
}
