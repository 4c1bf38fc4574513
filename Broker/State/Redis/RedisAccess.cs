using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Redis;
using StackExchange.Redis;

namespace ClawEvents.Broker.State.Redis;

/// <summary>Locks and grants in Redis.</summary>
/// <remarks>
/// Thread-safe. An answer about access is never older than this broker's own last change of it, nor than the last change of another broker that was
/// heard (<see cref="ReadCache{TKey,TValue}"/>).
/// </remarks>
internal sealed class RedisAccess(RedisConnection redis, IChangeFeed feed)
{
    // About 2 MB each when full.
    private const int Slots = 16_384;

    private readonly ReadCache<ChannelName, bool> _locks = new(Slots, feed);

    // A channel's grants are one key in Redis: any change of them invalidates all cached answers about that channel.
    private readonly ReadCache<GrantKey, bool> _grants = new(Slots, feed, static grant => grant.Channel.GetHashCode());

    /// <remarks>Hot path: a cached answer completes synchronously, without allocating.</remarks>
    public ValueTask<ChannelAccess> GetAsync(ChannelName channel, Principal principal)
    {
        if (_locks.TryGet(channel, out var isLocked))
        {
            if (!isLocked)
            {
                return new(ChannelAccess.Open);
            }

            if (_grants.TryGet(new(channel, principal.Name), out var isGranted))
            {
                return new(Decide(isLocked, isGranted));
            }
        }

        return AskAsync(channel, principal);
    }

    public ValueTask LockAsync(ChannelName channel) => SetLockAsync(channel, RedisScripts.Lock);

    public ValueTask UnlockAsync(ChannelName channel) => SetLockAsync(channel, RedisScripts.Unlock);

    public ValueTask GrantAsync(ChannelName channel, string target) =>
        SetGrantAsync(channel, RedisScripts.Grant, target);

    public ValueTask RevokeGrantAsync(ChannelName channel, string target) =>
        SetGrantAsync(channel, RedisScripts.RevokeGrant, target);

    public async ValueTask<IReadOnlyList<string>> GetGrantedAsync(ChannelName channel)
    {
        var targets = await redis.AskAsync(database => database.SetMembersAsync(RedisKeys.Grants(channel)));
        return [.. targets.Select(target => (string)target!).Order(StringComparer.Ordinal)];
    }

    public async ValueTask<int> CountOtherGrantsAsync(ChannelName channel, string target)
    {
        var all = await redis.AskAsync(database => database.SetLengthAsync(RedisKeys.Grants(channel)));
        return (int)all - (await redis.AskAsync(database => database.SetContainsAsync(RedisKeys.Grants(channel), target)) ? 1 : 0);
    }

    public async ValueTask<int> CountGrantsAsync(string ownerKey) => (int)await redis.AskAsync(database => database.HashGetAsync(RedisKeys.GrantCounts, ownerKey));

    /// <returns>The topics of this owner's locked channels, in ordinal order.</returns>
    public async ValueTask<IReadOnlyList<string>> GetLockedTopicsAsync(string ownerKey)
    {
        var topics = await redis.AskAsync(database => database.SetMembersAsync(RedisKeys.LockedTopics(ownerKey)));
        var locked = new List<string>();
        foreach (var batch in topics.Select(topic => (string)topic!).Chunk(RedisTakeover.BatchSize))
        {
            var channels = batch.Select(topic => ChannelOf(ownerKey, topic)).OfType<ChannelName>().ToArray();
            var there = (int[])(await redis.RunAsync(RedisScripts.AreThere, [.. channels.Select(RedisKeys.Lock)]))!;
            locked.AddRange(channels.Where((_, i) => there[i] == 1).Select(channel => channel.Topic.ToString()));
        }

        locked.Sort(StringComparer.Ordinal);
        return locked;
    }

    /// <summary>Adds locks that others set to the lists of their owners. A list leaves out those that are gone by itself.</summary>
    /// <param name="channels">For one command.</param>
    public Task IndexAsync(IReadOnlyList<ChannelName> channels) => redis.RunAsync(
        RedisScripts.IndexLocks,
        [.. channels.SelectMany(channel => new[] { RedisKeys.Lock(channel), RedisKeys.LockedTopics(channel) })],
        [.. channels.Select(channel => (RedisValue)channel.Topic.ToString())]);

    public void ForgetLock(ChannelName channel) => _locks.Forget(channel);

    public void ForgetGrants(ChannelName channel) => _grants.Forget(new(channel, ""));

    public void ForgetAll()
    {
        _locks.ForgetAll();
        _grants.ForgetAll();
    }

    private static ChannelAccess Decide(bool isLocked, bool isGranted) =>
        !isLocked ? ChannelAccess.Open : isGranted ? ChannelAccess.Granted : ChannelAccess.Locked;

    // Null for entries that somebody else put into the index.
    private static ChannelName? ChannelOf(string ownerKey, string topic) =>
        ChannelName.TryParse(
            $"{RedisKeys.OwnerPart(ownerKey)}.{topic}",
            out var channel) && channel.IsLockable && channel.OwnerKey == ownerKey ? channel : null;

    private async ValueTask<ChannelAccess> AskAsync(ChannelName channel, Principal principal)
    {
        var grant = new GrantKey(channel, principal.Name);
        var (lockReading, grantReading) = (_locks.Begin(channel), _grants.Begin(grant));
        var answer = (bool[])(await redis.RunAsync(RedisScripts.ReadAccess, [RedisKeys.Lock(channel), RedisKeys.Grants(channel)], principal.Name))!;
        _locks.End(lockReading, channel, answer[0]);
        _grants.End(grantReading, grant, answer[1]);
        return Decide(answer[0], answer[1]);
    }

    private async ValueTask SetLockAsync(ChannelName channel, RedisScript script)
    {
        try
        {
            await redis.RunAsync(script, [RedisKeys.Lock(channel), RedisKeys.LockedTopics(channel)], channel.Topic.ToString());
        }
        finally
        {
            ForgetLock(channel);
        }
    }

    private async ValueTask SetGrantAsync(ChannelName channel, RedisScript script, string target)
    {
        try
        {
            await redis.RunAsync(script, [RedisKeys.Grants(channel), RedisKeys.GrantCounts], target, channel.OwnerKey);
        }
        finally
        {
            ForgetGrants(channel);
        }
    }

    private readonly record struct GrantKey(ChannelName Channel, string Principal);
}
