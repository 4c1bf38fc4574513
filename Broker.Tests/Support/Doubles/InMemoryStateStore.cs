using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.State;
using ClawEvents.Broker.State.Embedded;

namespace ClawEvents.Broker.Tests.Support.Doubles;

/// <summary>Keeps everything in the process: nothing survives a restart. For tests and benchmarks.</summary>
internal sealed class InMemoryStateStore(TimeProvider time) : IStateStore
{
    private readonly StateTables _tables = new();
    private readonly RateWindows _windows = new(time);
    private readonly PendingSignatures _signatures = new(time);
    private readonly SpentSignatures _spent = new(time);
    private readonly PendingChallenges _challenges = new(time);
    private readonly Lock _appsGate = new();

    public IWebhookStore Webhooks { get; } = new InMemoryWebhooks();

    public string Description => "in memory (locks, grants and keys are lost at a restart)";

    public ValueTask<StoreHealth> CheckHealthAsync() => new(new StoreHealth("memory"));

    public ValueTask<ChannelAccess> GetAccessAsync(ChannelName channel, Principal principal) => new(_tables.GetAccess(channel, principal));

    public ValueTask LockAsync(ChannelName channel)
    {
        _tables.Lock(channel);
        return ValueTask.CompletedTask;
    }

    public ValueTask UnlockAsync(ChannelName channel)
    {
        _tables.Unlock(channel);
        return ValueTask.CompletedTask;
    }

    public ValueTask GrantAsync(ChannelName channel, string target)
    {
        _tables.Grant(channel, target);
        return ValueTask.CompletedTask;
    }

    public ValueTask RevokeGrantAsync(ChannelName channel, string target)
    {
        _tables.RevokeGrant(channel, target);
        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyList<string>> GetGrantedAsync(ChannelName channel) => new(_tables.GetGranted(channel));

    public ValueTask<int> CountOtherGrantsAsync(ChannelName channel, string target) => new(_tables.CountOtherGrants(channel, target));

    public ValueTask<int> CountGrantsAsync(string ownerKey) => new(_tables.CountGrants(ownerKey));

    public ValueTask<IReadOnlyList<string>> GetLockedTopicsAsync(string ownerKey) => new(_tables.GetLockedTopics(ownerKey));

    public ValueTask SetKeyHashAsync(string principal, string keyHash)
    {
        _tables.SetKeyHash(principal, keyHash);
        return ValueTask.CompletedTask;
    }

    public ValueTask RevokeTokensAsync(string principal, long issuedUntil)
    {
        _tables.RevokeTokens(principal, issuedUntil);
        return ValueTask.CompletedTask;
    }

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

    public ValueTask SetAdvertisementAsync(Advertisement advertisement)
    {
        _tables.Advertisements.Set(advertisement);
        return ValueTask.CompletedTask;
    }

    public ValueTask RemoveAdvertisementAsync(ChannelName channel)
    {
        _tables.Advertisements.Remove(channel);
        return ValueTask.CompletedTask;
    }

    public ValueTask<Advertisement?> GetAdvertisementAsync(ChannelName channel) => new(_tables.Advertisements.Get(channel));

    public ValueTask<AdvertisementPage> FindAdvertisementsAsync(AdvertisementQuery query) => _tables.Advertisements.FindAsync(query);

    public ValueTask<bool> TryCreateAppAsync(AppRecord app, string keyHash) => new(Gated(() => _tables.TryCreateApp(app, keyHash)));

    public ValueTask<AppRecord?> GetAppAsync(string name) => new(_tables.Apps.Get(name));

    public ValueTask<IReadOnlyList<AppRecord>> GetAppsAsync(string owner) => new(_tables.Apps.OfOwner(owner));

    public ValueTask<bool> TrySetAppKeyAsync(string name, string owner, string keyHash) => new(Gated(() => _tables.TrySetAppKey(name, owner, keyHash)));

    public ValueTask<bool> TryDeleteAppAsync(string name, string owner) => new(Gated(() => _tables.TryDeleteApp(name, owner)));

    public ValueTask AddActivityAsync(ActivityReport report)
    {
        _tables.Activity.AddToMinute(report.UnixMinute, report.Messages);
        _tables.Activity.AddTotal(report.Messages);
        foreach (var sender in report.Senders)
        {
            _tables.Activity.AddSender(sender);
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyList<string>> GetSendersAsync() => new(_tables.Activity.Senders);

    public ValueTask<MessageCounts> CountMessagesAsync(long unixMinute) => new(_tables.Activity.Count(unixMinute));

    // An app and its key change together.
    private bool Gated(Func<bool> change)
    {
        lock (_appsGate)
        {
            return change();
        }
    }
}
