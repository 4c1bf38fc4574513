using ClawEvents.Broker.Identity;

namespace ClawEvents.Broker.State.Embedded;

/// <summary>The webhooks in the state file. The one node that has the file serves them all.</summary>
internal sealed class SqliteWebhooks(WebhookTable table, StateWriter writer) : IWebhookStore
{
    /// <inheritdoc/>
    public event Action<string>? Changed;

    /// <inheritdoc/>
    public bool IsShared => false;

    /// <inheritdoc/>
    public long Continuity => 1;

    public ValueTask<bool> TryAddAsync(Webhook webhook, int maxOfOwner, int maxInAll) => ChangeAsync(webhook.Id, StateChange.AddWebhook(webhook, maxOfOwner, maxInAll));

    public ValueTask<Webhook?> GetAsync(string id) => new(table.Get(id));

    public ValueTask<IReadOnlyList<Webhook>> GetOfOwnerAsync(string owner) => new(table.OfOwner(owner));

    public ValueTask<IReadOnlyList<Webhook>> GetOfSharesAsync(IReadOnlySet<int> shares) => new(table.OfShares(shares));

    public ValueTask<bool> TryRemoveAsync(string id, string owner) => ChangeAsync(id, StateChange.RemoveWebhook(id, owner));

    public ValueTask<bool> TrySetSecretAsync(string id, string owner, string secret) => ChangeAsync(id, StateChange.SetWebhookSecret(id, owner, secret));

    public ValueTask<bool> TryResumeAsync(string id, string owner, TokenStamp token) => ChangeAsync(id, StateChange.ResumeWebhook(id, owner, token));

    public ValueTask<WebhookShares> RenewLeasesAsync(string node, TimeSpan life) => new(AllOf(node));

    public ValueTask ReleaseAsync(string node, IReadOnlyList<int> shares, bool isLeaving) => ValueTask.CompletedTask;

    public ValueTask<bool> TrySaveAsync(string id, WebhookProgress progress, WebhookLease lease) => new(writer.WriteAsync(StateChange.SaveWebhook(id, progress)));

    /// <summary>The answer for the only node.</summary>
    public static WebhookShares AllOf(string node) => new([.. Enumerable.Range(0, Webhook.Shares).Select(share => new WebhookLease(node, share, 1))], Webhook.Shares);

    private async ValueTask<bool> ChangeAsync(string id, StateChange change)
    {
        var isDone = await writer.WriteAsync(change);
        if (isDone)
        {
            Changed?.Invoke(id);
        }

        return isDone;
    }
}
