using System.Buffers.Binary;
using System.Buffers.Text;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Cluster.Engine;
using ClawEvents.Broker.Maps;
using ClawEvents.Broker.Redis;
using StackExchange.Redis;
using StreamPosition = ClawEvents.Broker.Channels.StreamPosition;

namespace ClawEvents.Broker.Cluster.Maps;

/// <summary>Reads the answers to the commands of maps. Pure.</summary>
/// <inheritdoc cref="EngineAnswers"/>
internal static class MapAnswers
{
    // Rank, offset, how it was announced, the place of its tags.
    private const int ValueHeader = MapCommands.RankBytes + sizeof(ulong) + 1 + (2 * sizeof(uint));

    /// <summary>The result of a change.</summary>
    /// <param name="due">When the map has to be looked after, of Redis's clock; 0: no sooner than is known.</param>
    public static MapResult ReadResult(RedisResult answer, out long due)
    {
        var reader = new NodeFieldReader(answer.Bytes());
        var outcome = reader.ReadByte() switch
        {
            (byte)'0' => MapOutcome.Applied,
            (byte)'1' => MapOutcome.Repeated,
            (byte)'2' => MapOutcome.Outdated,
            (byte)'3' => MapOutcome.KeyExists,
            (byte)'4' => MapOutcome.KeyNotFound,
            _ => throw Unreadable(),
        };
        due = reader.ReadLong();
        var position = new StreamPosition(reader.ReadUInt64(), reader.ReadShortText());
        return reader.IsComplete ? new(position, outcome) : throw Unreadable();
    }

    /// <param name="limit">Entries of a page; the answer may have one more.</param>
    /// <param name="isOrdered">How the cursor of the next page is written.</param>
    public static MapStatePage ReadState(RedisResult answer, int limit, bool isOrdered)
    {
        if (answer.Items() is not [var offset, var epoch, var keys, var values] || values.Length < keys.Length)
        {
            throw Unreadable();
        }

        var (names, bodies) = (keys.Items(), values.Items());
        var count = Math.Min(names.Length, limit);
        var entries = new List<MapPublication>(count);
        for (var i = 0; i < count; i++)
        {
            if (!bodies[i].IsNull)
            {
                entries.Add(ReadEntry(bodies[i]));
            }
        }

        var next = names.Length > limit && count > 0 ? new MapCursor(names[count - 1].Text(), RankOf(bodies[count - 1].Bytes())).ToText(isOrdered) : "";
        return new(entries, new((ulong)offset.Number(), epoch.Text()), next);
    }

    public static MapStreamPage ReadStream(RedisResult answer) =>
        answer.Items() is [var offset, var epoch, var entries]
            ? new(Array.ConvertAll(entries.Items(), ReadChange), new((ulong)offset.Number(), epoch.Text()))
            : throw Unreadable();

    /// <summary>The maps to look after, and until when.</summary>
    public static (long Until, string[] Channels) ReadClaim(RedisResult answer) =>
        answer.Items() is [var until, var channels] ? (until.Number(), Array.ConvertAll(channels.Items(), channel => channel.Text())) : throw Unreadable();

    private static long RankOf(byte[] value) => (long)(BinaryPrimitives.ReadUInt64BigEndian(value) ^ (1UL << 63));

    private static MapPublication ReadEntry(RedisResult answer)
    {
        ReadOnlyMemory<byte> value = answer.Bytes();
        return value.Length > ValueHeader
            && PublicationBody.ReadChange(value[ValueHeader..], BinaryPrimitives.ReadUInt64BigEndian(value.Span[MapCommands.RankBytes..])) is { } entry
            ? entry
            : throw Unreadable();
    }

    // An id, offset-0, and one field with its name.
    private static MapPublication ReadChange(RedisResult entry) =>
        entry.Items() is [var id, var fields]
        && Utf8Parser.TryParse(id.Bytes(), out ulong offset, out _)
        && fields.Items() is [_, var body]
        && PublicationBody.ReadChange(body.Bytes(), offset) is { } change
            ? change
            : throw Unreadable();

    private static InvalidDataException Unreadable() => new("a map in Redis is not what this broker writes (docs/reference/redis-keys.md)");
}
