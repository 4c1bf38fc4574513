using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Webhooks;

/// <summary>Why nothing is delivered to a webhook.</summary>
/// <param name="Word">The word of a rule of the permissions, or one of <see cref="WebhookRight"/> and <see cref="WebhookWorker"/>; documented, so it never changes.</param>
internal sealed record WebhookRefusal(string Word, string Message);

/// <summary>May the owner of a webhook hear the channel? Asked when it is registered, and before each delivery.</summary>
/// <remarks>Thread-safe. The permissions decide, as for a subscribe without a token of its own.</remarks>
internal sealed class WebhookRight(IStateStore store, ChannelPermissions permissions, ChannelResolver channels)
{
    private static readonly WebhookRefusal Revoked = new(
        "token_revoked", "the token that registered or resumed the webhook was revoked or replaced: resume it with a token that is valid");

    /// <param name="owner">Its token is the one that registered or resumed the webhook.</param>
    /// <returns>Null: it may.</returns>
    /// <exception cref="Faults.StoreUnavailableException">The store is away.</exception>
    public async ValueTask<WebhookRefusal?> FindRefusalAsync(Principal owner, ChannelName channel)
    {
        if (owner.Token.IsEnded(await store.GetKeyHashAsync(owner.Name), await store.GetRevokedUntilAsync(owner.Name)))
        {
            return Revoked;
        }

        var resolved = channels.Resolve(channel);
        return IsForBackEnd(resolved) ? OfRule(AccessRule.BackEnd)
            : await permissions.CanSubscribeAsync(owner, resolved) is var rule && rule.IsAllowed() ? null
            : OfRule(rule);
    }

    // A back end judges a connection, which a webhook does not have.
    private static bool IsForBackEnd(ResolvedChannel channel) =>
        channel is { Options.SubscribeProxy: not null, Name.IsPrivate: false } && !ChannelPermissions.IsUserLimited(channel);

    private static WebhookRefusal OfRule(AccessRule rule) => new(rule.Word(), rule switch
    {
        AccessRule.BackEnd => "a back end decides who may hear this channel, and it knows connections only: webhooks are not possible here",
        AccessRule.TokenNeeded => "only a token for this subscription allows this channel: webhooks are not possible here",
        AccessRule.Locked => "the channel is locked, and its owner has granted no access",
        _ => $"the owner of the webhook may not hear the channel: {rule.Word()}",
    });
}
