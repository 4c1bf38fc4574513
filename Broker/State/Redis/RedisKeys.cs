using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Redis;
using StackExchange.Redis;

namespace ClawEvents.Broker.State.Redis;

/// <summary>The names of all keys. docs/reference/redis-keys.md lists them with their types, values and lifetimes.</summary>
/// <remarks>
/// The keys of claw.events separate a channel's owner and topic by a colon, which both may contain: <c>locked:app:shop:a</c> is the topic <c>a</c>
/// of the app <c>shop</c>, and would also be the topic <c>shop:a</c> of an agent named <c>app</c>, which could then unlock another's channel. A
/// key has the first of the two meanings; a channel with the other has a key of our own, which contains its whole name.
/// </remarks>
internal static class RedisKeys
{
    public const string LockPrefix = "locked:";
    public const string AdvertisementPrefix = "advertise:";

    /// <summary>The prefix of keys that only this broker uses.</summary>
    private const string Own = "clawevents:";

    private const string GrantsPrefix = "perm:";
    private const string KeyHashPrefix = "apikey:";
    private const string AppKeyHashPrefix = "app_key:";
    private const string RevokedPrefix = Own + "revoked:";
    private const string WebhookPrefix = Own + "webhook:";

    private static readonly (string Prefix, HeardKind Kind)[] ChannelPrefixes =
    [
        (LockPrefix, HeardKind.Lock), (GrantsPrefix, HeardKind.Grants), (AdvertisementPrefix, HeardKind.Advertisement),
    ];

    /// <summary>Sorted set: names of advertised channels by the version of their last change.</summary>
    public static readonly RedisKey Advertised = Own + "advertised";

    /// <summary>String: the version of the newest change among the advertisements.</summary>
    public static readonly RedisKey AdvertisedVersion = Own + "advertised:version";

    /// <summary>Hash: the SHA-1 of each listed advertisement's value, by the channel's name.</summary>
    public static readonly RedisKey AdvertisedDigests = Own + "advertised:sha1";

    /// <summary>String: the end of the last search for locks and advertisements of others, Unix time in milliseconds.</summary>
    public static readonly RedisKey Scanned = Own + "scanned";

    /// <summary>String: the second that the system timers of all nodes have reached, Unix time.</summary>
    public static readonly RedisKey TimerSecond = Own + "timer-second";

    /// <summary>Set: the ids of all webhooks.</summary>
    public static readonly RedisKey Webhooks = Own + "webhooks";

    /// <summary>Hash: the node that serves a share of the webhooks, the nodes that share them, and the last fence.</summary>
    public static readonly RedisKey WebhookLeases = Own + "webhook-leases";

    /// <summary>Set: the principals that have published.</summary>
    public static readonly RedisKey Senders = "stats:agents";

    public static readonly RedisKey TotalMessages = "stats:total_messages";

    /// <summary>
    /// The prefix of all keys of the store: that of the address, and in Redis Cluster a hash tag that puts them all on one server, because scripts
    /// touch keys of several owners.
    /// </summary>
    public static string PrefixOf(RedisAddress address) => address.KeyPrefix + (address.Kind is RedisKind.Cluster ? "{clawevents}:" : "");

    /// <summary>
    /// The prefixes of the keys that the store caches or lists, and whose changes it has to hear. None of them begins with another one, which Redis would
    /// refuse.
    /// </summary>
    public static IReadOnlyList<string> TrackedPrefixes(RedisAddress address) =>
    [
        .. ChannelPrefixes.SelectMany(pair => new[] { pair.Prefix, $"{Own}{pair.Prefix}" })
            .Concat([KeyHashPrefix, AppKeyHashPrefix, RevokedPrefix, WebhookPrefix, (string)AdvertisedVersion!, (string)Senders!])
            .Select(prefix => $"{PrefixOf(address)}{prefix}"),
    ];

    /// <summary>String: exists while the channel is locked.</summary>
    public static RedisKey Lock(ChannelName channel) => OfChannel(LockPrefix, channel);

    /// <summary>Set: the principals that may listen.</summary>
    public static RedisKey Grants(ChannelName channel) => OfChannel(GrantsPrefix, channel);

    /// <summary>Hash: the number of grants of each owner.</summary>
    public static RedisKey GrantCounts => $"{Own}grants";

    public static RedisKey Advertisement(ChannelName channel) => OfChannel(AdvertisementPrefix, channel);

    /// <summary>Set: topics of this owner that are, or were, locked.</summary>
    public static RedisKey LockedTopics(ChannelName channel) => $"{Own}locks:{(channel.Kind is ChannelKind.App ? "app" : "agent")}.{channel.Owner}";

    /// <inheritdoc cref="LockedTopics(ChannelName)"/>
    /// <param name="ownerKey">As in <see cref="ChannelName.OwnerKey"/>.</param>
    public static RedisKey LockedTopics(string ownerKey) => $"{Own}locks:{OwnerPart(ownerKey)}";

    /// <summary>The prefix of the names of this owner's channels, without the last dot.</summary>
    /// <param name="ownerKey">As in <see cref="ChannelName.OwnerKey"/>.</param>
    public static string OwnerPart(string ownerKey) =>
        ownerKey.StartsWith(Principal.AppPrefix, StringComparison.Ordinal) ? $"app.{ownerKey[Principal.AppPrefix.Length..]}" : $"agent.{ownerKey}";

    /// <param name="principal">An agent's name, or <c>app:&lt;name&gt;</c>.</param>
    public static RedisKey KeyHash(string principal) =>
        principal.StartsWith(Principal.AppPrefix, StringComparison.Ordinal) ? AppKeyHash(principal[Principal.AppPrefix.Length..]) : $"{KeyHashPrefix}{principal}";

