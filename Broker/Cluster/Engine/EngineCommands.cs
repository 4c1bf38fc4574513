using System.Buffers;
using System.Globalization;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Cluster.Bus;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Redis;
using ClawEvents.Broker.Telemetry;
using StackExchange.Redis;
using ClientInfo = ClawEvents.Broker.Channels.ClientInfo;

namespace ClawEvents.Broker.Cluster.Engine;

/// <summary>Makes the engine's commands for Redis. Pure.</summary>
/// <param name="isInCluster">Then every publication is a script with a key of the channel, so that only the server that has the channel accepts it:
/// any server accepts <c>PUBLISH</c> itself.</param>
internal sealed class EngineCommands(BusNames names, bool isInCluster)
{
    // Publications in a cluster end with one of these.
    private const int Direct = 0;
    private const int Redirected = 1;

    // One large publication must not be kept for the life of the thread.
    private const int MaxKeptBytes = 1024 * 1024;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _scratch;

    /// <inheritdoc cref="NodeEnvelope.Start"/>
    public static RedisValue Start { get; } = NodeEnvelope.Start.ToArray();

    /// <summary>A publication for the server that is taking the channel's slot over, while nodes are still subscribed at the one that gives it away.</summary>
    /// <param name="publication">For a server of a cluster.</param>
    public static RedisCall Redirect(RedisCall publication) => publication.WithLast(Redirected);

    /// <summary>For a publication without history.</summary>
    public RedisCall Publish(ChannelName channel, in EnginePublication publication)
    {
        var message = Emptied();
        NodeEnvelope.WriteHeader(message, EnvelopeKind.Publication);
        PublicationBody.Write(message, publication.Publication, PublishTrace.Context);
        return publication.IdempotencyKey is { } key ? PublishOnce(channel, key, Copy(message)) : Publish(channel, Copy(message));
    }

    /// <summary>For join and leave.</summary>
    public RedisCall PublishClient(ChannelName channel, EnvelopeKind kind, ClientInfo client)
    {
        var message = Emptied();
        NodeEnvelope.WriteHeader(message, kind);
        PublicationBody.WriteClient(message, client);
        return Publish(channel, Copy(message));
    }

    /// <summary>For a publication with history on.</summary>
    public RedisCall PublishKept(ChannelName channel, in EnginePublication publication)
    {
        var body = Emptied();
        PublicationBody.Write(body, publication.Publication, PublishTrace.Context);
        RedisKey stream = ChannelKeys.Of(ChannelKeys.Stream, channel), meta = ChannelKeys.Of(ChannelKeys.Meta, channel);
        return Publishing(
            EngineScripts.Publish,
            EngineScripts.PublishInCluster,
            publication.IdempotencyKey is { } key ? [stream, meta, ChannelKeys.OfOnce(channel, key)] : [stream, meta],
            Start,
            names.Of(channel),
            Copy(body),
            publication.History.Size,
            Milliseconds(publication.History.Ttl),
            Milliseconds(publication.History.MetaTtl),
            Epochs.New(),
            publication.WantsDelta ? 1 : 0,
            publication.Version == 0 ? "" : publication.Version.ToString("D20", CultureInfo.InvariantCulture),
            publication.VersionEpoch ?? "",
            Milliseconds(IChannelEngine.IdempotencyTtl));
    }

    public static RedisCall Read(ChannelName channel, in HistoryFilter filter, TimeSpan metaTtl)
    {
        var (limit, first, last) = RangeOf(filter);
        return RedisCall.Of(
            EngineScripts.Read,
            [ChannelKeys.Of(ChannelKeys.Stream, channel), ChannelKeys.Of(ChannelKeys.Meta, channel)],
            Epochs.New(),
            Milliseconds(metaTtl),
            limit,
            filter.Reverse ? last : first,
            filter.Reverse ? first : last,
            filter.Reverse ? "XREVRANGE" : "XRANGE");
    }

    public static RedisCall RemoveHistory(ChannelName channel) => RedisCall.Of("DEL", ChannelKeys.Of(ChannelKeys.Stream, channel));

