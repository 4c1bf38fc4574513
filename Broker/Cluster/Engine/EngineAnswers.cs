using System.Buffers.Text;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Redis;
using StackExchange.Redis;
using ClientInfo = ClawEvents.Broker.Channels.ClientInfo;
using StreamPosition = ClawEvents.Broker.Channels.StreamPosition;

namespace ClawEvents.Broker.Cluster.Engine;

/// <summary>Reads the answers to the engine's commands. Pure.</summary>
/// <remarks>Every member throws <see cref="InvalidDataException"/> for values that no broker of this version has written.</remarks>
internal static class EngineAnswers
{
    /// <summary>Offset and epoch of a channel; null when it has none.</summary>
    public static StreamPosition? ReadPosition(RedisResult answer) =>
        answer.Items() is [var offset, var epoch] ? epoch.IsNull ? null : new((ulong)offset.Number(), epoch.Text()) : throw Unreadable();

    /// <summary>A suppression and a position.</summary>
    public static PublishResult ReadResult(RedisResult answer)
    {
        var reader = new NodeFieldReader(answer.Bytes());
        var suppression = reader.ReadByte() switch
        {
            (byte)'0' => Suppression.None,
            (byte)'1' => Suppression.Repeated,
            (byte)'2' => Suppression.Outdated,
            _ => throw Unreadable(),
        };
        var position = new StreamPosition(reader.ReadUInt64(), reader.ReadShortText());
        return reader.IsComplete ? new(position, suppression) : throw Unreadable();
    }

    public static HistoryPage ReadPage(RedisResult answer)
    {
        if (answer.Items() is not [var offset, var epoch, var entries])
        {
            throw Unreadable();
        }

        return new(Array.ConvertAll(entries.Items(), ReadEntry), new((ulong)offset.Number(), epoch.Text()));
    }

    public static ClientInfo[] ReadClients(RedisResult answer) => Array.ConvertAll(answer.Items(), ReadClient);

    public static PresenceStats ReadStats(RedisResult answer) =>
        answer.Items() is [var clients, var users] ? new((int)clients.Number(), (int)users.Number()) : throw Unreadable();

    private static ClientInfo ReadClient(RedisResult answer)
    {
        var reader = new NodeFieldReader(answer.Bytes());
        var client = PublicationBody.ReadClient(ref reader);
        return reader.IsComplete ? client : throw Unreadable();
    }

    // An id, offset-0, and one field with its name.
    private static StoredPublication ReadEntry(RedisResult entry) =>
        entry.Items() is [var id, var fields]
        && Utf8Parser.TryParse(id.Bytes(), out ulong offset, out _)
        && fields.Items() is [_, var body]
        && PublicationBody.Read(body.Bytes(), offset) is { } publication
            ? publication
            : throw Unreadable();

    private static InvalidDataException Unreadable() => new("a channel's history or presence in Redis is not what this broker writes (docs/reference/redis-keys.md)");
}
