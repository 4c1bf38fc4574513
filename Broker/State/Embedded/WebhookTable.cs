using ClawEvents.Broker.Identity;

namespace ClawEvents.Broker.State.Embedded;

/// <summary>All webhooks in memory.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class WebhookTable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Webhook> _all = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<string>> _ofOwner = new(StringComparer.Ordinal);

    public Webhook? Get(string id)
    {
        lock (_gate)
        {
            return _all.GetValueOrDefault(id);
        }
    }

    /// <returns>Oldest first.</returns>
    public IReadOnlyList<Webhook> OfOwner(string owner)
    {
        lock (_gate)
        {
            return [.. _ofOwner.GetValueOrDefault(owner, []).Select(id => _all[id]).OrderBy(webhook => webhook.CreatedAt).ThenBy(webhook => webhook.Id, StringComparer.Ordinal)];
        }
    }

    public IReadOnlyList<Webhook> OfShares(IReadOnlySet<int> shares)
    {
        lock (_gate)
        {
            return [.. _all.Values.Where(webhook => shares.Contains(webhook.Share))];
        }
    }

    /// <returns>False when the owner has that many, or there are that many in all.</returns>
    public bool TryAdd(Webhook webhook, int maxOfOwner = int.MaxValue, int maxInAll = int.MaxValue)
    {
        lock (_gate)
        {
            var ids = _ofOwner.GetValueOrDefault(webhook.Owner);
            if (_all.Count >= maxInAll || (ids?.Count ?? 0) >= maxOfOwner)
            {
                return false;
            }

            _all.Add(webhook.Id, webhook);
            (ids ?? (_ofOwner[webhook.Owner] = [])).Add(webhook.Id);
            return true;
        }
    }

    /// <returns>False when the owner has no such webhook.</returns>
    public bool TryRemove(string id, string owner)
    {
        lock (_gate)
        {
            if (_all.GetValueOrDefault(id)?.Owner != owner)
            {
                return false;
            }

            _all.Remove(id);
            if (_ofOwner[owner].Remove(id) && _ofOwner[owner].Count == 0)
            {
                _ofOwner.Remove(owner);
            }

            return true;
        }
    }

    /// <inheritdoc cref="TryRemove"/>
    public bool TrySetSecret(string id, string owner, string secret) => TryChange(id, owner, webhook => webhook with { Secret = secret });

    /// <inheritdoc cref="TryRemove"/>
    public bool TryResume(string id, string owner, TokenStamp token) => TryChange(id, owner, webhook => webhook with { Token = token, Progress = webhook.Progress.Resumed() });

    /// <returns>False when there is no such webhook.</returns>
    public bool TrySave(string id, WebhookProgress progress) => TryChange(id, null, webhook => webhook with { Progress = progress });

    private bool TryChange(string id, string? owner, Func<Webhook, Webhook> change)
    {
        lock (_gate)
        {
            if (!_all.TryGetValue(id, out var webhook) || (owner is not null && webhook.Owner != owner))
            {
                return false;
            }

            _all[id] = change(webhook);
            return true;
        }
    }
}