    /// <summary>Reads the position and leaves it unchanged, including its expiry.</summary>
    public static RedisCall LookUpPosition(ChannelName channel) => RedisCall.Of("HMGET", ChannelKeys.Of(ChannelKeys.Meta, channel), "o", "e");

    /// <param name="ended">The epoch to replace; any other one stays.</param>
    /// <param name="below">It is replaced only if the offset is less.</param>
    public static RedisCall RenewEpoch(ChannelName channel, string ended, ulong below) => RedisCall.Of(
        EngineScripts.RenewEpoch,
        [ChannelKeys.Of(ChannelKeys.Stream, channel), ChannelKeys.Of(ChannelKeys.Meta, channel)],
        ended,
        Epochs.New(),
        below);

    public static RedisCall AddPresence(ChannelName channel, ClientInfo client, TimeSpan ttl)
    {
        var info = Emptied();
        PublicationBody.WriteClient(info, client);
        return AskPresence(EngineScripts.AddPresence, channel, IdOf(client.Client), Copy(info), client.User, Milliseconds(ttl));
    }

    public static RedisCall RemovePresence(ChannelName channel, Guid client) => AskPresence(EngineScripts.RemovePresence, channel, IdOf(client));

    /// <param name="script">One of those for presence.</param>
    public static RedisCall AskPresence(RedisScript script, ChannelName channel, params RedisValue[] arguments) => RedisCall.Of(
        script,
        [
            ChannelKeys.Of(ChannelKeys.Presence, channel),
            ChannelKeys.Of(ChannelKeys.PresenceEnds, channel),
            ChannelKeys.Of(ChannelKeys.PresenceUsers, channel),
        ],
        arguments);

    private RedisCall Publish(ChannelName channel, byte[] message) => isInCluster
        ? RedisCall.Of(EngineScripts.PublishHere, [ChannelKeys.Of(ChannelKeys.Meta, channel)], names.Of(channel), message, Direct)
        : RedisCall.Of("PUBLISH", names.Of(channel), message);

    private RedisCall PublishOnce(ChannelName channel, string key, byte[] message) => Publishing(
        EngineScripts.PublishOnce,
        EngineScripts.PublishOnceInCluster,
        [ChannelKeys.OfOnce(channel, key)],
        names.Of(channel),
        message,
        Milliseconds(IChannelEngine.IdempotencyTtl));

    private RedisCall Publishing(RedisScript alone, RedisScript inCluster, RedisKey[] keys, params RedisValue[] arguments) =>
        isInCluster ? RedisCall.Of(inCluster, keys, [.. arguments, Direct]) : RedisCall.Of(alone, keys, arguments);

    /// <summary>A filter in the terms of Redis: ids of a stream begin at 1.</summary>
    public static (int Limit, string First, string Last) RangeOf(in HistoryFilter filter)
    {
        var limit = Math.Max(-1, filter.Limit);
        return filter switch
        {
            { Since: null } => (limit, "-", "+"),
            { Reverse: true, Since.Offset: 0 } or { Reverse: false, Since.Offset: ulong.MaxValue } => (0, "-", "+"),
            { Reverse: true } => (limit, "-", (filter.Since.Value.Offset - 1).ToString(CultureInfo.InvariantCulture)),
            _ => (limit, (filter.Since.Value.Offset + 1).ToString(CultureInfo.InvariantCulture), "+"),
        };
    }

    /// <summary>At least 1: Redis refuses an expiry of 0.</summary>
    public static long Milliseconds(TimeSpan time) => Math.Max(1, (long)time.TotalMilliseconds);

    private static byte[] IdOf(Guid client) => client.ToByteArray(bigEndian: true);

    /// <summary>A buffer of this thread; what is in it is copied before the next use.</summary>
    public static ArrayBufferWriter<byte> Emptied()
    {
        if (_scratch is null || _scratch.Capacity > MaxKeptBytes)
        {
            return _scratch = new();
        }

        _scratch.ResetWrittenCount();
        return _scratch;
    }

    public static byte[] Copy(ArrayBufferWriter<byte> scratch) => scratch.WrittenSpan.ToArray();
}
