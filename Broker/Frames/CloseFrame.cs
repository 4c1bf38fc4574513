using System.Buffers.Binary;
using System.Text.Unicode;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Frames;

/// <summary>Validates a client's close frame (RFC 6455, sections 5.5.1 and 7.4).</summary>
internal static class CloseFrame
{
    /// <summary>The code of an answer to a close frame without one: 1000, normal closure.</summary>
    public const int Normal = 1000;

    /// <summary>Reads an unmasked payload of 0 to 125 bytes.</summary>
    /// <param name="code">The code to echo.</param>
    /// <returns>Null when the frame is legal, otherwise the code to close with instead.</returns>
    public static DisconnectCode? Check(ReadOnlySpan<byte> payload, out int code)
    {
        code = Normal;
        if (payload.IsEmpty)
        {
            return null;
        }

        if (payload.Length == 1)
        {
            return DisconnectCode.ProtocolError;
        }

        code = BinaryPrimitives.ReadUInt16BigEndian(payload);
        return !MayBeSent(code) ? DisconnectCode.ProtocolError
            : !Utf8.IsValid(payload[2..]) ? DisconnectCode.InvalidPayload
            : null;
    }

    // 1004 to 1006 and 1015 are reserved for use off the wire; below 1000 and 1016 to 2999 nothing is defined.
    private static bool MayBeSent(int code) => code is (>= 1000 and <= 1003) or (>= 1007 and <= 1014) or (>= 3000 and <= 4999);
}
