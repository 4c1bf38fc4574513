using System.Buffers;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Cluster.Bus;
using ClawEvents.Broker.Cluster.Engine;
using ClawEvents.Broker.Engine;

namespace ClawEvents.Broker.Cluster;

/// <summary>The reason to drop a message on the bus.</summary>
internal enum EnvelopeFault : byte
{
    None,

    /// <summary>Not made by a ClawEvents broker.</summary>
    Foreign,

    /// <summary>Made by a broker of another version, whose messages are not compatible.</summary>
    OtherVersion,

    /// <summary>Truncated, too long, or with impossible fields.</summary>
    Malformed,
}

internal enum EnvelopeKind : byte
{
    /// <summary>A publication without history.</summary>
    Publication = 1,

    /// <summary>A publication with a position: offset and epoch.</summary>
    Kept = 2,

    /// <summary>A publication with a position and the publication before it.</summary>
    KeptWithPrevious = 3,

    Join = 4,
    Leave = 5,

    /// <summary>A message between nodes (<see cref="NodeMessage"/>).</summary>
    Order = 6,

    /// <summary>An order to change connections that Redis keeps for nodes that miss it.</summary>
    KeptOrder = 7,

    /// <summary>A change of a map without a stream, and the value before it.</summary>
    PublicationWithPrevious = 8,

    /// <summary>A map was cleared: its position in a new epoch.</summary>
    Cleared = 9,
}

/// <summary>A message on the bus. Pure: input is untrusted and checked to the last byte.</summary>
/// <remarks>
/// <code>
/// message            = C1 A7, version (1 byte), kind (1), content
/// publication        = body
/// kept               = offset (8), epoch (1 byte of length), body
/// kept with previous = offset (8), epoch (1 byte of length), body of the one before (4 bytes of length), body
/// pub. with previous = body of the one before (4 bytes of length), body
/// cleared            = offset (8), epoch (1 byte of length)
/// join, leave        = client
/// kept order         = id (1 byte of length), id of the one before (1 byte of length), content of an order
/// </code>
/// The scripts in Redis write all of these but joins, leaves and, without an idempotency key, publications of streams without history. docs/reference/redis-keys.md#envelopes
/// </remarks>
internal readonly struct NodeEnvelope
{
    private const byte Version = 1;
    private const int HeaderBytes = 4;

    public EnvelopeKind Kind { get; private init; }

    /// <summary>For publications; its position also for <see cref="EnvelopeKind.Cleared"/>.</summary>
    public DeliveredPublication Publication { get; private init; }

    /// <summary>The W3C context of a publication that is traced; empty or null: it is not. Not checked.</summary>
    public string? Trace { get; private init; }

    /// <summary>For join and leave.</summary>
    public ClientInfo? Client { get; private init; }

    /// <summary>For kept orders.</summary>
    public OrderId Id { get; private init; }

    /// <inheritdoc cref="Id"/>
    public OrderId PreviousId { get; private init; }

    /// <summary>For orders.</summary>
    public ReadOnlyMemory<byte> Content { get; private init; }

    /// <summary>The beginning of each message, before the kind.</summary>
    public static ReadOnlySpan<byte> Start => [0xC1, 0xA7, Version];

    public static void WriteHeader(IBufferWriter<byte> output, EnvelopeKind kind)
    {
        output.Write(Start);
        output.WriteByte((byte)kind);
    }

    /// <param name="message">The envelope refers to parts of it.</param>
    /// <param name="knownEpoch">The channel's epoch as far as it is known, reused when the message has the same one.</param>
    /// <param name="envelope">The content, when there is no fault.</param>
    public static EnvelopeFault Read(ReadOnlyMemory<byte> message, string knownEpoch, out NodeEnvelope envelope)
    {
        envelope = default;
        var header = message.Span;
        if (header.Length < HeaderBytes || !header.StartsWith(Start[..2]))
        {
            return EnvelopeFault.Foreign;
        }

        if (header[2] != Version)
        {
            return EnvelopeFault.OtherVersion;
        }

        var reader = new NodeFieldReader(message[HeaderBytes..]);
        envelope = Read(ref reader, (EnvelopeKind)header[3], knownEpoch);
        return reader.IsComplete ? EnvelopeFault.None : EnvelopeFault.Malformed;
    }

    private static NodeEnvelope Read(ref NodeFieldReader reader, EnvelopeKind kind, string knownEpoch)
    {
        switch (kind)
        {
            case EnvelopeKind.Publication:
                return ReadPublication(ref reader, kind, PublishResult.NoPosition, previous: default);
            case EnvelopeKind.Kept or EnvelopeKind.KeptWithPrevious:
                var position = ReadPosition(ref reader, knownEpoch);
                var previous = kind is EnvelopeKind.Kept ? default : ReadPrevious(ref reader);
                return ReadPublication(ref reader, kind, position, previous);
            case EnvelopeKind.PublicationWithPrevious:
                return ReadPublication(ref reader, kind, PublishResult.NoPosition, ReadPrevious(ref reader));
            case EnvelopeKind.Cleared:
                return new() { Kind = kind, Publication = new() { Position = new(reader.ReadUInt64(), reader.ReadShortText()), Publication = default } };
            case EnvelopeKind.Join or EnvelopeKind.Leave:
                return new() { Kind = kind, Client = PublicationBody.ReadClient(ref reader) };
            case EnvelopeKind.Order:
                return new() { Kind = kind, Content = reader.ReadRest() };
            case EnvelopeKind.KeptOrder:
                return new() { Kind = kind, Id = ReadId(ref reader), PreviousId = ReadId(ref reader), Content = reader.ReadRest() };
            default:
                reader.Break();
                return default;
        }
    }

    private static OrderId ReadId(ref NodeFieldReader reader)
    {
        if (!OrderId.TryParse(reader.ReadShortText(), out var id))
        {
            reader.Break();
        }

        return id;
    }

    private static StreamPosition ReadPosition(ref NodeFieldReader reader, string knownEpoch)
    {
        var position = new StreamPosition(reader.ReadUInt64(), reader.ReadShortText(knownEpoch));
        if (position.Offset == 0 || position.Epoch.Length == 0)
        {
            reader.Break();
        }

        return position;
    }

    private static ReadOnlyMemory<byte> ReadPrevious(ref NodeFieldReader reader)
    {
        var body = new NodeFieldReader(reader.ReadBytes());
        var previous = PublicationBody.Read(ref body, out _, out _);
        if (!body.IsComplete)
        {
            reader.Break();
        }

        return previous.Data;
    }

    private static NodeEnvelope ReadPublication(ref NodeFieldReader reader, EnvelopeKind kind, StreamPosition position, ReadOnlyMemory<byte> previous)
    {
        var publication = PublicationBody.Read(ref reader, out var trace, out var key);
        var change = key?.ToChange(position.Offset, publication);
        return new() { Kind = kind, Publication = new() { Position = position, Publication = publication, Previous = previous, Change = change }, Trace = trace };
    }
}
