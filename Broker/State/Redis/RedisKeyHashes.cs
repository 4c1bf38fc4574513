using ClawEvents.Broker.Redis;
using StackExchange.Redis;

namespace ClawEvents.Broker.State.Redis;

/// <summary>The hashes of live keys, and the apps, in Redis: an app and its key change together.</summary>
/// <remarks>
/// Thread-safe. A hash is never older than this broker's own last change of it, nor than the last change of another broker that was heard
/// (<see cref="ReadCache{TKey,TValue}"/>).
/// </remarks>
internal sealed class RedisKeyHashes(RedisConnection redis, IChangeFeed feed, TimeProvider time)
{
    private const int Slots = 16_384;

    private readonly ReadCache<string, string?> _hashes = new(Slots, feed);
    private readonly ReadCache<string, long> _revokedUntil = new(Slots, feed);

    /// <remarks>Hot path: a cached answer completes synchronously, without allocating.</remarks>
    public ValueTask<string?> GetAsync(string principal) => _hashes.TryGet(principal, out var hash) ? new(hash) : AskAsync(principal);

    public ValueTask SetAsync(string principal, string keyHash)
    {
        var value = RedisJson.OfKeyHash(keyHash, Now);
        return ChangeAsync(principal, database => database.StringSetAsync(RedisKeys.KeyHash(principal), value));
    }

    public async ValueTask RevokeAsync(string principal, long issuedUntil)
    {
        try
        {
            await redis.RunAsync(RedisScripts.RevokeTokens, [RedisKeys.RevokedUntil(principal), RedisKeys.KeyHash(principal)], issuedUntil);
        }
        finally
        {
            Forget(principal);
        }
    }

    /// <inheritdoc cref="GetAsync"/>
    /// <returns>Unix seconds; 0: no tokens are revoked.</returns>
    public ValueTask<long> GetRevokedUntilAsync(string principal) => _revokedUntil.TryGet(principal, out var until) ? new(until) : AskRevokedUntilAsync(principal);

    public ValueTask<bool> TryCreateAppAsync(AppRecord app, string keyHash) => ChangeAppAsync(
        app.Name,
        RedisScripts.CreateApp,
        [RedisKeys.App(app.Name), RedisKeys.AppKeyHash(app.Name), RedisKeys.AppsOf(app.Owner)],
        app.Name,
        RedisJson.OfApp(app),
        RedisJson.OfKeyHash(keyHash, app.CreatedAt));

    public ValueTask<bool> TrySetAppKeyAsync(string name, string owner, string keyHash) => ChangeAppAsync(
        name,
        RedisScripts.SetAppKey,
        [RedisKeys.App(name), RedisKeys.AppKeyHash(name)],
        owner,
        RedisJson.OfKeyHash(keyHash, Now));

    public ValueTask<bool> TryDeleteAppAsync(string name, string owner) => ChangeAppAsync(
        name,
        RedisScripts.DeleteApp,
        [RedisKeys.App(name), RedisKeys.AppKeyHash(name), RedisKeys.AppsOf(owner)],
        owner,
        name);

    public async ValueTask<AppRecord?> GetAppAsync(string name)
    {
        var value = await redis.AskAsync(database => database.StringGetAsync(RedisKeys.App(name)));
        return value.IsNull ? null : RedisJson.ReadApp(name, value);
    }

    /// <returns>The apps that this principal created, newest first.</returns>
    public async ValueTask<IReadOnlyList<AppRecord>> GetAppsAsync(string owner)
    {
        var names = (await redis.AskAsync(database => database.SetMembersAsync(RedisKeys.AppsOf(owner)))).Select(name => (string)name!).ToArray();
        var values = await redis.AskAsync(database => database.StringGetAsync([.. names.Select(RedisKeys.App)]));
        return
        [
            .. names.Zip(values)
                .Where(app => !app.Second.IsNull)
                .Select(app => RedisJson.ReadApp(app.First, app.Second))

                // The name may belong to somebody else by now.
                .Where(app => app.Owner == owner)
                .OrderByDescending(app => app.CreatedAt)
                .ThenBy(app => app.Name, StringComparer.Ordinal),
        ];
    }

    public void Forget(string principal)
    {
        _hashes.Forget(principal);
        _revokedUntil.Forget(principal);
    }

    public void ForgetAll()
    {
        _hashes.ForgetAll();
        _revokedUntil.ForgetAll();
    }

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    private async ValueTask<string?> AskAsync(string principal)
    {
        var reading = _hashes.Begin(principal);
        var key = RedisKeys.KeyHash(principal);
        var value = await redis.AskAsync(database => database.StringGetAsync(key));
        var hash = value.IsNull ? null : RedisJson.ReadKeyHash(key, value);
        _hashes.End(reading, principal, hash);
        return hash;
    }

    private async ValueTask<long> AskRevokedUntilAsync(string principal)
    {
        var reading = _revokedUntil.Begin(principal);
        var key = RedisKeys.RevokedUntil(principal);
        var value = await redis.AskAsync(database => database.StringGetAsync(key));
        var until = value.IsNull ? 0 : RedisJson.ReadSeconds(key, value);
        _revokedUntil.End(reading, principal, until);
        return until;
    }

    private async ValueTask ChangeAsync(string principal, Func<IDatabaseAsync, Task<bool>> change)
    {
        try
        {
            await redis.AskAsync(change);
        }
        finally
        {
            Forget(principal);
        }
    }

    private async ValueTask<bool> ChangeAppAsync(string name, RedisScript script, RedisKey[] keys, params RedisValue[] values)
    {
        try
        {
            var answer = (int)await redis.RunAsync(script, keys, values);
            return answer >= 0 ? answer == 1 : throw new InvalidDataException($"the value of '{keys[0]}' in Redis is not an app (docs/reference/redis-keys.md)");
        }
        finally
        {
            Forget($"{Identity.Principal.AppPrefix}{name}");
        }
    }
}
