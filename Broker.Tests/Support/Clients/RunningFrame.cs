using System.Buffers.Binary;
using System.Text;

namespace ClawEvents.Broker.Tests.Support.Clients;

/// <summary>A frame as the broker sent it; and the bytes of frames that a client sends (RFC 6455, section 5.2).</summary>
/// <param name="First">FIN, the reserved bits and the opcode.</param>
/// <param name="HeaderLength">2, 4 or 10 bytes.</param>
/// <param name="Payload">Servers do not mask.</param>
internal sealed record RunningFrame(byte First, int HeaderLength, byte[] Payload)
{
    public const byte FinalText = 0x81;
    public const byte FinalBinary = 0x82;
    public const byte FinalContinuation = 0x80;
    public const byte FirstText = 0x01;
    public const byte Continuation = 0x00;
    public const byte Close = 0x88;
    public const byte Ping = 0x89;
    public const byte Pong = 0x8A;

    private static readonly byte[] Mask = [0x37, 0xFA, 0x21, 0x3D];

    public string PayloadText => Encoding.UTF8.GetString(Payload);

    /// <summary>A text message in one masked frame.</summary>
    public static byte[] Text(string text) => Masked(FinalText, Encoding.UTF8.GetBytes(text));

    public static byte[] Masked(byte first, ReadOnlySpan<byte> payload)
    {
        byte[] frame = [.. Header(first, payload.Length), .. payload];
        for (var index = 0; index < payload.Length; index++)
        {
            frame[frame.Length - payload.Length + index] ^= Mask[index % Mask.Length];
        }

        return frame;
    }

    /// <summary>The header of a masked frame: first byte, length in the shortest form, mask.</summary>
    public static byte[] Header(byte first, long length)
    {
        var extended = new byte[length < 126 ? 0 : length <= ushort.MaxValue ? sizeof(ushort) : sizeof(long)];
        if (extended.Length == sizeof(ushort))
        {
            BinaryPrimitives.WriteUInt16BigEndian(extended, (ushort)length);
        }
        else if (extended.Length == sizeof(long))
        {
            BinaryPrimitives.WriteInt64BigEndian(extended, length);
        }

        var second = extended.Length switch { 0 => (byte)length, sizeof(ushort) => (byte)126, _ => (byte)127 };
        return [first, (byte)(0x80 | second), .. extended, .. Mask];
    }

    public static byte[] Closing(int code, string reason = "") =>
        Masked(Close, [(byte)(code >> 8), (byte)code, .. Encoding.UTF8.GetBytes(reason)]);
}
