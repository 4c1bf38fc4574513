using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace ClawEvents.Broker.Cluster;

/// <summary>Writes the fields of messages between nodes: numbers in big-endian order, texts and bytes after their length (4 bytes).</summary>
internal static class NodeFieldWriting
{
    public static void WriteByte(this IBufferWriter<byte> output, byte value)
    {
        output.GetSpan(1)[0] = value;
        output.Advance(1);
    }

    public static void WriteUInt32(this IBufferWriter<byte> output, uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(output.GetSpan(sizeof(uint)), value);
        output.Advance(sizeof(uint));
    }

    public static void WriteUInt64(this IBufferWriter<byte> output, ulong value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(output.GetSpan(sizeof(ulong)), value);
        output.Advance(sizeof(ulong));
    }

    public static void WriteFlag(this IBufferWriter<byte> output, bool value) => output.WriteByte(value ? (byte)1 : (byte)0);

    /// <summary>0: unset, 1: no, 2: yes.</summary>
    public static void WriteOption(this IBufferWriter<byte> output, bool? value) =>
        output.WriteByte(value switch { null => 0, false => 1, true => 2 });

    public static void WriteGuid(this IBufferWriter<byte> output, Guid value)
    {
        value.TryWriteBytes(output.GetSpan(NodeFieldReader.GuidBytes), bigEndian: true, out var written);
        output.Advance(written);
    }

    public static void WriteBytes(this IBufferWriter<byte> output, ReadOnlySpan<byte> value)
    {
        output.WriteUInt32((uint)value.Length);
        output.Write(value);
    }

    public static void WriteText(this IBufferWriter<byte> output, ReadOnlySpan<char> value)
    {
        output.WriteUInt32((uint)Encoding.UTF8.GetByteCount(value));
        Encoding.UTF8.GetBytes(value, output);
    }
}

/// <summary>Reads such fields. A missing or malformed field breaks the reader: from there on it reads zeros.</summary>
internal ref struct NodeFieldReader(ReadOnlyMemory<byte> fields)
{
    public const int GuidBytes = 16;

    private ReadOnlyMemory<byte> _rest = fields;

    public bool IsBroken { get; private set; }

    /// <summary>Whether all fields were valid and nothing is left.</summary>
    public readonly bool IsComplete => !IsBroken && _rest.IsEmpty;

    /// <summary>The number of bytes left.</summary>
    public readonly int Length => _rest.Length;

    /// <summary>For values that are out of their range.</summary>
    public void Break() => IsBroken = true;

    public byte ReadByte() => TakeBytes(1).Span is [var value] ? value : default;

    public uint ReadUInt32() => TakeBytes(sizeof(uint)) is { IsEmpty: false } bytes ? BinaryPrimitives.ReadUInt32BigEndian(bytes.Span) : default;

    public ulong ReadUInt64() => TakeBytes(sizeof(ulong)) is { IsEmpty: false } bytes ? BinaryPrimitives.ReadUInt64BigEndian(bytes.Span) : default;

    /// <summary>A number that is not negative, of 8 bytes.</summary>
    public long ReadLong() => ReadUInt64() is <= long.MaxValue and var value ? (long)value : Break<long>();

    /// <summary>A number that is not negative, of 4 bytes.</summary>
    public int ReadCount() => ReadUInt32() is <= int.MaxValue and var value ? (int)value : Break<int>();

    /// <summary>A count of items that follow: at most as many as there is room for.</summary>
    /// <param name="leastBytes">The minimum length of one item.</param>
    public int ReadCount(int leastBytes) => ReadUInt32() is var count && count <= Length / leastBytes ? (int)count : Break<int>();

    public bool ReadFlag() => ReadByte() switch { 0 => false, 1 => true, _ => Break<bool>() };

    /// <inheritdoc cref="NodeFieldWriting.WriteOption"/>
    public bool? ReadOption() => ReadByte() switch { 0 => null, 1 => false, 2 => true, _ => Break<bool?>() };

    public Guid ReadGuid() => TakeBytes(GuidBytes) is { IsEmpty: false } bytes ? new Guid(bytes.Span, bigEndian: true) : default;

    /// <summary>A part of the input, not a copy.</summary>
    public ReadOnlyMemory<byte> ReadBytes() => TakeBytes(ReadUInt32());

    /// <summary>The rest of the input.</summary>
    public ReadOnlyMemory<byte> ReadRest() => TakeBytes((uint)_rest.Length);

    public string ReadText() => ReadText(ReadBytes());

    /// <summary>A text after a length of one byte.</summary>
    /// <param name="known">Returned when it is the same text, instead of a new string.</param>
    public string ReadShortText(string known = "")
    {
        var text = TakeBytes(ReadByte());
        return Ascii.Equals(text.Span, known) ? known : ReadText(text);
    }

    private T? Break<T>()
    {
        IsBroken = true;
        return default;
    }

    private string ReadText(ReadOnlyMemory<byte> text)
    {
        if (Utf8.IsValid(text.Span))
        {
            return Encoding.UTF8.GetString(text.Span);
        }

        IsBroken = true;
        return "";
    }

    private ReadOnlyMemory<byte> TakeBytes(uint length)
    {
        if (IsBroken || length > _rest.Length)
        {
            IsBroken = true;
            return default;
        }

        var taken = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return taken;
    }
}
