using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Identity;

namespace ClawEvents.Broker.State;

/// <summary>The facts that outlive a request: locks, grants, keys, advertisements, apps, rate windows, statistics.</summary>
/// <remarks>
/// Every member is thread-safe. When a task completes, the change is as durable as this store can make it.
/// Locks and grants only exist for lockable channels (<see cref="ChannelName.IsLockable"/>); the caller has checked that.
/// A lost dependency (disk, Redis) is an exception; an error that a client can cause never is.
/// </remarks>
internal interface IStateStore
{
    /// <summary>One line for the start-up message: the kind of store and its place.</summary>
    string Description { get; }

    /// <summary>The webhooks: the same store, the same place.</summary>
    IWebhookStore Webhooks { get; }

    /// <summary>Whether the store works now; answers little later than Redis may, and never throws.</summary>
    ValueTask<StoreHealth> CheckHealthAsync();

    /// <summary>Called for every subscribe to a channel that has an owner.</summary>
    ValueTask<ChannelAccess> GetAccessAsync(ChannelName channel, Principal principal);

    /// <summary>Locks a channel; locking it twice is not an error.</summary>
    ValueTask LockAsync(ChannelName channel);

    /// <summary>Unlocks a channel; grants stay as they are.</summary>
    ValueTask UnlockAsync(ChannelName channel);

    /// <summary>Lets a principal listen while the channel is locked. The target need not exist, nor the lock.</summary>
    ValueTask GrantAsync(ChannelName channel, string target);

    /// <summary>Revokes a grant; a missing one is not an error.</summary>
    ValueTask RevokeGrantAsync(ChannelName channel, string target);

    /// <returns>The principals with a grant on the channel, in ordinal order.</returns>
    ValueTask<IReadOnlyList<string>> GetGrantedAsync(ChannelName channel);

    /// <returns>The number of principals with a grant on the channel, without this one.</returns>
    ValueTask<int> CountOtherGrantsAsync(ChannelName channel, string target);

    /// <returns>The number of grants on all channels of this owner. In Redis: of those that brokers made, not of others that were written there.</returns>
    ValueTask<int> CountGrantsAsync(string ownerKey);

    /// <summary>The topics of this owner's locked channels.</summary>
    /// <param name="ownerKey">An agent's name, or <c>app:&lt;name&gt;</c>; one that owns no lock, or does not exist, has none.</param>
    /// <returns>In ordinal order.</returns>
    ValueTask<IReadOnlyList<string>> GetLockedTopicsAsync(string ownerKey);

    /// <summary>Makes this the only live key of the principal; an earlier one stops working.</summary>
    /// <param name="principal">An agent's name, or <c>app:&lt;name&gt;</c>.</param>
    /// <param name="keyHash">SHA-256 of the token, in lower-case hexadecimal.</param>
    ValueTask SetKeyHashAsync(string principal, string keyHash);

    /// <summary>Removes the principal's live key, if it has one, and revokes its other tokens that were issued until then.</summary>
    /// <param name="issuedUntil">Unix seconds; an earlier time than before changes nothing, and 0 revokes the key alone.</param>
    ValueTask RevokeTokensAsync(string principal, long issuedUntil);

    /// <summary>Called for every request with a token that is not a key.</summary>
    /// <returns>The principal's tokens that were issued until then are revoked, Unix seconds; 0 when none are.</returns>
    ValueTask<long> GetRevokedUntilAsync(string principal);

    /// <returns>The hash of the principal's live key; null when it has none.</returns>
    ValueTask<string?> GetKeyHashAsync(string principal);

    /// <summary>Keeps a sign-in signature for ten minutes, unless one of that name is pending: a stranger's must not replace it.</summary>
    ValueTask KeepSignatureAsync(string username, string signature);

    /// <returns>The pending signature of this name; null when there is none, or it has expired.</returns>
    ValueTask<string?> GetSignatureAsync(string username);

    /// <summary>Consumes a signature.</summary>
    /// <returns>False when it is gone: of two simultaneous calls, one gets true.</returns>
    ValueTask<bool> TryTakeSignatureAsync(string username, string signature);

