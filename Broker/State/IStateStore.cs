using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Identity;

namespace ClawEvents.Broker.State;

/// <summary>The facts that outlive a request: locks, grants, keys, advertisements, apps, rate windows, statistics.</summary>
/// <remarks>
/// Every member is thread-safe. A task that completes means that the change is kept as well as this store keeps anything.
/// Locks and grants only exist for lockable channels (<see cref="ChannelName.IsLockable"/>); the caller has checked that.
/// A lost dependency (disk, Redis) is an exception; what a client can cause is never one.
/// </remarks>
internal interface IStateStore
{
    /// <summary>One line for the start-up message: which store this is and where it keeps things.</summary>
    string Description { get; }

    /// <summary>Whether it works now; answers within two seconds, and never with an exception.</summary>
    ValueTask<StoreHealth> CheckHealthAsync();

    /// <summary>Asked for every subscribe to a channel that has an owner.</summary>
    ValueTask<ChannelAccess> GetAccessAsync(ChannelName channel, Principal principal);

    /// <summary>Locks a channel; locking it twice is no error.</summary>
    ValueTask LockAsync(ChannelName channel);

    /// <summary>Unlocks a channel; grants stay as they are.</summary>
    ValueTask UnlockAsync(ChannelName channel);

    /// <summary>Lets a principal listen while the channel is locked. The target need not exist, nor the lock.</summary>
    ValueTask GrantAsync(ChannelName channel, string target);

    /// <summary>Takes a grant back; revoking one never given is no error.</summary>
    ValueTask RevokeGrantAsync(ChannelName channel, string target);

    /// <returns>How many principals have a grant on the channel, this one not counted.</returns>
    ValueTask<int> CountOtherGrantsAsync(ChannelName channel, string target);

    /// <summary>The topics of this owner's locked channels.</summary>
    /// <param name="ownerKey">An agent's name, or <c>app:&lt;name&gt;</c>; one that owns no lock, or does not exist, has none.</param>
    /// <returns>In ordinal order.</returns>
    ValueTask<IReadOnlyList<string>> GetLockedTopicsAsync(string ownerKey);

    /// <summary>Makes this the one live key of the principal; an earlier one stops working.</summary>
    /// <param name="principal">An agent's name, or <c>app:&lt;name&gt;</c>.</param>
    /// <param name="keyHash">SHA-256 of the token, in lower-case hexadecimal.</param>
    ValueTask SetKeyHashAsync(string principal, string keyHash);

    /// <summary>Leaves the principal without a live key; it is no error that there was none.</summary>
    ValueTask RemoveKeyHashAsync(string principal);

    /// <returns>The hash of the principal's live key; null when it has none.</returns>
    ValueTask<string?> GetKeyHashAsync(string principal);

    /// <summary>Keeps a sign-in signature for ten minutes; an earlier one of that name is forgotten.</summary>
    ValueTask SetSignatureAsync(string username, string signature);

    /// <returns>The signature that waits for this name; null when there is none, or its time is over.</returns>
    ValueTask<string?> GetSignatureAsync(string username);

    /// <summary>Uses a signature up.</summary>
    /// <returns>False when it is not there any more: of two who use one signature, one does.</returns>
    ValueTask<bool> TryTakeSignatureAsync(string username, string signature);

    /// <summary>Keeps a sign-in challenge for 120 seconds: <c>agent_challenge:USERNAME:KEYNAME:NONCE</c> = <c>{"issuedAt":SECONDS}</c>.</summary>
    /// <param name="key">Never used before, as its nonce is random.</param>
    /// <param name="issuedAt">Unix seconds; a part of the text that is signed.</param>
    ValueTask SetChallengeAsync(ChallengeKey key, long issuedAt);

    /// <summary>Uses a challenge up: of two who take one, one gets it.</summary>
    /// <returns>When it was issued, in Unix seconds; null when there is none (any more), or its time is over.</returns>
    ValueTask<long?> TakeChallengeAsync(ChallengeKey key);

    /// <summary>Counts one publish of the principal in its window of one second, which starts with the first request.</summary>
    ValueTask<RateWindow> CountPublishAsync(string principal);

    /// <summary>Asks whether this is the second that the system timers of all nodes are at, and takes them there.</summary>
    /// <param name="unixSecond">By this node's clock.</param>
    /// <returns>
    /// True for the second that was reached last, whoever reached it, and for one after it, unless no clock could be there yet: then some node's clock is
    /// wrong, or it slept. A store of one node has nothing against any second.
    /// </returns>
    ValueTask<bool> TryReachSecondAsync(long unixSecond);

    /// <summary>Makes this what its channel's owner says about it; what was said before is gone.</summary>
    ValueTask SetAdvertisementAsync(Advertisement advertisement);

    /// <summary>Takes an advertisement back; it is no error that there was none.</summary>
    ValueTask RemoveAdvertisementAsync(ChannelName channel);

    /// <summary>Asked for every publish to a channel that has an owner.</summary>
    /// <returns>Null when the channel is not advertised; otherwise the same instance until it changes.</returns>
    ValueTask<Advertisement?> GetAdvertisementAsync(ChannelName channel);

    ValueTask<AdvertisementPage> FindAdvertisementsAsync(AdvertisementQuery query);

    /// <summary>Makes an app with its first key.</summary>
    /// <returns>False, and nothing has changed, when the name is taken: of two who want one name, one gets it.</returns>
    ValueTask<bool> TryCreateAppAsync(AppRecord app, string keyHash);

    /// <returns>Null when there is no such app.</returns>
    ValueTask<AppRecord?> GetAppAsync(string name);

    /// <returns>The apps that this principal made, newest first.</returns>
    ValueTask<IReadOnlyList<AppRecord>> GetAppsAsync(string owner);

    /// <summary>Gives an app a new key; the old one stops working.</summary>
    /// <returns>False, and nothing has changed, when the owner has no such app (any more).</returns>
    ValueTask<bool> TrySetAppKeyAsync(string name, string owner, string keyHash);

    /// <summary>Removes an app and its key. Locks, grants and advertisements of its channels stay.</summary>
    /// <returns>False, and nothing has changed, when the owner has no such app (any more).</returns>
    ValueTask<bool> TryDeleteAppAsync(string name, string owner);

    /// <summary>Adds to the statistics. Exact to the message, but for what a killed process had not reported yet.</summary>
    ValueTask AddActivityAsync(ActivityReport report);

    /// <returns>Every principal that was ever reported, in ordinal order.</returns>
    ValueTask<IReadOnlyList<string>> GetSendersAsync();

    /// <param name="unixMinute">This minute or the one before it; others count as empty.</param>
    ValueTask<MessageCounts> CountMessagesAsync(long unixMinute);
}
