using System.Buffers.Binary;
using System.Globalization;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Cluster.Bus;
using ClawEvents.Broker.Cluster.Engine;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Maps;
using ClawEvents.Broker.Redis;
using ClawEvents.Broker.Telemetry;
using StackExchange.Redis;

namespace ClawEvents.Broker.Cluster.Maps;

/// <summary>Makes the commands of maps for Redis. Pure.</summary>
/// <inheritdoc cref="EngineCommands"/>
internal sealed class MapCommands(BusNames names, bool isInCluster)
{
    /// <summary>The length of a rank, with which the members of the order begin.</summary>
    public const int RankBytes = sizeof(long);

    // Publications in a cluster end with it: see EngineCommands.Redirect.
    private const int Direct = 0;

    /// <param name="resultTtl">How long the result is kept, if the change has an idempotency key.</param>
    public RedisCall Publish(ChannelName channel, MapOptions options, in MapChange change, TimeSpan resultTtl, DateTimeOffset now)
    {
        var key = new MapKeyField(change.Key, Removed: false, change.Score, now.ToUnixTimeMilliseconds());
        var trace = PublishTrace.Context;
        var body = BodyOf(change.Publication, trace, key);
        var own = change.StreamData is { } data ? BodyOf(change.Publication with { Data = data }, trace, key) : [];
        return Publishing(
            MapScripts.Publish,
            KeysOf(channel, change.IdempotencyKey),
            [
                .. Common(channel, options),
                change.Key,
                RankOf(options.IsOrdered ? change.Score : 0),
                InfoOf(change.StreamData is not null, PublicationBody.RangeOfTags(body)),
                body,
                own,
                change.WantsDelta ? 1 : 0,
                change.KeyMode switch { KeyMode.IfNew => "n", KeyMode.IfExists => "e", _ => "" },
                change.RefreshesTtl ? 1 : 0,
                change.Version == 0 ? "" : change.Version.ToString("D20", CultureInfo.InvariantCulture),
                change.VersionEpoch ?? "",
                EngineCommands.Milliseconds(resultTtl),
            ]);
    }

    /// <inheritdoc cref="Publish"/>
    public RedisCall Remove(ChannelName channel, MapOptions options, in MapRemoval removal, TimeSpan resultTtl) => Publishing(
        MapScripts.Remove,
        KeysOf(channel, removal.IdempotencyKey),
        [.. Common(channel, options), removal.Key, TagsOf(removal.Tags), EngineCommands.Milliseconds(resultTtl)]);

    /// <param name="most">Keys to remove.</param>
    public RedisCall Expire(ChannelName channel, int most) => Publishing(MapScripts.Expire, KeysOf(channel), [.. Common(channel, MapOptions.None), most]);

    public RedisCall Clear(ChannelName channel, MapOptions options) => Publishing(MapScripts.Clear, KeysOf(channel), Common(channel, options));

    /// <param name="after">Where the page begins.</param>
    /// <param name="limit">Most entries; one more is read, which shows that there are more.</param>
    public RedisCall ReadState(ChannelName channel, MapOptions options, in MapStateFilter filter, MapCursor after, int limit)
    {
        var isDescending = options.IsOrdered && !filter.Ascending;
        RedisValue start = !after.IsStart ? BoundOf(after) : isDescending ? "+" : "-";
        RedisValue[] asked = filter.Key is { } key ? ["k", key] : ["p", start, isDescending ? 1 : 0, limit == 0 ? 0 : limit + 1];
        return RedisCall.Of(MapScripts.ReadState, KeysOf(channel), [.. Common(channel, options), .. asked]);
    }

    public RedisCall ReadStream(ChannelName channel, MapOptions options, in HistoryFilter filter)
    {
        var (limit, first, last) = EngineCommands.RangeOf(filter);
        return RedisCall.Of(
            MapScripts.ReadStream,
            KeysOf(channel),
            [.. Common(channel, options), limit, filter.Reverse ? last : first, filter.Reverse ? first : last, filter.Reverse ? "XREVRANGE" : "XRANGE"]);
    }

