using System.Buffers;
using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Cluster.Engine;

/// <summary>A publication without its position, as a history in Redis stores it and as nodes send it to each other. Pure.</summary>
/// <remarks>
/// <code>
/// body   = version (1 byte), flags (1), [client], [tags], [trace], data
/// client = user, id (16), connection info, channel info
/// tags   = count (4), and so many keys and values
/// trace  = the W3C context (traceparent) of a publish that is traced
/// </code>
/// docs/reference/redis-keys.md#envelopes
/// </remarks>
internal static class PublicationBody
{
    private const byte Version = 1;
    private const byte HasPublisher = 1;
    private const byte HasTags = 2;
    private const byte HasTrace = 4;

    // Key and value have a length each.
    private const int MinTagBytes = 2 * sizeof(uint);

    /// <param name="trace">Empty: it is not traced.</param>
    public static void Write(IBufferWriter<byte> output, in Publication publication, string trace = "")
    {
        var flags = (publication.Publisher is null ? 0 : HasPublisher) | (publication.Tags is null ? 0 : HasTags) | (trace.Length == 0 ? 0 : HasTrace);
        output.WriteByte(Version);
        output.WriteByte((byte)flags);
        if (publication.Publisher is { } publisher)
        {
            WriteClient(output, publisher);
        }

        if (publication.Tags is { } tags)
        {
            WriteTags(output, tags);
        }

        if (trace.Length > 0)
        {
            output.WriteText(trace);
        }

        output.WriteBytes(publication.Data.Span);
    }

    /// <summary>The client that published, joined, left or is present. The user comes first, because a script reads it.</summary>
    public static void WriteClient(IBufferWriter<byte> output, ClientInfo client)
    {
        output.WriteText(client.User);
        output.WriteGuid(client.Client);
        output.WriteBytes(client.ConnectionInfo.Span);
        output.WriteBytes(client.ChannelInfo.Span);
    }

    /// <summary>Reads a whole body.</summary>
    /// <param name="body">The result's data is a part of it, not a copy.</param>
    /// <param name="offset">From the message around the body.</param>
    /// <returns>Null when it is malformed, or of another version.</returns>
    public static StoredPublication? Read(ReadOnlyMemory<byte> body, ulong offset)
    {
        var reader = new NodeFieldReader(body);
        var publication = Read(ref reader, out _);
        return reader.IsComplete ? new(offset, publication) : null;
    }

    /// <summary>Reads a body as a part of something else. Breaks the reader when it is not one.</summary>
    /// <param name="trace">Empty: it is not traced. Not checked.</param>
    public static Publication Read(ref NodeFieldReader reader, out string trace)
    {
        var (version, flags) = (reader.ReadByte(), reader.ReadByte());
        if (version != Version || (flags & ~(HasPublisher | HasTags | HasTrace)) != 0)
        {
            reader.Break();
        }

        var publisher = (flags & HasPublisher) == 0 ? null : ReadClient(ref reader);
        var tags = (flags & HasTags) == 0 ? null : ReadTags(ref reader);
        trace = (flags & HasTrace) == 0 ? "" : reader.ReadText();
        return new(reader.ReadBytes(), publisher, tags);
    }

    public static ClientInfo ReadClient(ref NodeFieldReader reader)
    {
        var (user, id) = (reader.ReadText(), reader.ReadGuid());
        return new(user, id, reader.ReadBytes().ToArray(), reader.ReadBytes().ToArray());
    }

    public static void WriteTags(IBufferWriter<byte> output, IReadOnlyDictionary<string, string> tags)
    {
        output.WriteUInt32((uint)tags.Count);
        foreach (var (key, value) in tags)
        {
            output.WriteText(key);
            output.WriteText(value);
        }
    }

    private static Dictionary<string, string> ReadTags(ref NodeFieldReader reader)
    {
        var tags = new Dictionary<string, string>(StringComparer.Ordinal);
        var count = reader.ReadUInt32();
        if (count > reader.Length / MinTagBytes)
        {
            reader.Break();
        }

        for (var i = 0u; i < count && !reader.IsBroken; i++)
        {
            var key = reader.ReadText();
            tags[key] = reader.ReadText();
        }

        return tags;
    }
}
