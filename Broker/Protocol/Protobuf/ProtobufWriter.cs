using System.Buffers;
using System.Buffers.Text;
using System.Numerics;
using System.Text;

namespace ClawEvents.Broker.Protocol.Protobuf;

/// <summary>Writes one Protobuf message, from its end to its beginning.</summary>
/// <remarks>
/// DESIGN. A nested message has its length before it, so a writer that goes forwards has to measure it first, once for each level it is
/// nested in. Backwards, the length is known by the time it is written. So fields are written in falling order, and come out in rising
/// order; then the whole message goes into the output with one copy.
/// <para>Each thread has one buffer: <see cref="CompleteTo"/> comes before the next <see cref="Begin"/>. Zero values are left out.</para>
/// </remarks>
internal ref struct ProtobufWriter
{
    private const int TypeBits = 3;
    private const int FirstCapacity = 1024;

    // A thread that once wrote a large message does not keep that much memory forever.
    private const int KeptCapacity = 128 * 1024;

    [ThreadStatic]
    private static byte[]? _bufferOfThread;

    private byte[] _bytes;
    private int _start;

    private ProtobufWriter(byte[] bytes)
    {
        _bytes = bytes;
        _start = bytes.Length;
    }

    /// <summary>Bytes written so far: noted before a nested message, for <see cref="Message"/>.</summary>
    public readonly int Length => _bytes.Length - _start;

    public static ProtobufWriter Begin() =>
        new(_bufferOfThread is { Length: <= KeptCapacity } kept ? kept : _bufferOfThread = new byte[FirstCapacity]);

    public void Number(int field, ulong value)
    {
        if (value > 0)
        {
            Varint(value);
            Tag(field, WireType.Varint);
        }
    }

    /// <summary>A number of the type sint64, in which small negative ones are short, too.</summary>
    public void Signed(int field, long value)
    {
        const int signBit = 63;
        Number(field, (ulong)((value << 1) ^ (value >> signBit)));
    }

    public void Flag(int field, bool value) => Number(field, value ? 1UL : 0);

    public void Bytes(int field, ReadOnlySpan<byte> value)
    {
        if (!value.IsEmpty)
        {
            value.CopyTo(TakeSpace(value.Length));
            Varint((ulong)value.Length);
            Tag(field, WireType.Length);
        }
    }

    public void Text(int field, ReadOnlySpan<char> value)
    {
        if (!value.IsEmpty)
        {
            MapText(field, value);
        }
    }

    /// <summary>Key (1) or value (2) of an entry in a map, where empty text is written, too, as in other implementations.</summary>
    public void MapText(int field, ReadOnlySpan<char> value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        Encoding.UTF8.GetBytes(value, TakeSpace(length));
        Varint((ulong)length);
        Tag(field, WireType.Length);
    }

    /// <summary>An id as text of 36 characters, as in JSON.</summary>
    public void Text(int field, Guid value)
    {
        const int length = 36;
        Utf8Formatter.TryFormat(value, TakeSpace(length), out _);
        Varint(length);
        Tag(field, WireType.Length);
    }

    /// <summary>Puts length and tag before a nested message. An empty one is written, too, because its presence has a meaning.</summary>
    /// <param name="field">Its number.</param>
    /// <param name="end"><see cref="Length"/> before the nested message.</param>
    public void Message(int field, int end)
    {
        Varint((ulong)(Length - end));
        Tag(field, WireType.Length);
    }

    /// <summary>Adds the message to the output, its length before it.</summary>
    public void CompleteTo(IBufferWriter<byte> output)
    {
        Varint((ulong)Length);
        output.Write(_bytes.AsSpan(_start));
    }

    private void Tag(int field, WireType type) => Varint(((uint)field << TypeBits) | (uint)type);

    private void Varint(ulong value)
    {
        if (value < 0x80)
        {
            TakeSpace(1)[0] = (byte)value;
            return;
        }

        const int partBits = 7;
        var parts = (BitOperations.Log2(value) / partBits) + 1;
        var bytes = TakeSpace(parts);
        for (var i = 0; i < parts - 1; i++)
        {
            bytes[i] = (byte)(value | 0x80);
            value >>= partBits;
        }

        bytes[parts - 1] = (byte)value;
    }

    private Span<byte> TakeSpace(int count)
    {
        if (count > _start)
        {
            Grow(count);
        }

        _start -= count;
        return _bytes.AsSpan(_start, count);
    }

    private void Grow(int count)
    {
        var larger = new byte[Math.Max(Length + count, _bytes.Length * 2)];
        _bytes.AsSpan(_start).CopyTo(larger.AsSpan(larger.Length - Length));
        _start = larger.Length - Length;
        _bytes = _bufferOfThread = larger;
    }
}
