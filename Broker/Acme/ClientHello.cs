using System.Buffers.Binary;

namespace ClawEvents.Broker.Acme;

/// <summary>Looks into the first bytes of a TLS connection (RFC 8446, section 4.1.2) for the protocol with which an ACME server checks a host.</summary>
internal static class ClientHello
{
    /// <summary>The longest one that is looked into.</summary>
    public const int MaxBytes = 16 * 1024;

    private const byte Handshake = 22;
    private const byte Hello = 1;
    private const int RecordHeader = 5;
    private const int Alpn = 16;

    private static ReadOnlySpan<byte> Protocol => "acme-tls/1"u8;

    /// <returns>Null while more bytes are needed.</returns>
    public static bool? AsksForAcme(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length >= 1 && bytes[0] != Handshake)
        {
            return false;
        }

        if (bytes.Length < RecordHeader)
        {
            return null;
        }

        var length = BinaryPrimitives.ReadUInt16BigEndian(bytes[3..]);
        return length > MaxBytes ? false
            : bytes.Length < RecordHeader + length ? null
            : FindProtocol(bytes.Slice(RecordHeader, length));
    }

    // What is cut short, or split over records, is no such client.
    private static bool FindProtocol(ReadOnlySpan<byte> message)
    {
        // Its type and length, the version and 32 random bytes; then the session, the ciphers and the compressions.
        const int beforeSession = 4 + 2 + 32;
        if (message.Length < beforeSession || message[0] != Hello
            || !TrySkip(message[beforeSession..], 1, out message) || !TrySkip(message, 2, out message) || !TrySkip(message, 1, out message)
            || !TryTake(message, 2, out var extensions, out _))
        {
            return false;
        }

        while (extensions.Length >= 4)
        {
            var kind = BinaryPrimitives.ReadUInt16BigEndian(extensions);
            if (!TryTake(extensions[2..], 2, out var body, out extensions))
            {
                return false;
            }

            if (kind == Alpn)
            {
                return TryTake(body, 2, out var names, out _) && TryTake(names, 1, out var first, out _) && first.SequenceEqual(Protocol);
            }
        }

        return false;
    }

    private static bool TrySkip(ReadOnlySpan<byte> bytes, int lengthBytes, out ReadOnlySpan<byte> rest) => TryTake(bytes, lengthBytes, out _, out rest);

    private static bool TryTake(ReadOnlySpan<byte> bytes, int lengthBytes, out ReadOnlySpan<byte> taken, out ReadOnlySpan<byte> rest)
    {
        taken = rest = default;
        if (bytes.Length < lengthBytes)
        {
            return false;
        }

        var length = lengthBytes == 1 ? bytes[0] : BinaryPrimitives.ReadUInt16BigEndian(bytes);
        if (bytes.Length < lengthBytes + length)
        {
            return false;
        }

        taken = bytes.Slice(lengthBytes, length);
        rest = bytes[(lengthBytes + length)..];
        return true;
    }
}