    public static RedisCall Count(ChannelName channel) => RedisCall.Of("HLEN", ChannelKeys.Of(ChannelKeys.Map, channel));

    /// <summary>Has the map looked after when a key of it expires.</summary>
    /// <param name="due">Milliseconds of Redis's clock.</param>
    public static RedisCall Register(ChannelName channel, long due) => RedisCall.Of("ZADD", ChannelKeys.NextEnds, due, channel.Value);

    /// <summary>Takes maps that have keys to remove; nobody else gets them for a while.</summary>
    public static RedisCall Claim(int most, TimeSpan time) => RedisCall.Of(MapScripts.Claim, [ChannelKeys.NextEnds], most, EngineCommands.Milliseconds(time));

    /// <param name="until">The answer to <see cref="Claim"/>.</param>
    /// <param name="next">When the next key expires; 0: none does.</param>
    public static RedisCall Settle(string channel, long until, long next) => RedisCall.Of(MapScripts.Settle, [ChannelKeys.NextEnds], channel, until, next);

    private static RedisKey[] KeysOf(ChannelName channel, string? idempotencyKey = null)
    {
        RedisKey[] keys =
        [
            ChannelKeys.Of(ChannelKeys.Stream, channel),
            ChannelKeys.Of(ChannelKeys.Meta, channel),
            ChannelKeys.Of(ChannelKeys.Map, channel),
            ChannelKeys.Of(ChannelKeys.MapOrder, channel),
            ChannelKeys.Of(ChannelKeys.MapEnds, channel),
            ChannelKeys.Of(ChannelKeys.MapVersions, channel),
        ];
        return idempotencyKey is null ? keys : [.. keys, ChannelKeys.OfOnce(channel, idempotencyKey)];
    }

    private RedisValue[] Common(ChannelName channel, MapOptions options) =>
    [
        EngineCommands.Start,
        names.Of(channel),
        Epochs.New(),
        options.KeepsStream ? options.StreamSize : 0,
        EngineCommands.Milliseconds(options.StreamTtl),
        options.MetaTtl == TimeSpan.Zero ? 0 : EngineCommands.Milliseconds(options.MetaTtl),
        EngineCommands.Milliseconds(MapOptions.EmptyTtl),
        options.KeyTtl == TimeSpan.Zero ? 0 : EngineCommands.Milliseconds(options.KeyTtl),
    ];

    private static byte[] BodyOf(in Publication publication, string trace, in MapKeyField key)
    {
        var body = EngineCommands.Emptied();
        PublicationBody.Write(body, publication, trace, key);
        return EngineCommands.Copy(body);
    }

    private static byte[] TagsOf(IReadOnlyDictionary<string, string>? tags)
    {
        if (tags is null)
        {
            return [];
        }

        var bytes = EngineCommands.Emptied();
        PublicationBody.WriteTags(bytes, tags);
        return EngineCommands.Copy(bytes);
    }

    // What a value has between its offset and its body.
    private static byte[] InfoOf(bool isAnnouncedOtherwise, Range tags)
    {
        var info = new byte[1 + (2 * sizeof(uint))];
        info[0] = isAnnouncedOtherwise ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt32BigEndian(info.AsSpan(1), (uint)tags.Start.Value);
        BinaryPrimitives.WriteUInt32BigEndian(info.AsSpan(1 + sizeof(uint)), (uint)(tags.End.Value - tags.Start.Value));
        return info;
    }

    // Redis compares bytes: negative ranks come first without their sign.
    private static byte[] RankOf(long rank)
    {
        var bytes = new byte[RankBytes];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, (ulong)rank ^ (1UL << 63));
        return bytes;
    }

    private static byte[] BoundOf(MapCursor after) => [(byte)'(', .. RankOf(after.Score), .. System.Text.Encoding.UTF8.GetBytes(after.Key)];

    private RedisCall Publishing((RedisScript Alone, RedisScript InCluster) scripts, RedisKey[] keys, RedisValue[] arguments) =>
        isInCluster ? RedisCall.Of(scripts.InCluster, keys, [.. arguments, Direct]) : RedisCall.Of(scripts.Alone, keys, arguments);
}
