using System.Text.Unicode;

namespace ClawEvents.Broker.Protocol.Protobuf;

/// <summary>Reads the fields of one Protobuf message.</summary>
/// <remarks>
/// protobuf.dev/programming-guides/encoding. Every member returns false for bytes that are not Protobuf, and for a known field of
/// another type; nothing is thrown. A length is believed only within the bytes that are there, and nothing is allocated for one.
/// </remarks>
internal ref struct ProtobufReader(ReadOnlyMemory<byte> message)
{
    private const int VarintBits = 7;
    private const int MaxVarintBytes = 10;

    private readonly ReadOnlySpan<byte> _bytes = message.Span;
    private int _at;

    /// <summary>A method that reads the field after its tag, or ignores it.</summary>
    /// <returns>False when the field has a wrong type.</returns>
    public delegate bool FieldReader<T>(ref ProtobufReader reader, int field, WireType type, ref T value);

    public readonly bool IsAtEnd => _at == _bytes.Length;

    /// <summary>The bytes that have not been read yet.</summary>
    public readonly ReadOnlyMemory<byte> Rest => message[_at..];

    /// <summary>Reads all fields of a message.</summary>
    /// <param name="message">Without its length.</param>
    /// <param name="value">Fields that come replace the ones it had.</param>
    /// <param name="readField">Called for each field.</param>
    public static bool TryReadFields<T>(ReadOnlyMemory<byte> message, ref T value, FieldReader<T> readField)
    {
        var reader = new ProtobufReader(message);
        while (!reader.IsAtEnd)
        {
            if (!reader.TryReadTag(out var field, out var type) || !readField(ref reader, field, type, ref value))
            {
                return false;
            }
        }

        return true;
    }

    public bool TryReadTag(out int field, out WireType type)
    {
        const int typeBits = 3;
        field = 0;
        type = default;
        if (!TryReadVarint(out var tag) || tag > uint.MaxValue)
        {
            return false;
        }

        field = (int)(tag >> typeBits);
        type = (WireType)(tag & ((1 << typeBits) - 1));
        return field > 0;
    }

    /// <summary>Reads a number as it stands, without a tag.</summary>
    /// <returns>False when it does not end, or has more than 64 bits.</returns>
    public bool TryReadVarint(out ulong value)
    {
        value = 0;
        for (var i = 0; i < MaxVarintBytes && _at < _bytes.Length; i++)
        {
            var part = _bytes[_at++];
            value |= (ulong)(part & 0x7F) << (VarintBits * i);
            if (part < 0x80)
            {
                // Nine bytes of seven bits leave one for the tenth.
                return i < MaxVarintBytes - 1 || part <= 1;
            }
        }

        return false;
    }

    /// <summary>Reads a number of any kind; a caller that needs fewer bits uses the low ones, as the format says.</summary>
    public bool TryReadNumber(WireType type, out ulong value)
    {
        value = 0;
        return type is WireType.Varint && TryReadVarint(out value);
    }

    public bool TryReadFlag(WireType type, out bool value)
    {
        var isRead = TryReadNumber(type, out var number);
        value = number != 0;
        return isRead;
    }

    /// <param name="type">From the tag.</param>
    /// <param name="value">A slice of the message: bytes, or a nested message.</param>
    public bool TryReadBytes(WireType type, out ReadOnlyMemory<byte> value)
    {
        value = default;
        if (type is not WireType.Length || !TryReadVarint(out var length) || length > (ulong)(_bytes.Length - _at))
        {
            return false;
        }

        value = message.Slice(_at, (int)length);
        _at += (int)length;
        return true;
    }

    /// <summary>As <see cref="TryReadBytes"/>, and false when it is not UTF-8.</summary>
    public bool TryReadText(WireType type, out ReadOnlyMemory<byte> value) => TryReadBytes(type, out value) && Utf8.IsValid(value.Span);

    /// <inheritdoc cref="TryReadText"/>
    public bool TryReadString(WireType type, out string value)
    {
        var isRead = TryReadText(type, out var text);
        value = isRead ? System.Text.Encoding.UTF8.GetString(text.Span) : "";
        return isRead;
    }

    /// <summary>Ignores an unknown field.</summary>
    public bool TrySkip(WireType type)
    {
        // Groups may nest; only the number of open ones is kept.
        var open = 0;
        do
        {
            if (open > 0 && !TryReadTag(out _, out type))
            {
                return false;
            }

            open += type is WireType.GroupStart ? 1 : type is WireType.GroupEnd ? -1 : 0;
            if (open < 0 || !TrySkipValue(type))
            {
                return false;
            }
        }
        while (open > 0);

        return true;
    }

    private bool TrySkipValue(WireType type) => type switch
    {
        WireType.Varint => TryReadVarint(out _),
        WireType.Fixed64 => TryAdvance(sizeof(ulong)),
        WireType.Length => TryReadBytes(type, out _),
        WireType.Fixed32 => TryAdvance(sizeof(uint)),
        WireType.GroupStart or WireType.GroupEnd => true,
        _ => false,
    };

    private bool TryAdvance(int bytes)
    {
        var fits = bytes <= _bytes.Length - _at;
        _at += fits ? bytes : 0;
        return fits;
    }
}
