using System.Text;

namespace ClawEvents.Broker.Redis.Hearing;

internal enum RespKind : byte
{
    Null,

    /// <summary>A text, simple or bulk; also numbers and truth values.</summary>
    Text,

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

    private RespValue(RespKind kind, object content)
    {
        Kind = kind;
        _content = content;
    }

    public static RespValue Null => default;

    public RespKind Kind { get; }

    public bool IsNull => Kind is RespKind.Null;

    /// <summary>Of a text or an error.</summary>
    /// <exception cref="InvalidDataException">It is neither.</exception>
    public ReadOnlyMemory<byte> Bytes => _content is byte[] bytes ? bytes : throw Unexpected();

    /// <summary>Of an array or push.</summary>
    /// <exception cref="InvalidDataException">It is neither.</exception>
    public ReadOnlySpan<RespValue> Items => _content is RespValue[] items ? items : throw Unexpected();

    public static RespValue OfBytes(RespKind kind, ReadOnlySpan<byte> bytes) => new(kind, bytes.ToArray());

    public static RespValue OfItems(RespKind kind, RespValue[] items) => new(kind, items);

    /// <summary>The text, or a description of another kind of value for messages.</summary>
    public override string ToString() => Kind is RespKind.Text or RespKind.Error ? Encoding.UTF8.GetString(Bytes.Span) : Kind.ToString();

    private InvalidDataException Unexpected() => new($"Redis sent an unexpected {Kind}");
}
