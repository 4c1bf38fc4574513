using System.Globalization;
using ClawEvents.Broker.Channels;
using StackExchange.Redis;

namespace ClawEvents.Broker.Cluster.Engine;

/// <summary>The names in Redis that belong to a channel. docs/reference/redis-keys.md</summary>
/// <remarks>
/// The prefix before the name is different for each kind and contains no brace. So no name of a channel leads to another one's
/// keys, and in Redis Cluster, which hashes the part between the first brace and the next closing one, all keys of a channel are on
/// one server: the part in braces is never empty, whatever the name begins with.
/// </remarks>
internal static class ChannelKeys
{
    private const string TagStart = "{channel:";

    /// <summary>Stream: one entry per publication, its id is the offset.</summary>
    public const string Stream = "clawevents:stream:";

    /// <summary>Hash: position and version.</summary>
    public const string Meta = "clawevents:meta:";

    /// <summary>Hash: the values of a map, by their keys.</summary>
    public const string Map = "clawevents:map:";

    /// <summary>Sorted set, all with score 0: the keys of a map, each after its rank of 8 bytes, so that they are in the order of pages.</summary>
    public const string MapOrder = "clawevents:map-order:";

    /// <summary>Sorted set: the expiry of each key of a map.</summary>
    public const string MapEnds = "clawevents:map-ends:";

    /// <summary>Hash: the versions of a map's values that have one, by their keys.</summary>
    public const string MapVersions = "clawevents:map-versions:";

    /// <summary>Sorted set, one for all maps of a server or cluster: the map's channel by the expiry of its first key.</summary>
    public const string NextEnds = "clawevents:map-next-ends:all";

    /// <summary>Hash: the clients that are present, by the connection's id.</summary>
    public const string Presence = "clawevents:presence:";

    /// <summary>Sorted set: the expiry of each client.</summary>
    public const string PresenceEnds = "clawevents:presence-ends:";

    /// <summary>Hash: the number of connections of each user.</summary>
    public const string PresenceUsers = "clawevents:presence-users:";

    /// <param name="kind">One of the above.</param>
    public static RedisKey Of(string kind, ChannelName channel) => $"{kind}{TagStart}{channel.Value}}}";

    /// <summary>The key of an idempotency key. It contains the name's length, so that name and key cannot be confused.</summary>
    public static RedisKey OfOnce(ChannelName channel, string idempotencyKey) =>
        string.Create(CultureInfo.InvariantCulture, $"clawevents:once:{channel.Value.Length}:{TagStart}{channel.Value}}}{idempotencyKey}");

    /// <summary>The slot of Redis Cluster that all of these are in.</summary>
    public static int SlotOf(ChannelName channel)
    {
        var end = channel.Value.IndexOf('}', StringComparison.Ordinal);
        return ChannelHash.SlotOf(TagStart.AsSpan(1), end < 0 ? channel.Value : channel.Value.AsSpan(..end));
    }
}
