using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Frames;

/// <summary>Builds the unmasked frames of a server (RFC 6455, section 5.2), and their equivalents on other transports. They are the same bytes for every receiver.</summary>
/// <remarks>
/// A buffer for one payload, with room before it for the header, so that the frame is contiguous without a second copy.
/// Not thread-safe: <see cref="Begin"/> gives each thread its own, which must be used up before anything is awaited.
/// </remarks>
internal sealed class FrameWriter : IBufferWriter<byte>
{
    private const int HeaderRoom = 10;
    private const int FirstCapacity = 1024;

    // A thread that once framed something large does not keep that much memory forever.
    private const int KeptCapacity = 128 * 1024;

    [ThreadStatic]
    private static FrameWriter? _ofThisThread;

    private byte[] _bytes = new byte[FirstCapacity];
    private int _end = HeaderRoom;

    /// <summary>Clears and returns this thread's writer; its former content is lost.</summary>
    public static FrameWriter Begin()
    {
        var writer = _ofThisThread ??= new FrameWriter();
        writer._end = HeaderRoom;
        if (writer._bytes.Length > KeptCapacity)
        {
            writer._bytes = new byte[FirstCapacity];
        }

        return writer;
    }

    public void Advance(int count) => _end += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(_end);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsSpan(_end);
    }

    /// <summary>Puts the header before the payload.</summary>
    /// <returns>One whole frame with FIN set; valid until the next <see cref="Begin"/> on this thread.</returns>
    public ReadOnlySpan<byte> Complete(Opcode opcode)
    {
        var payload = _end - HeaderRoom;
        var start = HeaderRoom - HeaderLength(payload);
        WriteHeader(_bytes.AsSpan(start), opcode, payload);
        return _bytes.AsSpan(start, _end - start);
    }

    /// <summary>Like <see cref="Complete(Opcode)"/>, compressed (RFC 7692) if that makes it shorter.</summary>
    /// <param name="codec">The codec that wrote the payload.</param>
    /// <param name="rule">When and how well.</param>
    public ReadOnlySpan<byte> CompleteCompressed(MessageCodec codec, CompressionRule rule)
    {
        const byte compressedBit = 0x40;
        var payload = _bytes.AsSpan(HeaderRoom, _end - HeaderRoom);
        if (!MessageDeflate.TryCompress(payload, rule, out var compressed))
        {
            return Complete(codec);
        }

        compressed.CopyTo(payload);
        _end = HeaderRoom + compressed.Length;
        var length = Complete(codec).Length;
        _bytes[_end - length] |= compressedBit;
        return _bytes.AsSpan(_end - length, length);
    }

    /// <inheritdoc cref="Complete(Opcode)"/>
    public ReadOnlySpan<byte> Complete(MessageCodec codec) => Complete(codec.IsBinary ? Opcode.Binary : Opcode.Text);

    /// <summary>Puts other bytes than a header around the payload.</summary>
    /// <param name="before">At most as long as the longest header, ten bytes.</param>
    /// <param name="after">No limit.</param>
    /// <inheritdoc cref="Complete(Opcode)"/>
    public ReadOnlySpan<byte> Complete(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after)
    {
        after.CopyTo(GetSpan(after.Length));
        Advance(after.Length);
        var start = HeaderRoom - before.Length;
        before.CopyTo(_bytes.AsSpan(start));
        return _bytes.AsSpan(start, _end - start);
    }

    /// <summary>Writes the prefix of gRPC instead of the length that a Protobuf message has before it.</summary>
    /// <inheritdoc cref="Complete(Opcode)"/>
    public ReadOnlySpan<byte> CompleteGrpc()
    {
        const int prefix = 5;
        var message = HeaderRoom;
        while (_bytes[message++] >= 0x80)
        {
            // Every byte of the length but its last has the highest bit.
        }

        var start = message - prefix;
        _bytes[start] = 0;
        BinaryPrimitives.WriteInt32BigEndian(_bytes.AsSpan(start + 1), _end - message);
        return _bytes.AsSpan(start, _end - start);
    }

    /// <summary>A close frame: two bytes of code, then the reason (section 5.5.1).</summary>
    public static byte[] Close(int code, string reason)
    {
        var frame = new byte[2 + 2 + Encoding.UTF8.GetByteCount(reason)];
        WriteHeader(frame, Opcode.Close, frame.Length - 2);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)code);
        Encoding.UTF8.GetBytes(reason, frame.AsSpan(4));
        return frame;
    }

    private static int HeaderLength(int payload) => payload < 126 ? 2 : payload <= ushort.MaxValue ? 4 : HeaderRoom;

    private static void WriteHeader(Span<byte> header, Opcode opcode, int payload)
    {
        header[0] = (byte)(0x80 | (byte)opcode);
        if (payload < 126)
        {
            header[1] = (byte)payload;
        }
        else if (payload <= ushort.MaxValue)
        {
            header[1] = 126;
            BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)payload);
        }
        else
        {
            header[1] = 127;
            BinaryPrimitives.WriteUInt64BigEndian(header[2..], (ulong)payload);
        }
    }

    private void Reserve(int sizeHint)
    {
        var needed = _end + Math.Max(sizeHint, 1);
        if (needed > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(needed, _bytes.Length * 2));
        }
    }
}
