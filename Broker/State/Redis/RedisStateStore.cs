using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Redis;
using StackExchange.Redis;

namespace ClawEvents.Broker.State.Redis;

/// <summary>Keeps the facts in Redis, where several brokers and the old API share them. docs/reference/redis-keys.md</summary>
/// <remarks>
/// Redis has acknowledged every change that was awaited. Changes of others are seen as soon as the feed reports them, and immediately while the feed
/// may miss something (<see cref="ReadCache{TKey,TValue}"/>).
/// While Redis is unavailable, every member throws <see cref="StoreUnavailableException"/>, little later than <see cref="RedisAddress.AnswerLimit"/>.
/// </remarks>
internal sealed partial class RedisStateStore : IStateStore, IAsyncDisposable
{
    private const int SecondsToKeepMinutes = 120;

    // After so long without a report, any second is accepted, even an earlier one: the clocks that were ahead are gone, or have been corrected.
    private static readonly TimeSpan TimerSecondLife = TimeSpan.FromMinutes(1);

    private readonly RedisConnection _redis;
    private readonly RedisAccess _access;
    private readonly RedisKeyHashes _keys;
    private readonly RedisAdvertisements _advertisements;
    private readonly RedisWebhooks _webhooks;
    private readonly RedisTakeover _takeover;
    private readonly HeardChannels _heardLocks;
    private readonly HeardChannels _heardAdvertisements;
    private readonly IChangeFeed _feed;
    private readonly ILogger _logger;

    /// <param name="redis">Owned by the store from here on.</param>
    /// <param name="feed">Reports changes of <see cref="RedisKeys.TrackedPrefixes"/> on the same Redis.</param>
    public RedisStateStore(RedisConnection redis, IChangeFeed feed, TimeProvider time, ILogger<RedisStateStore> logger)
    {
        _redis = redis;
        _feed = feed;
        _logger = logger;
        _access = new RedisAccess(redis, feed);
        _keys = new RedisKeyHashes(redis, feed, time);
        _advertisements = new RedisAdvertisements(redis, feed, logger);
        _webhooks = new RedisWebhooks(redis, feed, logger);
        redis.OutOfMemory += refusal => Log.Full(_logger, refusal.Message);
        redis.Renewed += ForgetAll;
        _takeover = new RedisTakeover(redis, _access, _advertisements, time, logger);
        _heardLocks = new HeardChannels(_access.IndexAsync, _takeover.ScanSoon, time, logger);
        _heardAdvertisements = new HeardChannels(_advertisements.IndexAsync, _takeover.ScanSoon, time, logger);
        feed.Changed += OnKeyChanged;
    }

    public IWebhookStore Webhooks => _webhooks;

    public string Description => $"Redis {_redis.Description}";

    public async ValueTask<StoreHealth> CheckHealthAsync()
    {
        try
        {
            await _redis.AskAsync(database => database.PingAsync());
            return new StoreHealth("redis");
        }
        catch (StoreUnavailableException exception)
        {
            return new StoreHealth("redis", exception.Message);
        }
    }

    public ValueTask<ChannelAccess> GetAccessAsync(ChannelName channel, Principal principal) => _access.GetAsync(channel, principal);

    public ValueTask LockAsync(ChannelName channel) => _access.LockAsync(channel);

    public ValueTask UnlockAsync(ChannelName channel) => _access.UnlockAsync(channel);

    public ValueTask GrantAsync(ChannelName channel, string target) => _access.GrantAsync(channel, target);

    public ValueTask RevokeGrantAsync(ChannelName channel, string target) => _access.RevokeGrantAsync(channel, target);

    public ValueTask<IReadOnlyList<string>> GetGrantedAsync(ChannelName channel) => _access.GetGrantedAsync(channel);

    public ValueTask<int> CountOtherGrantsAsync(ChannelName channel, string target) => _access.CountOtherGrantsAsync(channel, target);

    public ValueTask<int> CountGrantsAsync(string ownerKey) => _access.CountGrantsAsync(ownerKey);

    public async ValueTask<IReadOnlyList<string>> GetLockedTopicsAsync(string ownerKey)
    {
        await _takeover.WaitAsync();
        await _heardLocks.IndexAsync();
        return await _access.GetLockedTopicsAsync(ownerKey);
    }

    public ValueTask SetKeyHashAsync(string principal, string keyHash) => _keys.SetAsync(principal, keyHash);

    public ValueTask RevokeTokensAsync(string principal, long issuedUntil) => _keys.RevokeAsync(principal, issuedUntil);

    public ValueTask<long> GetRevokedUntilAsync(string principal) => _keys.GetRevokedUntilAsync(principal);

    public ValueTask<string?> GetKeyHashAsync(string principal) => _keys.GetAsync(principal);

    public async ValueTask KeepSignatureAsync(string username, string signature) =>
        await _redis.AskAsync(database => database.StringSetAsync(RedisKeys.Signature(username), signature, PendingSignatures.Lifetime, When.NotExists));

