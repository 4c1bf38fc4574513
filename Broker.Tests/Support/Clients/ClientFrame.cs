using System.Buffers.Binary;

namespace ClawEvents.Broker.Tests.Support.Clients;

/// <summary>Frames as a client sends them, made by hand (RFC 6455, section 5.2), right or wrong.</summary>
internal static class ClientFrame
{
    public static readonly byte[] Mask = [0x37, 0xFA, 0x21, 0x3D];

    public static byte[] Text(string payload, bool isFinal = true) => Of(0x1, payload.Utf8(), isFinal);

    public static byte[] Binary(string payload) => Of(0x2, payload.Utf8());

    public static byte[] Continuation(string payload, bool isFinal = true) => Of(0x0, payload.Utf8(), isFinal);

    public static byte[] Ping(string payload = "") => Of(0x9, payload.Utf8());

    public static byte[] Pong(string payload = "") => Of(0xA, payload.Utf8());

    public static byte[] Close() => Of(0x8, []);

    public static byte[] Close(int code, string reason = "") => Of(0x8, [(byte)(code >> 8), (byte)code, .. reason.Utf8()]);

    /// <summary>A masked frame with the shortest form of its length.</summary>
    public static byte[] Of(int opcode, byte[] payload, bool isFinal = true) =>
        [.. Header(opcode, payload.Length, isFinal), .. payload.Select((value, i) => (byte)(value ^ Mask[i % 4]))];

    /// <summary>The header only, mask included.</summary>
    public static byte[] Header(int opcode, long length, bool isFinal = true) =>
        [(byte)((isFinal ? 0x80 : 0) | opcode), .. Length(length), .. Mask];

    private static byte[] Length(long length)
    {
        switch (length)
        {
            case < 126:
                return [(byte)(0x80 | length)];
            case <= ushort.MaxValue:
                return [0x80 | 126, (byte)(length >> 8), (byte)length];
            default:
                var bytes = new byte[9];
                bytes[0] = 0x80 | 127;
                BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(1), length);
                return bytes;
        }
    }
}
