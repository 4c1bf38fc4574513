using System.Buffers.Text;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Redis.Resp;

namespace ClawEvents.Broker.Cluster.Engine;

/// <summary>Reads the answers to the engine's commands. Pure.</summary>
/// <remarks>Every member throws <see cref="InvalidDataException"/> for values that no broker of this version has written.</remarks>
internal static class EngineAnswers
{
    /// <summary>Offset and epoch of a channel; null when it has none.</summary>
    public static StreamPosition? ReadPosition(RespValue answer) =>
        answer.Items is [var offset, var epoch] ? epoch.IsNull ? null : new((ulong)offset.ToNumber(), epoch.ToString()) : throw Unreadable();

    /// <summary>A suppression and a position.</summary>
    public static PublishResult ReadResult(RespValue answer)
    {
        var reader = new NodeFieldReader(answer.Bytes);
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

    public static HistoryPage ReadPage(RespValue answer)
    {
        if (answer.Items is not [var offset, var epoch, var entries])
        {
            throw Unreadable();
        }

        var publications = new StoredPublication[entries.Items.Length];
        for (var i = 0; i < publications.Length; i++)
        {
            publications[i] = ReadEntry(entries.Items[i]);
        }

        return new(publications, new((ulong)offset.ToNumber(), epoch.ToString()));
    }

    public static ClientInfo[] ReadClients(RespValue answer)
    {
        var clients = new ClientInfo[answer.Items.Length];
        for (var i = 0; i < clients.Length; i++)
        {
            var reader = new NodeFieldReader(answer.Items[i].Bytes);
            clients[i] = PublicationBody.ReadClient(ref reader);
            if (!reader.IsComplete)
            {
                throw Unreadable();
            }
        }

        return clients;
    }

    public static PresenceStats ReadStats(RespValue answer) =>
        answer.Items is [var clients, var users] ? new((int)clients.ToNumber(), (int)users.ToNumber()) : throw Unreadable();

    // An id, offset-0, and one field with its name.
    private static StoredPublication ReadEntry(RespValue entry) =>
        entry.Items is [var id, var fields]
        && Utf8Parser.TryParse(id.Bytes.Span, out ulong offset, out _)
        && fields.Items is [_, var body]
        && PublicationBody.Read(body.Bytes, offset) is { } publication
            ? publication
            : throw Unreadable();

    private static InvalidDataException Unreadable() => new("a channel's history or presence in Redis is not what this broker writes (docs/reference/redis-keys.md)");
}
