using System.Buffers;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Connections;

/// <summary>How messages travel to one kind of client: their encoding, and what a transport puts around each.</summary>
/// <remarks>What goes to many is made once per wire and shared. Immutable; there is one object of each.</remarks>
internal sealed class Wire
{
    /// <summary>How many there are.</summary>
    public const int Count = 2;

    private static readonly Wire[] All = [new(0, MessageCodec.Json), new(1, MessageCodec.Protobuf)];

    private Wire(byte index, MessageCodec codec)
    {
        Index = index;
        Codec = codec;
        var ping = FrameWriter.Begin();
        ping.Write(codec.Ping);
        Ping = Complete(ping).ToArray();
    }

    public static Wire WebSocketJson => All[0];

    public static Wire WebSocketProtobuf => All[1];

    /// <summary>Its place in tables of <see cref="Count"/> entries.</summary>
    public byte Index { get; }

    public MessageCodec Codec { get; }

    /// <summary>The broker's ping, whole.</summary>
    public byte[] Ping { get; }

    public static Wire At(int index) => All[index];

    /// <summary>The last thing a client gets.</summary>
    public static byte[] Close(DisconnectCode code) => FrameWriter.Close(code.Code, code.Reason);

    /// <summary>Finishes a message: what was written with <see cref="Codec"/> gets around it what the transport wants.</summary>
    /// <returns>Valid until the next <see cref="FrameWriter.Begin"/> on this thread.</returns>
    public ReadOnlySpan<byte> Complete(FrameWriter message) => message.Complete(Codec);
}
