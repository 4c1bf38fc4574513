using System.Buffers;
using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Cluster.Engine;

/// <summary>A publication without its position, as a history in Redis stores it and as nodes send it to each other. Pure.</summary>
/// <remarks>
/// <code>
/// body   = version (1 byte), flags (1), [client], [tags], [key], [trace], data
/// client = user, id (16), connection info, channel info
/// tags   = count (4), and so many keys and values
/// key    = of a map: its text, whether it is removed (1), score (8), time (8)
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
    private const byte HasKey = 8;

    // Key and value have a length each.
    private const int MinTagBytes = 2 * sizeof(uint);

    /// <param name="trace">Empty: it is not traced.</param>
    /// <param name="key">Null: the channel is no map.</param>
    public static void Write(IBufferWriter<byte> output, in Publication publication, string trace = "", MapKeyField? key = null)
    {
        var flags = (publication.Publisher is null ? 0 : HasPublisher) | (publication.Tags is null ? 0 : HasTags) | (trace.Length == 0 ? 0 : HasTrace) | (key is null ? 0 : HasKey);
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

        if (key is { } field)
        {
            output.WriteText(field.Key);
            output.WriteFlag(field.Removed);
            output.WriteUInt64((ulong)field.Score);
            output.WriteUInt64((ulong)field.Time);
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
        var publication = Read(ref reader, out _, out _);
        return reader.IsComplete ? new(offset, publication) : null;
    }

    /// <summary>Reads the whole body of a change of a map.</summary>
    /// <inheritdoc cref="Read(ReadOnlyMemory{byte}, ulong)"/>
    public static MapPublication? ReadChange(ReadOnlyMemory<byte> body, ulong offset)
    {
        var reader = new NodeFieldReader(body);
        var publication = Read(ref reader, out _, out var key);
        return reader.IsComplete ? key?.ToChange(offset, publication) : null;
    }

    /// <summary>Reads a body as a part of something else. Breaks the reader when it is not one.</summary>
    /// <param name="trace">Empty: it is not traced. Not checked.</param>
    /// <param name="key">Null: the channel is no map.</param>
    public static Publication Read(ref NodeFieldReader reader, out string trace, out MapKeyField? key)
    {
        var (version, flags) = (reader.ReadByte(), reader.ReadByte());
        if (version != Version || (flags & ~(HasPublisher | HasTags | HasTrace | HasKey)) != 0)
        {
            reader.Break();
        }

        var publisher = (flags & HasPublisher) == 0 ? null : ReadClient(ref reader);
        var tags = (flags & HasTags) == 0 ? null : ReadTags(ref reader);
        key = (flags & HasKey) == 0 ? null : new(reader.ReadText(), reader.ReadFlag(), (long)reader.ReadUInt64(), reader.ReadLong());
        trace = (flags & HasTrace) == 0 ? "" : reader.ReadText();
        return new(reader.ReadBytes(), publisher, tags);
    }

    /// <summary>Where in a body its tags are, with their number; empty: it has none.</summary>
    /// <param name="body">A valid one.</param>
    public static Range RangeOfTags(ReadOnlyMemory<byte> body)
    {
        var reader = new NodeFieldReader(body);
        reader.ReadByte();
        var flags = reader.ReadByte();
        if ((flags & HasPublisher) != 0)
        {
            reader.ReadBytes();
            reader.ReadGuid();
            reader.ReadBytes();
            reader.ReadBytes();
        }

        var start = body.Length - reader.Length;
        for (var i = (flags & HasTags) == 0 ? 0 : 2 * (long)reader.ReadUInt32(); i > 0 && !reader.IsBroken; i--)
        {
            reader.ReadBytes();
        }

        return start..(body.Length - reader.Length);
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

/// <summary>What a change of a map has besides value, publisher and tags.</summary>
internal readonly record struct MapKeyField(string Key, bool Removed, long Score, long Time)
{
    public MapPublication ToChange(ulong offset, in Publication publication) => new(Key, offset, publication) { Removed = Removed, Score = Score, Time = Time };
}