    /// <summary>String: the principal's tokens that were issued until then are revoked, Unix seconds.</summary>
    public static RedisKey RevokedUntil(string principal) => $"{RevokedPrefix}{principal}";

    /// <summary>Hash: what the owner of a webhook has set.</summary>
    public static RedisKey WebhookTerms(string id) => $"{WebhookPrefix}{id}";

    /// <summary>Hash: how far the deliveries of a webhook have come.</summary>
    public static RedisKey WebhookProgress(string id) => $"{Own}webhook-progress:{id}";

    /// <summary>Set: the ids of this owner's webhooks.</summary>
    public static RedisKey WebhooksOf(string owner) => $"{Own}webhooks-of:{owner}";

    public static RedisKey AppKeyHash(string app) => $"{AppKeyHashPrefix}{app}";

    public static RedisKey App(string name) => $"app:{name}";

    /// <summary>Set: names of the apps that this principal created.</summary>
    public static RedisKey AppsOf(string owner) => $"owner_apps:{owner}";

    public static RedisKey Signature(string username) => $"authsig:{username}";

    /// <summary>String: exists for ten minutes after a sign-in with the signature.</summary>
    public static RedisKey SpentSignature(string username, string signature) => $"{Own}authsig-spent:{username}:{signature}";

    public static RedisKey Challenge(ChallengeKey key) => $"agent_challenge:{key.Username}:{key.KeyName}:{key.Nonce}";

    public static RedisKey RateWindow(string principal) => $"ratelimit:{principal}";

    public static RedisKey MessagesOfMinute(long unixMinute) => string.Create(CultureInfo.InvariantCulture, $"stats:messages_per_min:{unixMinute}");

    /// <summary>Reads the channel from a key of claw.events.</summary>
    /// <param name="prefix"><see cref="LockPrefix"/> or <see cref="AdvertisementPrefix"/>.</param>
    /// <param name="channel">Lockable.</param>
    public static bool TryReadChannel(string key, string prefix, [NotNullWhen(true)] out ChannelName? channel)
    {
        channel = null;
        if (!key.StartsWith(prefix, StringComparison.Ordinal))
        {
            return false;
        }

        var rest = key[prefix.Length..];
        var appEnd = rest.StartsWith(Principal.AppPrefix, StringComparison.Ordinal) ? rest.IndexOf(':', Principal.AppPrefix.Length) : -1;
        var ownerEnd = appEnd < 0 ? rest.IndexOf(':', StringComparison.Ordinal) : appEnd;
        return ownerEnd > 0
            && ChannelName.TryParse(NameOf(rest, ownerEnd, isApp: appEnd >= 0), out channel)
            && channel.IsLockable

            // A dot in the owner's name would have become a part of the topic.
            && OfChannel(prefix, channel) == key;
    }

    /// <summary>Reads the meaning of a key of <see cref="TrackedPrefixes"/>.</summary>
    /// <param name="key">Any key, without the prefix of <see cref="PrefixOf"/>.</param>
    /// <returns>False for a key that the store never reads.</returns>
    public static bool TryReadChange(string key, out HeardChange change)
    {
        foreach (var (prefix, kind) in ChannelPrefixes)
        {
            if (TryReadOwnChannel(key, prefix, out var channel) || TryReadChannel(key, prefix, out channel))
            {
                change = new(kind, channel);
                return true;
            }
        }

        if (key == AdvertisedVersion || key == Senders)
        {
            change = new(key == Senders ? HeardKind.Senders : HeardKind.AdvertisedList);
            return true;
        }

        if (key.StartsWith(RevokedPrefix, StringComparison.Ordinal) && key.Length > RevokedPrefix.Length)
        {
            change = new(HeardKind.Tokens, Principal: key[RevokedPrefix.Length..]);
            return true;
        }

        if (key.StartsWith(WebhookPrefix, StringComparison.Ordinal))
        {
            change = new(HeardKind.Webhook, Webhook: key[WebhookPrefix.Length..]);
            return Webhook.IsId(change.Webhook);
        }

        var principal = key.StartsWith(KeyHashPrefix, StringComparison.Ordinal) ? key[KeyHashPrefix.Length..]
            : key.StartsWith(AppKeyHashPrefix, StringComparison.Ordinal) ? $"{Principal.AppPrefix}{key[AppKeyHashPrefix.Length..]}"
            : "";
        change = new(HeardKind.Tokens, Principal: principal);
        return principal.Length > 0 && KeyHash(principal) == key;
    }

    private static bool TryReadOwnChannel(string key, string prefix, [NotNullWhen(true)] out ChannelName? channel)
    {
        channel = null;
        return key.StartsWith(Own, StringComparison.Ordinal)
            && key.AsSpan(Own.Length).StartsWith(prefix, StringComparison.Ordinal)
            && ChannelName.TryParse(key.AsSpan(Own.Length + prefix.Length), out channel)
            && channel.IsLockable
            && OfChannel(prefix, channel) == key;
    }

    private static string NameOf(string rest, int ownerEnd, bool isApp) =>
        isApp ? $"app.{rest[Principal.AppPrefix.Length..ownerEnd]}.{rest[(ownerEnd + 1)..]}" : $"agent.{rest[..ownerEnd]}.{rest[(ownerEnd + 1)..]}";

    private static RedisKey OfChannel(string prefix, ChannelName channel) =>
        ReadsOtherwise(channel) ? $"{Own}{prefix}{channel.Value}" : $"{prefix}{channel.OwnerKey}:{channel.Topic}";

    private static bool ReadsOtherwise(ChannelName channel) =>
        channel.Owner.Contains(':') || (channel.Kind is ChannelKind.Agent && channel.Owner is "app" && channel.Topic.Contains(':'));
}
