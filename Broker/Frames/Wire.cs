using System.Buffers;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Frames;

/// <summary>The bytes that a transport puts around each message.</summary>
internal enum Framing : byte
{
    /// <summary>A frame of RFC 6455.</summary>
    WebSocket,

    /// <summary>The same, compressed where that makes it shorter (RFC 7692).</summary>
    CompressedWebSocket,

    /// <summary>A line feed after it; Protobuf carries its own length and needs nothing.</summary>
    Stream,

    /// <summary>An event of server-sent events: <c>data: </c> before it, an empty line after it.</summary>
    Event,

    /// <summary>A message of gRPC: a zero (not compressed) and its length in four bytes before it.</summary>
    Grpc,
}

/// <summary>How messages reach one kind of client: their encoding, and the bytes that a transport puts around each.</summary>
/// <remarks>A publication is encoded once per wire and shared by its subscribers. Immutable; there is one object of each.</remarks>
internal sealed class Wire
{
    /// <summary>The number of wires.</summary>
    public const int Count = 12;

    private static readonly Wire[] All =
    [
        new(0, MessageCodec.Json, Framing.WebSocket),
        new(1, MessageCodec.Protobuf, Framing.WebSocket),
        new(2, MessageCodec.Json, Framing.Stream),
        new(3, MessageCodec.Protobuf, Framing.Stream),
        new(4, MessageCodec.Json, Framing.Event),
        new(5, MessageCodec.JsonPushes, Framing.WebSocket),
        new(6, MessageCodec.JsonPushes, Framing.Stream),
        new(7, MessageCodec.JsonPushes, Framing.Event),
        new(8, MessageCodec.Json, Framing.CompressedWebSocket),
        new(9, MessageCodec.Protobuf, Framing.CompressedWebSocket),
        new(10, MessageCodec.ProtobufPushes, Framing.Grpc),
        new(11, MessageCodec.JsonPushes, Framing.CompressedWebSocket),
    ];

    private readonly Framing _framing;

    private Wire(byte index, MessageCodec codec, Framing framing)
    {
        Index = index;
        Codec = codec;
        _framing = framing;
        var ping = FrameWriter.Begin();
        ping.Write(codec.Ping);
        byte[] message = [.. Complete(ping)];
        Ping = PongsAreFrames ? [.. message, .. FrameWriter.Begin().Complete(Opcode.Ping)] : message;
    }

    public static Wire WebSocketJson => All[0];

    public static Wire WebSocketProtobuf => All[1];

    public static Wire StreamJson => All[2];

    public static Wire StreamProtobuf => All[3];

    public static Wire EventsJson => All[4];

    public static Wire UniWebSocketJson => All[5];

    public static Wire UniStreamJson => All[6];

    public static Wire UniEventsJson => All[7];

    public static Wire CompressedWebSocketJson => All[8];

    public static Wire CompressedWebSocketProtobuf => All[9];

    public static Wire UniGrpc => All[10];

    public static Wire CompressedUniWebSocketJson => All[11];

    /// <summary>Messages are frames of RFC 6455.</summary>
    public bool IsWebSocket => _framing is Framing.WebSocket or Framing.CompressedWebSocket;

    /// <summary>The index in tables of <see cref="Count"/> entries.</summary>
    public byte Index { get; }

    public MessageCodec Codec { get; }

    /// <summary>The client sends nothing after its connect, and pushes are not wrapped in replies.</summary>
    public bool IsUnidirectional => Codec == MessageCodec.JsonPushes || Codec == MessageCodec.ProtobufPushes;

    /// <summary>The client's commands come to <c>/emulation</c>.</summary>
    public bool IsEmulated => !IsUnidirectional && !IsWebSocket;

    /// <summary>The name of the transport in requests to back ends.</summary>
    public string Transport => (IsUnidirectional, _framing) switch
    {
        (false, Framing.Stream) => "http_stream",
        (false, Framing.Event) => "sse",
        (false, _) => "websocket",
        (true, Framing.Stream) => "uni_http_stream",
        (true, Framing.Event) => "uni_sse",
        (true, Framing.Grpc) => "uni_grpc",
        (true, _) => "uni_websocket",
    };

    /// <summary>The client may compress its messages, too.</summary>
    public bool IsCompressed => _framing is Framing.CompressedWebSocket;

    /// <summary>The client cannot answer the broker's ping message, so a ping frame of RFC 6455 is sent with it.</summary>
    public bool PongsAreFrames => IsUnidirectional && IsWebSocket;

    /// <summary>The client cannot answer a ping at all.</summary>
    public bool NeverPongs => IsUnidirectional && !PongsAreFrames;

    /// <summary>The broker's ping, as sent.</summary>
    public byte[] Ping { get; }

    public static Wire At(int index) => All[index];

    /// <summary>The last bytes that a client gets: a close frame, a push with the same code, or both on a unidirectional WebSocket.</summary>
    /// <param name="hasPush">Whether a unidirectional WebSocket gets the push.</param>
    /// <param name="hasFrame">Whether it gets the frame.</param>
    public byte[] Close(DisconnectCode code, bool hasPush = true, bool hasFrame = true)
    {
        var frame = IsWebSocket && (hasFrame || !IsUnidirectional) ? FrameWriter.Close(code.Code, code.Reason) : [];
        if (IsWebSocket && (!IsUnidirectional || !hasPush))
        {
            return frame;
        }

        var push = FrameWriter.Begin();
        Codec.WriteDisconnectPush(push, code);
        return [.. Complete(push), .. frame];
    }

    /// <summary>Finishes a message: puts the transport's bytes around what <see cref="Codec"/> wrote.</summary>
    /// <param name="message">This thread's, with one message in it.</param>
    /// <param name="compression">For wires that compress; null: <see cref="Compression.Usual"/>.</param>
    /// <returns>Valid until the next <see cref="FrameWriter.Begin"/> on this thread.</returns>
    public ReadOnlySpan<byte> Complete(FrameWriter message, Compression? compression = null) => _framing switch
    {
        Framing.WebSocket => message.Complete(Codec),
        Framing.CompressedWebSocket => message.CompleteCompressed(Codec, RuleOf(compression ?? Compression.Usual)),
        Framing.Event => message.Complete("data: "u8, "\n\n"u8),
        Framing.Grpc => message.CompleteGrpc(),
        _ => message.Complete([], Codec.IsBinary ? [] : "\n"u8),
    };

    private CompressionRule RuleOf(Compression compression) => IsUnidirectional ? compression.UniWebSocket : compression.WebSocket;
}
