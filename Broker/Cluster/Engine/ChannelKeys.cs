using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Unicode;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Redis.Resp;

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
    public static ReadOnlySpan<byte> Stream => "clawevents:stream:"u8;

    /// <summary>Hash: position and version.</summary>
    public static ReadOnlySpan<byte> Meta => "clawevents:meta:"u8;

    /// <summary>Hash: the clients that are present, by the connection's id.</summary>
    public static ReadOnlySpan<byte> Presence => "clawevents:presence:"u8;

    /// <summary>Sorted set: the expiry of each client.</summary>
    public static ReadOnlySpan<byte> PresenceEnds => "clawevents:presence-ends:"u8;

    /// <summary>Hash: the number of connections of each user.</summary>
    public static ReadOnlySpan<byte> PresenceUsers => "clawevents:presence-users:"u8;

    /// <summary>Writes a key as a part of a command.</summary>
    public static void WriteKey(IBufferWriter<byte> output, ReadOnlySpan<byte> kind, ChannelName channel) => WriteName(output, kind, channel.Value, "");

    /// <summary>Writes the key of an idempotency key. It contains the name's length, so that name and key cannot be confused.</summary>
    public static void WriteOnceKey(IBufferWriter<byte> output, ChannelName channel, string idempotencyKey)
    {
        Span<byte> kind = stackalloc byte[32];
        Utf8.TryWrite(kind, CultureInfo.InvariantCulture, $"clawevents:once:{channel.Value.Length}:", out var length);
        WriteName(output, kind[..length], channel.Value, idempotencyKey);
    }

    /// <summary>The slot of Redis Cluster that all of these are in.</summary>
    public static int SlotOf(ChannelName channel)
    {
        var end = channel.Value.IndexOf('}', StringComparison.Ordinal);
        return ChannelHash.SlotOf(TagStart.AsSpan(1), end < 0 ? channel.Value : channel.Value.AsSpan(..end));
    }

    private static void WriteName(IBufferWriter<byte> output, ReadOnlySpan<byte> kind, string name, string rest)
    {
        output.WritePartHead(kind.Length + TagStart.Length + name.Length + 1 + Encoding.UTF8.GetByteCount(rest));
        output.Write(kind);
        Encoding.UTF8.GetBytes(TagStart, output);
        Encoding.UTF8.GetBytes(name, output);
        output.Write("}"u8);
        Encoding.UTF8.GetBytes(rest, output);
        output.Write("\r\n"u8);
    }
}