    /// <summary>Marks a sign-in signature that was never stored as used, until it has expired.</summary>
    /// <param name="issuedAt">Unix seconds.</param>
    /// <returns>
    /// False when it was used before: of two simultaneous calls, one gets true. A store that forgets the marks in a restart refuses the signatures
    /// of the time before it.
    /// </returns>
    ValueTask<bool> TrySpendSignatureAsync(string username, string signature, long issuedAt);

    /// <summary>Keeps a sign-in challenge for 120 seconds: <c>agent_challenge:USERNAME:KEYNAME:NONCE</c> = <c>{"issuedAt":SECONDS}</c>.</summary>
    /// <param name="key">Unique, because its nonce is random.</param>
    /// <param name="issuedAt">Unix seconds; a part of the text that is signed.</param>
    ValueTask SetChallengeAsync(ChallengeKey key, long issuedAt);

    /// <summary>Consumes a challenge: of two simultaneous calls, one gets it.</summary>
    /// <returns>The time of issue, in Unix seconds; null when there is none (any more), or it has expired.</returns>
    ValueTask<long?> TakeChallengeAsync(ChallengeKey key);

    /// <summary>Counts one publish of the principal in its window of one second, which starts with the first request.</summary>
    ValueTask<RateWindow> CountPublishAsync(string principal);

    /// <summary>Reads the principal's window without counting anything.</summary>
    /// <returns>A count of 0 when there is no window.</returns>
    ValueTask<RateWindow> GetPublishWindowAsync(string principal);

    /// <summary>Advances the system timers of all nodes to this second, if it is due.</summary>
    /// <param name="unixSecond">By this node's clock.</param>
    /// <returns>
    /// True for the second that any node reached last, and for a later one, unless it is too early: then the clock of some node is wrong, or a node was
    /// paused. The store of a single node accepts any second.
    /// </returns>
    ValueTask<bool> TryReachSecondAsync(long unixSecond);

    /// <summary>Sets the advertisement of a channel; it replaces an earlier one.</summary>
    ValueTask SetAdvertisementAsync(Advertisement advertisement);

    /// <summary>Removes an advertisement; a missing one is not an error.</summary>
    ValueTask RemoveAdvertisementAsync(ChannelName channel);

    /// <summary>Called for every publish to a channel that has an owner.</summary>
    /// <returns>Null when the channel is not advertised; otherwise the same instance until it changes.</returns>
    ValueTask<Advertisement?> GetAdvertisementAsync(ChannelName channel);

    ValueTask<AdvertisementPage> FindAdvertisementsAsync(AdvertisementQuery query);

    /// <summary>Creates an app with its first key.</summary>
    /// <returns>False, and nothing has changed, when the name is taken: of two simultaneous calls, one gets it.</returns>
    ValueTask<bool> TryCreateAppAsync(AppRecord app, string keyHash);

    /// <returns>Null when there is no such app.</returns>
    ValueTask<AppRecord?> GetAppAsync(string name);

    /// <returns>The apps that this principal created, newest first.</returns>
    ValueTask<IReadOnlyList<AppRecord>> GetAppsAsync(string owner);

    /// <summary>Gives an app a new key; the old one stops working.</summary>
    /// <returns>False, and nothing has changed, when the owner has no such app (any more).</returns>
    ValueTask<bool> TrySetAppKeyAsync(string name, string owner, string keyHash);

    /// <summary>Removes an app and its key. Locks, grants and advertisements of its channels stay, and so do its webhooks.</summary>
    /// <returns>False, and nothing has changed, when the owner has no such app (any more).</returns>
    ValueTask<bool> TryDeleteAppAsync(string name, string owner);

    /// <summary>Adds to the statistics. They are exact, except for activity that a killed process had not reported yet.</summary>
    ValueTask AddActivityAsync(ActivityReport report);

    /// <returns>Every principal that was ever reported, in ordinal order.</returns>
    ValueTask<IReadOnlyList<string>> GetSendersAsync();

    /// <param name="unixMinute">This minute or the one before it; others count as empty.</param>
    ValueTask<MessageCounts> CountMessagesAsync(long unixMinute);
}

internal static class StateStoreExtensions
{
    /// <summary>Whether a channel is locked; false also for one that nobody can lock.</summary>
    public static async ValueTask<bool> IsLockedAsync(this IStateStore store, ChannelName channel) =>
        channel.IsLockable && await store.GetAccessAsync(channel, Principal.Anonymous) is not ChannelAccess.Open;
}
