using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace ClawEvents.Broker.Frames;

/// <summary>The result of <see cref="FrameReader"/>.</summary>
internal enum FrameStatus : byte
{
    /// <summary>Not yet a whole header: read more.</summary>
    Incomplete,

    /// <summary>A header; its payload may still be under way.</summary>
    Header,

    /// <summary>The client breaks RFC 6455: close with 1002.</summary>
    ProtocolError,

    /// <summary>A data frame longer than allowed: close with 1009, before anything is buffered for it.</summary>
    TooBig,
}

/// <summary>Reads the frame headers that clients send (RFC 6455, section 5.2). Pure: no state, no I/O.</summary>
/// <remarks>
/// <code>
/// byte 0   FIN(1) RSV(3) OPCODE(4)
/// byte 1   MASK(1) LENGTH(7)      126: a 16-bit length follows; 127: a 64-bit length follows; shortest form only
/// 0, 2, 8  extended length, big-endian
/// 4        masking key            a client must mask (section 5.1)
/// </code>
/// </remarks>
internal static class FrameReader
{
    /// <summary>The longest header there is: two bytes, a 64-bit length and the mask.</summary>
    public const int MaxHeaderLength = 14;

    private const int MaskLength = 4;
    private const int CompressedBit = 0x40;
    private const int MaxControlPayload = 125;

    /// <param name="bytes">The unread bytes; the first <see cref="MaxHeaderLength"/> are enough.</param>
    /// <param name="maxPayload">The longest data frame to accept, in bytes.</param>
    /// <param name="header">Set with <see cref="FrameStatus.Header"/>, and without the mask with <see cref="FrameStatus.TooBig"/>.</param>
    /// <param name="mayCompress">Compression was negotiated.</param>
    public static FrameStatus TryRead(ReadOnlySpan<byte> bytes, int maxPayload, out FrameHeader header, bool mayCompress = false)
    {
        header = default;
        if (bytes.Length < 2)
        {
            return bytes.Length == 1 && !IsLegalFirst(bytes[0], mayCompress) ? FrameStatus.ProtocolError : FrameStatus.Incomplete;
        }

        if (!IsLegalFirst(bytes[0], mayCompress) || !IsLegalSecond(bytes[0], bytes[1]))
        {
            return FrameStatus.ProtocolError;
        }

        return TryReadLength(bytes, out var payload, out var headerLength) is var status and not FrameStatus.Header
            ? status
            : FinishHeader(bytes, payload, headerLength, maxPayload, out header);
    }

    // Reserved bits are for extensions; the compression bit may be set on the first frame of a message.
    private static bool IsLegalFirst(byte first, bool mayCompress) =>
        ((first & 0x70) == 0 && (first & 0x0F) is 0x0 or 0x1 or 0x2 or 0x8 or 0x9 or 0xA)
        || (mayCompress && (first & 0x70) == CompressedBit && (first & 0x0F) is 0x1 or 0x2);

    private static bool IsLegalSecond(byte first, byte second)
    {
        var isMasked = (second & 0x80) != 0;
        var isControl = (first & 0x08) != 0;
        var isFinal = (first & 0x80) != 0;
        return isMasked && (!isControl || (isFinal && (second & 0x7F) <= MaxControlPayload));
    }

    private static FrameStatus TryReadLength(ReadOnlySpan<byte> bytes, out ulong payload, out int headerLength)
    {
        payload = (ulong)(bytes[1] & 0x7F);
        headerLength = 2;
        if (payload == 126)
        {
            headerLength = 4;
            if (bytes.Length < headerLength)
            {
                return FrameStatus.Incomplete;
            }

            payload = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
            return payload < 126 ? FrameStatus.ProtocolError : FrameStatus.Header;
        }

        if (payload == 127)
        {
            headerLength = 10;
            if (bytes.Length < headerLength)
            {
                return FrameStatus.Incomplete;
            }

            payload = BinaryPrimitives.ReadUInt64BigEndian(bytes[2..]);
            return payload <= ushort.MaxValue || payload > long.MaxValue ? FrameStatus.ProtocolError : FrameStatus.Header;
        }

        return FrameStatus.Header;
    }

    // The length is checked before the mask has come: a frame that is too long needs no more bytes to be refused.
    private static FrameStatus FinishHeader(ReadOnlySpan<byte> bytes, ulong payload, int headerLength, int maxPayload, out FrameHeader header)
    {
        header = new FrameHeader((Opcode)(bytes[0] & 0x0F), (bytes[0] & 0x80) != 0, Mask: 0, headerLength + MaskLength, (long)payload)
        {
            IsCompressed = (bytes[0] & CompressedBit) != 0,
        };
        if (!header.IsControl && payload > (ulong)maxPayload)
        {
            return FrameStatus.TooBig;
        }

        if (bytes.Length < header.HeaderLength)
        {
            header = default;
            return FrameStatus.Incomplete;
        }

        header = header with { Mask = MemoryMarshal.Read<uint>(bytes[headerLength..]) };
        return FrameStatus.Header;
    }
}
