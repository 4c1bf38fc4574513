using System.Buffers;
using System.Buffers.Text;
using System.Numerics;
using System.Text;

namespace ClawEvents.Broker.Protocol.Protobuf;

/// <summary>Writes one Protobuf message, from its end to its beginning.</summary>
/// <remarks>
/// DESIGN. A nested message has its length before it, so whoever writes forwards has to measure it first, once for each level it is
/// nested in. Backwards the length is known when its place comes. So fields are written in falling order, and come out in rising
/// order; then the whole goes into the output with one copy.
/// <para>Each thread has one buffer, to be used up by <see cref="CompleteTo"/> before the next <see cref="Begin"/>. Zero values are left out.</para>
/// </remarks>
internal ref struct ProtobufWriter
{
    private const int TypeBits = 3;
    private const int FirstCapacity = 1024;

    // A thread that once wrote something large does not keep that much memory for good.
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

    /// <summary>Bytes written so far: to be remembered where a nested message begins (with its end), for <see cref="Message"/>.</summary>
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

    public void Flag(int field, bool value) => Number(field, value ? 1UL : 0);

    public void Bytes(int field, ReadOnlySpan<byte> value)
    {
        if (!value.IsEmpty)
        {
            value.CopyTo(Take(value.Length));
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

    /// <summary>Key (1) or value (2) of an entry in a map, where empty text is written, too, as everybody does.</summary>
    public void MapText(int field, ReadOnlySpan<char> value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        Encoding.UTF8.GetBytes(value, Take(length));
        Varint((ulong)length);
        Tag(field, WireType.Length);
    }

    /// <summary>An id in its text form of 36 characters, as JSON has it.</summary>
    public void Text(int field, Guid value)
    {
        const int length = 36;
        Utf8Formatter.TryFormat(value, Take(length), out _);
        Varint(length);
        Tag(field, WireType.Length);
    }

    /// <summary>Puts length and tag before a nested message. An empty one is written, too: that it is there says something.</summary>
    /// <param name="field">Its number.</param>
    /// <param name="end">What <see cref="Length"/> was before it.</param>
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
            Take(1)[0] = (byte)value;
            return;
        }

        const int partBits = 7;
        var parts = (BitOperations.Log2(value) / partBits) + 1;
        var bytes = Take(parts);
        for (var i = 0; i < parts - 1; i++)
        {
            bytes[i] = (byte)(value | 0x80);
            value >>= partBits;
        }

        bytes[parts - 1] = (byte)value;
    }

    private Span<byte> Take(int count)
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
