using System.Buffers;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Frames;

/// <summary>What a transport puts around each message.</summary>
internal enum Framing : byte
{
    /// <summary>A frame of RFC 6455.</summary>
    WebSocket,

    /// <summary>The same, compressed if that is worth it (RFC 7692).</summary>
    CompressedWebSocket,

    /// <summary>A line feed after it; Protobuf says its length itself and needs nothing.</summary>
    Stream,

    /// <summary>An event of server-sent events: <c>data: </c> before it, an empty line after it.</summary>
    Event,
}

/// <summary>How messages travel to one kind of client: their encoding, and what a transport puts around each.</summary>
/// <remarks>What goes to many is made once per wire and shared. Immutable; there is one object of each.</remarks>
internal sealed class Wire
{
    /// <summary>How many there are.</summary>
    public const int Count = 10;

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

    private bool IsWebSocket => _framing is Framing.WebSocket or Framing.CompressedWebSocket;

    /// <summary>Its place in tables of <see cref="Count"/> entries.</summary>
    public byte Index { get; }

    public MessageCodec Codec { get; }

    /// <summary>The client says nothing after its connect, and pushes stand alone.</summary>
    public bool IsUnidirectional => Codec == MessageCodec.JsonPushes;

    /// <summary>What the client says comes to <c>/emulation</c>.</summary>
    public bool IsEmulated => !IsUnidirectional && !IsWebSocket;

    /// <summary>As back ends are told of it.</summary>
    public string Transport => (IsUnidirectional, _framing) switch
    {
        (false, Framing.Stream) => "http_stream",
        (false, Framing.Event) => "sse",
        (false, _) => "websocket",
        (true, Framing.Stream) => "uni_http_stream",
        (true, Framing.Event) => "uni_sse",
        (true, _) => "uni_websocket",
    };

    /// <summary>The client may compress its messages, too.</summary>
    public bool IsCompressed => _framing is Framing.CompressedWebSocket;

    /// <summary>A client that cannot answer the broker's ping answers a ping of RFC 6455, which goes out with it.</summary>
    public bool PongsAreFrames => IsUnidirectional && IsWebSocket;

    /// <summary>The client has no way to answer a ping at all.</summary>
    public bool NeverPongs => IsUnidirectional && !PongsAreFrames;

    /// <summary>The broker's ping, whole.</summary>
    public byte[] Ping { get; }

    public static Wire At(int index) => All[index];

    /// <summary>The last thing a client gets: a close frame, a push that says the same, or on a unidirectional WebSocket both.</summary>
    public byte[] Close(DisconnectCode code)
    {
        var frame = IsWebSocket ? FrameWriter.Close(code.Code, code.Reason) : [];
        if (IsWebSocket && !IsUnidirectional)
        {
            return frame;
        }

        var push = FrameWriter.Begin();
        Codec.WriteDisconnectPush(push, code);
        return [.. Complete(push), .. frame];
    }

    /// <summary>Finishes a message: what was written with <see cref="Codec"/> gets around it what the transport wants.</summary>
    /// <param name="message">This thread's, with one message in it.</param>
    /// <param name="compressFrom">Where there is compression, shorter messages go without.</param>
    /// <returns>Valid until the next <see cref="FrameWriter.Begin"/> on this thread.</returns>
    public ReadOnlySpan<byte> Complete(FrameWriter message, int compressFrom = 0) => _framing switch
    {
        Framing.WebSocket => message.Complete(Codec),
        Framing.CompressedWebSocket => message.CompleteCompressed(Codec, compressFrom),
        Framing.Event => message.Complete("data: "u8, "\n\n"u8),
        _ => message.Complete([], Codec.IsBinary ? [] : "\n"u8),
    };
}
