using ClawEvents.Broker.Identity;

namespace ClawEvents.Broker.State;

/// <summary>The webhooks: what their owners set, how far deliveries have come, and which node serves which.</summary>
/// <remarks>Thread-safe, and as durable as the rest of the store. A lost dependency is an exception, as everywhere in <see cref="IStateStore"/>.</remarks>
internal interface IWebhookStore
{
    /// <summary>Raised with the id of a webhook that was added, removed, resumed or got another secret, by anybody. Handlers do not wait.</summary>
    /// <remarks>Not raised by progress. Changes can be missed while <see cref="Continuity"/> is 0, or when it differs.</remarks>
    event Action<string>? Changed;

    /// <summary>Whether other nodes may serve the webhooks, too.</summary>
    bool IsShared { get; }

    /// <summary>The same number as long as no change can have been missed; 0 while one could be.</summary>
    long Continuity { get; }

    /// <summary>Adds a webhook with a new id.</summary>
    /// <returns>False, and nothing has changed, when its owner has that many, or there are that many in all.</returns>
    ValueTask<bool> TryAddAsync(Webhook webhook, int maxOfOwner, int maxInAll);

    /// <returns>Null when there is none with this id.</returns>
    ValueTask<Webhook?> GetAsync(string id);

    /// <returns>Those of one owner, oldest first.</returns>
    ValueTask<IReadOnlyList<Webhook>> GetOfOwnerAsync(string owner);

    /// <returns>Those of some shares, in no order.</returns>
    ValueTask<IReadOnlyList<Webhook>> GetOfSharesAsync(IReadOnlySet<int> shares);

    /// <returns>False, and nothing has changed, when the owner has no such webhook (any more).</returns>
    ValueTask<bool> TryRemoveAsync(string id, string owner);

    /// <inheritdoc cref="TryRemoveAsync"/>
    ValueTask<bool> TrySetSecretAsync(string id, string owner, string secret);

    /// <summary>Forgets that deliveries failed or were paused. The cursor stays.</summary>
    /// <param name="token">Of the request.</param>
    /// <inheritdoc cref="TryRemoveAsync" path="/returns"/>
    ValueTask<bool> TryResumeAsync(string id, string owner, TokenStamp token);

    /// <summary>Renews a node's leases for <paramref name="life"/>, and takes shares that no living node holds, up to a fair number.</summary>
    /// <param name="node">A name that no other node has, and no earlier start of it had.</param>
    /// <returns>Without any webhook: nothing is held. The only node of a store that is not shared holds everything.</returns>
    ValueTask<WebhookShares> RenewLeasesAsync(string node, TimeSpan life);

    /// <summary>Gives shares back, so that other nodes need not wait until their leases end.</summary>
    /// <param name="isLeaving">The node stops: it no longer counts among those that share.</param>
    ValueTask ReleaseAsync(string node, IReadOnlyList<int> shares, bool isLeaving);

    /// <summary>Keeps how far a webhook has come.</summary>
    /// <returns>False, and nothing has changed, when another node has taken the share, or the webhook was removed.</returns>
    ValueTask<bool> TrySaveAsync(string id, WebhookProgress progress, WebhookLease lease);
}