    public async ValueTask<string?> GetSignatureAsync(string username) =>
        await _redis.AskAsync(database => database.StringGetAsync(RedisKeys.Signature(username)));

    public async ValueTask<bool> TryTakeSignatureAsync(string username, string signature) =>
        (bool)await _redis.RunAsync(RedisScripts.TakeIfEqual, [RedisKeys.Signature(username)], signature);

    public async ValueTask<bool> TrySpendSignatureAsync(string username, string signature, long issuedAt) => await _redis.AskAsync(
        database => database.StringSetAsync(RedisKeys.SpentSignature(username, signature), "1", PendingSignatures.Lifetime, When.NotExists));

    public async ValueTask SetChallengeAsync(ChallengeKey key, long issuedAt) => await _redis.AskAsync(
        database => database.StringSetAsync(RedisKeys.Challenge(key), RedisJson.OfChallenge(issuedAt), PendingChallenges.Lifetime));

    public async ValueTask<long?> TakeChallengeAsync(ChallengeKey key) =>
        (RedisValue)await _redis.RunAsync(RedisScripts.Take, [RedisKeys.Challenge(key)]) is { IsNull: false } value
            ? RedisJson.ReadChallenge(RedisKeys.Challenge(key), value)
            : null;

    public async ValueTask<RateWindow> CountPublishAsync(string principal)
    {
        var count = (int)await _redis.RunAsync(RedisScripts.CountPublish, [RedisKeys.RateWindow(principal)]);
        return new RateWindow(count, RemainingSeconds: 1);
    }

    public async ValueTask<RateWindow> GetPublishWindowAsync(string principal) =>
        new((int)await _redis.AskAsync(database => database.StringGetAsync(RedisKeys.RateWindow(principal))), RemainingSeconds: 1);

    public async ValueTask<bool> TryReachSecondAsync(long unixSecond) =>
        (bool)await _redis.RunAsync(RedisScripts.ReachSecond, [RedisKeys.TimerSecond], unixSecond, (long)TimerSecondLife.TotalMilliseconds);

    public ValueTask SetAdvertisementAsync(Advertisement advertisement) => _advertisements.SetAsync(advertisement);

    public ValueTask RemoveAdvertisementAsync(ChannelName channel) => _advertisements.RemoveAsync(channel);

    public ValueTask<Advertisement?> GetAdvertisementAsync(ChannelName channel) => _advertisements.GetAsync(channel);

    public async ValueTask<AdvertisementPage> FindAdvertisementsAsync(AdvertisementQuery query)
    {
        await _takeover.WaitAsync();
        await _heardAdvertisements.IndexAsync();
        return await _advertisements.FindAsync(query);
    }

    public ValueTask<bool> TryCreateAppAsync(AppRecord app, string keyHash) => _keys.TryCreateAppAsync(app, keyHash);

    public ValueTask<AppRecord?> GetAppAsync(string name) => _keys.GetAppAsync(name);

    public ValueTask<IReadOnlyList<AppRecord>> GetAppsAsync(string owner) => _keys.GetAppsAsync(owner);

    public ValueTask<bool> TrySetAppKeyAsync(string name, string owner, string keyHash) => _keys.TrySetAppKeyAsync(name, owner, keyHash);

    public ValueTask<bool> TryDeleteAppAsync(string name, string owner) => _keys.TryDeleteAppAsync(name, owner);

    public async ValueTask AddActivityAsync(ActivityReport report) => await _redis.RunAsync(
        RedisScripts.AddActivity,
        [RedisKeys.TotalMessages, RedisKeys.MessagesOfMinute(report.UnixMinute), RedisKeys.Senders],
        [report.Messages, SecondsToKeepMinutes, .. report.Senders]);

    public async ValueTask<IReadOnlyList<string>> GetSendersAsync()
    {
        var senders = await _redis.AskAsync(database => database.SetMembersAsync(RedisKeys.Senders));
        return [.. senders.Select(sender => (string)sender!).Order(StringComparer.Ordinal)];
    }

    public async ValueTask<MessageCounts> CountMessagesAsync(long unixMinute)
    {
        var counts = await _redis.AskAsync(database => database.StringGetAsync([RedisKeys.TotalMessages, RedisKeys.MessagesOfMinute(unixMinute)]));
        return new MessageCounts((long)counts[0], (long)counts[1]);
    }

    public async ValueTask DisposeAsync()
    {
        _feed.Changed -= OnKeyChanged;
        await _heardLocks.DisposeAsync();
        await _heardAdvertisements.DisposeAsync();
        await _takeover.DisposeAsync();
        await _redis.DisposeAsync();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{Refusal}. Locks, grants, logins and publishes of agents are refused until then.")]
        public static partial void Full(ILogger logger, string refusal);
    }
}
