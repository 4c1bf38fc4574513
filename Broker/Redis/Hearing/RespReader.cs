namespace ClawEvents.Broker.Redis.Hearing;

/// <summary>Reads one whole value, which <see cref="RespFrame"/> has measured.</summary>
/// <remarks>Every member throws <see cref="InvalidDataException"/> when the value has another type.</remarks>
internal ref struct RespReader(ReadOnlySpan<byte> frame)
{
    // The answers to this broker's commands are three deep; the server may be anything.
    private const int MaxDepth = 16;

    private ReadOnlySpan<byte> _rest = frame;

    /// <summary>A copy of the value that may be kept.</summary>
    public RespValue Read() => Read(depth: 0);

    /// <summary>The head of an array or push.</summary>
    /// <returns>How many values follow.</returns>
    public int ReadItems()
    {
        var line = ReadLine();
        return line[0] is (byte)'*' or (byte)'>' or (byte)'~' ? RespFrame.ReadCount(line, RespFrame.MaxItems) : throw Unexpected();
    }

    /// <summary>A text that is not null, where it lies.</summary>
    public ReadOnlySpan<byte> ReadBytes()
    {
        var line = ReadLine();
        return line[0] switch
        {
            (byte)'+' => line[1..],
            (byte)'$' => TakeLine(line),
            _ => throw Unexpected(),
        };
    }

    private RespValue Read(int depth)
    {
        var line = ReadLine();
        return line[0] switch
        {
            (byte)'+' or (byte)',' or (byte)'(' or (byte)':' or (byte)'#' => RespValue.OfBytes(RespKind.Text, line[1..]),
            (byte)'-' => RespValue.OfBytes(RespKind.Error, line[1..]),
            (byte)'_' or (byte)'$' or (byte)'*' when line is [(byte)'_'] or [_, (byte)'-', ..] => RespValue.Null,
            (byte)'$' or (byte)'=' => RespValue.OfBytes(RespKind.Text, TakeLine(line)),
            (byte)'!' => RespValue.OfBytes(RespKind.Error, TakeLine(line)),
            (byte)'*' or (byte)'~' => ReadItems(RespKind.Items, RespFrame.ReadCount(line, RespFrame.MaxItems), depth),
            (byte)'>' => ReadItems(RespKind.Push, RespFrame.ReadCount(line, RespFrame.MaxItems), depth),
            (byte)'%' => ReadItems(RespKind.Items, 2 * RespFrame.ReadCount(line, RespFrame.MaxItems), depth),
            (byte)'|' => ReadAfterAttribute(2 * RespFrame.ReadCount(line, RespFrame.MaxItems), depth),
            _ => throw Unexpected(),
        };
    }

    private RespValue ReadItems(RespKind kind, int count, int depth)
    {
        if (depth == MaxDepth)
        {
            throw Unexpected();
        }

        var items = new RespValue[count];
        for (var i = 0; i < count; i++)
        {
            items[i] = Read(depth + 1);
        }

        return RespValue.OfItems(kind, items);
    }

    private RespValue ReadAfterAttribute(int count, int depth)
    {
        ReadItems(RespKind.Items, count, depth);
        return Read(depth);
    }

    private ReadOnlySpan<byte> ReadLine()
    {
        if (!RespFrame.TryReadLine(_rest, out var line))
        {
            throw Unexpected();
        }

        _rest = _rest[(line.Length + 2)..];
        return line;
    }

    private ReadOnlySpan<byte> TakeLine(ReadOnlySpan<byte> line)
    {
        var length = RespFrame.ReadCount(line, RespFrame.MaxTextBytes);
        if (length < 0 || length + 2 > _rest.Length)
        {
            throw Unexpected();
        }

        var text = _rest[..length];
        _rest = _rest[(length + 2)..];
        return text;
    }

    private static InvalidDataException Unexpected() => new("Redis sent an answer of an unexpected type");
}
