using ClawEvents.Broker.Identity;
using ClawEvents.Broker.State;
using ClawEvents.Broker.State.Embedded;

namespace ClawEvents.Broker.Tests.Support.Doubles;

/// <summary>Keeps webhooks in the process.</summary>
internal sealed class InMemoryWebhooks : IWebhookStore
{
    private readonly WebhookTable _table = new();

    public event Action<string>? Changed;

    public bool IsShared => false;

    public long Continuity => 1;

    public ValueTask<bool> TryAddAsync(Webhook webhook, int maxOfOwner, int maxInAll) => Report(webhook.Id, _table.TryAdd(webhook, maxOfOwner, maxInAll));

    public ValueTask<Webhook?> GetAsync(string id) => new(_table.Get(id));

    public ValueTask<IReadOnlyList<Webhook>> GetOfOwnerAsync(string owner) => new(_table.OfOwner(owner));

    public ValueTask<IReadOnlyList<Webhook>> GetOfSharesAsync(IReadOnlySet<int> shares) => new(_table.OfShares(shares));

    public ValueTask<bool> TryRemoveAsync(string id, string owner) => Report(id, _table.TryRemove(id, owner));

    public ValueTask<bool> TrySetSecretAsync(string id, string owner, string secret) => Report(id, _table.TrySetSecret(id, owner, secret));

    public ValueTask<bool> TryResumeAsync(string id, string owner, TokenStamp token) => Report(id, _table.TryResume(id, owner, token));

    public ValueTask<WebhookShares> RenewLeasesAsync(string node, TimeSpan life) => new(SqliteWebhooks.AllOf(node));

    public ValueTask ReleaseAsync(string node, IReadOnlyList<int> shares, bool isLeaving) => ValueTask.CompletedTask;

    public ValueTask<bool> TrySaveAsync(string id, WebhookProgress progress, WebhookLease lease) => new(_table.TrySave(id, progress));

    private ValueTask<bool> Report(string id, bool isDone)
    {
        if (isDone)
        {
            Changed?.Invoke(id);
        }

        return new(isDone);
    }
}
