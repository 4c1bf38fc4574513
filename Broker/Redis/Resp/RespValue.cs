using System.Text;

namespace ClawEvents.Broker.Redis.Resp;

internal enum RespKind : byte
{
    Null,

    /// <summary>A text, simple or bulk; also types that this broker does not use (doubles, big numbers).</summary>
    Text,

    /// <summary>An integer, or a truth value as 0 or 1.</summary>
    Number,

    /// <summary>The server refuses.</summary>
    Error,

    /// <summary>An array or set; a map as alternating keys and values.</summary>
    Items,

    /// <summary>Not an answer: sent by the server unasked.</summary>
    Push,
}

/// <summary>One value of the protocol, copied out of the connection's buffer.</summary>
internal readonly struct RespValue
{
    private readonly object? _content;

    private RespValue(RespKind kind, long number, object? content)
    {
        Kind = kind;
        Number = number;
        _content = content;
    }

    public static RespValue Null => default;

    public RespKind Kind { get; }

    /// <summary>Set for <see cref="RespKind.Number"/>.</summary>
    public long Number { get; }

    public bool IsNull => Kind is RespKind.Null;

    /// <summary>Of a text or an error.</summary>
    /// <exception cref="InvalidDataException">It is neither.</exception>
    public ReadOnlyMemory<byte> Bytes => _content is byte[] bytes ? bytes : throw Unexpected();

    /// <summary>Of an array or push.</summary>
    /// <exception cref="InvalidDataException">It is neither.</exception>
    public ReadOnlySpan<RespValue> Items => _content is RespValue[] items ? items : throw Unexpected();

    public static RespValue OfBytes(RespKind kind, ReadOnlySpan<byte> bytes) => new(kind, 0, bytes.ToArray());

    public static RespValue OfNumber(long number) => new(RespKind.Number, number, null);

    public static RespValue OfItems(RespKind kind, RespValue[] items) => new(kind, 0, items);

    /// <summary>A number, or a text that is a number.</summary>
    /// <exception cref="InvalidDataException">Not a number.</exception>
    public long ToNumber() =>
        Kind is RespKind.Number ? Number
        : System.Buffers.Text.Utf8Parser.TryParse(Bytes.Span, out long number, out var read) && read == Bytes.Length ? number
        : throw Unexpected();

    /// <summary>The text, or a description of another kind of value for messages.</summary>
    public override string ToString() => Kind switch
    {
        RespKind.Text or RespKind.Error => Encoding.UTF8.GetString(Bytes.Span),
        RespKind.Number => Number.ToString(System.Globalization.CultureInfo.InvariantCulture),
        _ => Kind.ToString(),
    };

    private InvalidDataException Unexpected() => new($"Redis sent an unexpected {Kind}");
}
