using System.Collections.Concurrent;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Identity;

namespace ClawEvents.Broker.State.Embedded;

/// <summary>All facts in memory, from which every store of one process reads.</summary>
/// <remarks>Thread-safe. Hot path: <see cref="GetAccess"/> takes no gate and no memory (ChannelPermissionsBenchmarks).</remarks>
internal sealed class StateTables
{
    private readonly ConcurrentDictionary<ChannelName, bool> _locks = new();
    private readonly ConcurrentDictionary<(ChannelName Channel, string Target), bool> _grants = new();
    private readonly ConcurrentDictionary<ChannelName, int> _grantCounts = new();
    private readonly ConcurrentDictionary<string, int> _grantCountsOfOwners = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _keyHashes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> _revokedUntil = new(StringComparer.Ordinal);

    // The same locks by owner. Both are changed under the gate, so that they agree.
    private readonly Lock _ownersGate = new();
    private readonly Dictionary<string, SortedSet<string>> _topics = new(StringComparer.Ordinal);

    public AdvertisementIndex Advertisements { get; } = new();

    public AppTable Apps { get; } = new();

    public ActivityTable Activity { get; } = new();

    public WebhookTable Webhooks { get; } = new();

    public ChannelAccess GetAccess(ChannelName channel, Principal principal) =>
        !_locks.ContainsKey(channel) ? ChannelAccess.Open
        : _grants.ContainsKey((channel, principal.Name)) ? ChannelAccess.Granted
        : ChannelAccess.Locked;

    public IReadOnlyList<string> GetLockedTopics(string ownerKey)
    {
        lock (_ownersGate)
        {
            return _topics.TryGetValue(ownerKey, out var topics) ? [.. topics] : [];
        }
    }

    public string? GetKeyHash(string principal) => _keyHashes.GetValueOrDefault(principal);

    public void Lock(ChannelName channel)
    {
        var owner = channel.OwnerKey;
        lock (_ownersGate)
        {
            _locks[channel] = true;
            if (!_topics.TryGetValue(owner, out var topics))
            {
                _topics.Add(owner, topics = new SortedSet<string>(StringComparer.Ordinal));
            }

            topics.Add(channel.Topic.ToString());
        }
    }

    public void Unlock(ChannelName channel)
    {
        var owner = channel.OwnerKey;
        lock (_ownersGate)
        {
            if (_locks.TryRemove(channel, out _) && _topics.TryGetValue(owner, out var topics)
                && topics.Remove(channel.Topic.ToString()) && topics.Count == 0)
            {
                _topics.Remove(owner);
            }
        }
    }

    public void Grant(ChannelName channel, string target)
    {
        if (_grants.TryAdd((channel, target), true))
        {
            _grantCounts.AddOrUpdate(channel, 1, static (_, count) => count + 1);
            _grantCountsOfOwners.AddOrUpdate(channel.OwnerKey, 1, static (_, count) => count + 1);
        }
    }

    public void RevokeGrant(ChannelName channel, string target)
    {
        if (_grants.TryRemove((channel, target), out _))
        {
            Decrement(_grantCounts, channel);
            Decrement(_grantCountsOfOwners, channel.OwnerKey);
        }
    }

    /// <summary>The principals with a grant on the channel, in ordinal order. A walk over all grants: for operators.</summary>
    public IReadOnlyList<string> GetGranted(ChannelName channel) =>
        [.. _grants.Keys.Where(grant => grant.Channel.Equals(channel)).Select(grant => grant.Target).Order(StringComparer.Ordinal)];

    /// <summary>The number of principals with a grant on the channel, without the target.</summary>
    public int CountOtherGrants(ChannelName channel, string target) =>
        _grantCounts.GetValueOrDefault(channel) - (_grants.ContainsKey((channel, target)) ? 1 : 0);

    /// <summary>The number of grants on all channels of this owner.</summary>
    public int CountGrants(string ownerKey) => _grantCountsOfOwners.GetValueOrDefault(ownerKey);

    public void SetKeyHash(string principal, string keyHash) => _keyHashes[principal] = keyHash;

    /// <summary>Unix seconds; 0: no tokens are revoked.</summary>
    public long GetRevokedUntil(string principal) => _revokedUntil.GetValueOrDefault(principal);

    /// <param name="issuedUntil">Unix seconds; 0: the live key alone.</param>
    public void RevokeTokens(string principal, long issuedUntil)
    {
        RemoveKeyHash(principal);
        if (issuedUntil > 0)
        {
            _revokedUntil.AddOrUpdate(principal, issuedUntil, (_, earlier) => Math.Max(earlier, issuedUntil));
        }
    }

    private void RemoveKeyHash(string principal) => _keyHashes.TryRemove(principal, out _);

    /// <returns>False, and nothing has changed, when the name is taken.</returns>
    public bool TryCreateApp(AppRecord app, string keyHash)
    {
        if (!Apps.TryAdd(app))
        {
            return false;
        }

        SetKeyHash(KeyOf(app.Name), keyHash);
        return true;
    }

    /// <returns>False, and nothing has changed, when the owner has no such app.</returns>
    public bool TrySetAppKey(string name, string owner, string keyHash)
    {
        if (Apps.Get(name)?.Owner != owner)
        {
            return false;
        }

        SetKeyHash(KeyOf(name), keyHash);
        return true;
    }

    /// <returns>False, and nothing has changed, when the owner has no such app.</returns>
    public bool TryDeleteApp(string name, string owner)
    {
        if (!Apps.TryRemove(name, owner))
        {
            return false;
        }

        RemoveKeyHash(KeyOf(name));
        return true;
    }

    private static void Decrement<TKey>(ConcurrentDictionary<TKey, int> counts, TKey key)
        where TKey : notnull
    {
        if (counts.AddOrUpdate(key, -1, static (_, count) => count - 1) == 0)
        {
            counts.TryRemove(KeyValuePair.Create(key, 0));
        }
    }

    private static string KeyOf(string app) => $"{Principal.AppPrefix}{app}";
}
