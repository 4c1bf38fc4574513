using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Identity;

namespace ClawEvents.Broker.State.Embedded;

/// <summary>Keeps the facts in one SQLite file; facts that live for seconds or minutes stay in memory.</summary>
/// <remarks>
/// A change that was awaited is on disk and survives a kill. Reads are answered from memory. While nothing can be written, changes throw
/// <see cref="Faults.StoreUnavailableException"/>.
/// </remarks>
internal sealed partial class SqliteStateStore : IStateStore, IAsyncDisposable
{
    private readonly StateFile _file;
    private readonly ILogger _logger;
    private readonly StateTables _tables;
    private readonly StateWriter _writer;
    private readonly RateWindows _windows;
    private readonly PendingSignatures _signatures;
    private readonly SpentSignatures _spent;
    private readonly PendingChallenges _challenges;

    /// <param name="file">Owned by the store from here on.</param>
    public SqliteStateStore(StateFile file, TimeProvider time, ILogger<SqliteStateStore> logger)
    {
        _file = file;
        _logger = logger;
        _tables = file.Tables;
        _writer = new StateWriter(file, LogOutage);
        _windows = new RateWindows(time);
        _signatures = new PendingSignatures(time);
        _spent = new SpentSignatures(time);
        _challenges = new PendingChallenges(time);
        Webhooks = new SqliteWebhooks(_tables.Webhooks, _writer);
    }

    public IWebhookStore Webhooks { get; }

    public string Description => _file.Path;

    /// <summary>Reports whether the files are still there, and the result of the last commit: a full or missing disk is noticed when it is written to.</summary>
    public ValueTask<StoreHealth> CheckHealthAsync() => new(new StoreHealth("sqlite", _writer.FindFault()));

    public ValueTask<ChannelAccess> GetAccessAsync(ChannelName channel, Principal principal) => new(_tables.GetAccess(channel, principal));

    public ValueTask LockAsync(ChannelName channel) => WriteAsync(StateChange.Lock(channel));

    public ValueTask UnlockAsync(ChannelName channel) => WriteAsync(StateChange.Unlock(channel));

    public ValueTask GrantAsync(ChannelName channel, string target) => WriteAsync(StateChange.Grant(channel, target));

    public ValueTask RevokeGrantAsync(ChannelName channel, string target) => WriteAsync(StateChange.RevokeGrant(channel, target));

    public ValueTask<IReadOnlyList<string>> GetGrantedAsync(ChannelName channel) => new(_tables.GetGranted(channel));

    public ValueTask<int> CountOtherGrantsAsync(ChannelName channel, string target) => new(_tables.CountOtherGrants(channel, target));

    public ValueTask<int> CountGrantsAsync(string ownerKey) => new(_tables.CountGrants(ownerKey));

    public ValueTask<IReadOnlyList<string>> GetLockedTopicsAsync(string ownerKey) => new(_tables.GetLockedTopics(ownerKey));

    public ValueTask SetKeyHashAsync(string principal, string keyHash) => WriteAsync(StateChange.SetKeyHash(principal, keyHash));

    public ValueTask RevokeTokensAsync(string principal, long issuedUntil) => WriteAsync(StateChange.RevokeTokens(principal, issuedUntil));

    public ValueTask<long> GetRevokedUntilAsync(string principal) => new(_tables.GetRevokedUntil(principal));

    public ValueTask<string?> GetKeyHashAsync(string principal) => new(_tables.GetKeyHash(principal));

    public ValueTask KeepSignatureAsync(string username, string signature)
    {
        _signatures.Keep(username, signature);
        return ValueTask.CompletedTask;
    }

    public ValueTask<string?> GetSignatureAsync(string username) => new(_signatures.Get(username));

    public ValueTask<bool> TryTakeSignatureAsync(string username, string signature) => new(_signatures.TryTake(username, signature));

    public ValueTask<bool> TrySpendSignatureAsync(string username, string signature, long issuedAt) => new(_spent.TrySpend(username, signature, issuedAt));

    public ValueTask SetChallengeAsync(ChallengeKey key, long issuedAt)
    {
        _challenges.Set(key, issuedAt);
        return ValueTask.CompletedTask;
    }

    public ValueTask<long?> TakeChallengeAsync(ChallengeKey key) => new(_challenges.Take(key));

    public ValueTask<RateWindow> CountPublishAsync(string principal) => new(_windows.Count(principal));

    public ValueTask<RateWindow> GetPublishWindowAsync(string principal) => new(_windows.Read(principal));

    public ValueTask<bool> TryReachSecondAsync(long unixSecond) => new(true);

    public ValueTask SetAdvertisementAsync(Advertisement advertisement) => WriteAsync(StateChange.SetAdvertisement(advertisement));

    public ValueTask RemoveAdvertisementAsync(ChannelName channel) => WriteAsync(StateChange.RemoveAdvertisement(channel));

    public ValueTask<Advertisement?> GetAdvertisementAsync(ChannelName channel) => new(_tables.Advertisements.Get(channel));

    public ValueTask<AdvertisementPage> FindAdvertisementsAsync(AdvertisementQuery query) => _tables.Advertisements.FindAsync(query);

    public ValueTask<bool> TryCreateAppAsync(AppRecord app, string keyHash) => new(_writer.WriteAsync(StateChange.CreateApp(app, keyHash)));

    public ValueTask<AppRecord?> GetAppAsync(string name) => new(_tables.Apps.Get(name));

    public ValueTask<IReadOnlyList<AppRecord>> GetAppsAsync(string owner) => new(_tables.Apps.OfOwner(owner));

    public ValueTask<bool> TrySetAppKeyAsync(string name, string owner, string keyHash) =>
        new(_writer.WriteAsync(StateChange.SetAppKey(name, owner, keyHash)));

    public ValueTask<bool> TryDeleteAppAsync(string name, string owner) => new(_writer.WriteAsync(StateChange.DeleteApp(name, owner)));

    public async ValueTask AddActivityAsync(ActivityReport report)
    {
        _tables.Activity.AddToMinute(report.UnixMinute, report.Messages);
        var changes = report.Senders.Select(StateChange.AddSender).Append(StateChange.AddMessages(report.Messages));
        await Task.WhenAll(changes.Select(_writer.WriteAsync));
    }

    public ValueTask<IReadOnlyList<string>> GetSendersAsync() => new(_tables.Activity.Senders);

    public ValueTask<MessageCounts> CountMessagesAsync(long unixMinute) => new(_tables.Activity.Count(unixMinute));

    /// <summary>Writes accepted changes, closes the file, and releases it for other brokers.</summary>
    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        _file.Dispose();
    }

    private ValueTask WriteAsync(StateChange change) => new(_writer.WriteAsync(change));

    private void LogOutage(string? outage)
    {
        if (outage is null)
        {
            Log.Back(_logger, _file.Path);
        }
        else
        {
            Log.Away(_logger, outage);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{Outage}. Changes of locks, grants and keys are refused until they can be written.")]
        public static partial void Away(ILogger logger, string outage);

        [LoggerMessage(2, LogLevel.Information, "{Path} can be written again.")]
        public static partial void Back(ILogger logger, string path);
    }
}
