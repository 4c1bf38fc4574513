using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Tests.Support.Doubles;

/// <summary>A store whose answers about access wait for the test, like those of a store behind a network; everything else is immediate.</summary>
internal sealed class PausingStateStore : IStateStore
{
    private readonly InMemoryStateStore _inner = new(TimeProvider.System);
    private TaskCompletionSource<ChannelAccess> _answer = new();
    private int _questions;

    public string Description => _inner.Description;

    public IWebhookStore Webhooks => _inner.Webhooks;

    /// <summary>The number of questions about access.</summary>
    public int Questions => Volatile.Read(ref _questions);

    /// <summary>The fault of reporting activity; null: none.</summary>
    public Exception? ActivityFault { get; set; }

    /// <summary>Lets the question that waits have its answer; the next one waits again.</summary>
    public void Answer(ChannelAccess access) => Next().SetResult(access);

    /// <summary>Lets the question that waits fail.</summary>
    public void Fail(Exception exception) => Next().SetException(exception);

    public ValueTask<ChannelAccess> GetAccessAsync(ChannelName channel, Principal principal)
    {
        var answer = _answer.Task;
        Interlocked.Increment(ref _questions);
        return new(answer);
    }

    public ValueTask LockAsync(ChannelName channel) => _inner.LockAsync(channel);

    public ValueTask UnlockAsync(ChannelName channel) => _inner.UnlockAsync(channel);

    public ValueTask GrantAsync(ChannelName channel, string target) => _inner.GrantAsync(channel, target);

    public ValueTask RevokeGrantAsync(ChannelName channel, string target) => _inner.RevokeGrantAsync(channel, target);

    public ValueTask<IReadOnlyList<string>> GetGrantedAsync(ChannelName channel) => _inner.GetGrantedAsync(channel);

    public ValueTask<int> CountOtherGrantsAsync(ChannelName channel, string target) => _inner.CountOtherGrantsAsync(channel, target);

    public ValueTask<int> CountGrantsAsync(string ownerKey) => _inner.CountGrantsAsync(ownerKey);

    public ValueTask<IReadOnlyList<string>> GetLockedTopicsAsync(string ownerKey) => _inner.GetLockedTopicsAsync(ownerKey);

    public ValueTask SetKeyHashAsync(string principal, string keyHash) => _inner.SetKeyHashAsync(principal, keyHash);

    public ValueTask RevokeTokensAsync(string principal, long issuedUntil) => _inner.RevokeTokensAsync(principal, issuedUntil);

    public ValueTask<long> GetRevokedUntilAsync(string principal) => _inner.GetRevokedUntilAsync(principal);

    public ValueTask<string?> GetKeyHashAsync(string principal) => _inner.GetKeyHashAsync(principal);

    public ValueTask KeepSignatureAsync(string username, string signature) => _inner.KeepSignatureAsync(username, signature);

    public ValueTask<string?> GetSignatureAsync(string username) => _inner.GetSignatureAsync(username);

    public ValueTask<bool> TryTakeSignatureAsync(string username, string signature) => _inner.TryTakeSignatureAsync(username, signature);

    public ValueTask<bool> TrySpendSignatureAsync(string username, string signature, long issuedAt) => _inner.TrySpendSignatureAsync(username, signature, issuedAt);

    public ValueTask SetChallengeAsync(ChallengeKey key, long issuedAt) => _inner.SetChallengeAsync(key, issuedAt);

    public ValueTask<long?> TakeChallengeAsync(ChallengeKey key) => _inner.TakeChallengeAsync(key);

    public ValueTask<RateWindow> CountPublishAsync(string principal) => _inner.CountPublishAsync(principal);

    public ValueTask<RateWindow> GetPublishWindowAsync(string principal) => _inner.GetPublishWindowAsync(principal);

    public ValueTask<bool> TryReachSecondAsync(long unixSecond) => _inner.TryReachSecondAsync(unixSecond);

    public ValueTask<StoreHealth> CheckHealthAsync() => _inner.CheckHealthAsync();

    public ValueTask SetAdvertisementAsync(Advertisement advertisement) => _inner.SetAdvertisementAsync(advertisement);

    public ValueTask RemoveAdvertisementAsync(ChannelName channel) => _inner.RemoveAdvertisementAsync(channel);

    public ValueTask<Advertisement?> GetAdvertisementAsync(ChannelName channel) => _inner.GetAdvertisementAsync(channel);

    public ValueTask<AdvertisementPage> FindAdvertisementsAsync(AdvertisementQuery query) => _inner.FindAdvertisementsAsync(query);

    public ValueTask<bool> TryCreateAppAsync(AppRecord app, string keyHash) => _inner.TryCreateAppAsync(app, keyHash);

    public ValueTask<AppRecord?> GetAppAsync(string name) => _inner.GetAppAsync(name);

    public ValueTask<IReadOnlyList<AppRecord>> GetAppsAsync(string owner) => _inner.GetAppsAsync(owner);

    public ValueTask<bool> TrySetAppKeyAsync(string name, string owner, string keyHash) => _inner.TrySetAppKeyAsync(name, owner, keyHash);

    public ValueTask<bool> TryDeleteAppAsync(string name, string owner) => _inner.TryDeleteAppAsync(name, owner);

    public ValueTask AddActivityAsync(ActivityReport report) =>
        ActivityFault is { } fault ? ValueTask.FromException(fault) : _inner.AddActivityAsync(report);

    public ValueTask<IReadOnlyList<string>> GetSendersAsync() => _inner.GetSendersAsync();

    public ValueTask<MessageCounts> CountMessagesAsync(long unixMinute) => _inner.CountMessagesAsync(unixMinute);

    private TaskCompletionSource<ChannelAccess> Next() => Interlocked.Exchange(ref _answer, new());
}
