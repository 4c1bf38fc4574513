using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace ClawEvents.Broker.Identity.Ssh;

/// <summary>Checks the binary form of a public SSH key: a list of strings, each preceded by its length in four bytes.</summary>
internal static class SshKeyBlob
{
    private const int MinRsaBits = 2048;
    private const int MaxRsaBits = 16384;

    // The longest that RSA libraries accept with a long modulus; a longer one makes a check slow.
    private const int MaxExponentBits = 64;

    private const int Ed25519Bytes = 32;

    /// <summary>Whether the blob is exactly one whole key of this type.</summary>
    public static bool IsKey(ReadOnlySpan<byte> blob, string type) =>
        TryReadString(ref blob, out var inner)
        && inner.SequenceEqual(Encoding.UTF8.GetBytes(type))
        && type switch
        {
            "ssh-ed25519" => TryReadEd25519(ref blob),
            "ecdsa-sha2-nistp256" => TryReadPoint(ref blob, "nistp256"u8, 256),
            "ecdsa-sha2-nistp384" => TryReadPoint(ref blob, "nistp384"u8, 384),
            "ecdsa-sha2-nistp521" => TryReadPoint(ref blob, "nistp521"u8, 521),
            "ssh-rsa" => TryReadRsa(ref blob),
            "sk-ssh-ed25519@openssh.com" => TryReadEd25519(ref blob) && TryReadApplication(ref blob),
            "sk-ecdsa-sha2-nistp256@openssh.com" => TryReadPoint(ref blob, "nistp256"u8, 256) && TryReadApplication(ref blob),
            _ => false,
        }
        && blob.IsEmpty;

    private static bool TryReadEd25519(ref ReadOnlySpan<byte> blob) => TryReadString(ref blob, out var key) && key.Length == Ed25519Bytes;

    // SEC 1 section 2.3.3: 4, then both coordinates uncompressed.
    private static bool TryReadPoint(ref ReadOnlySpan<byte> blob, ReadOnlySpan<byte> curve, int bits) =>
        TryReadString(ref blob, out var named)
        && named.SequenceEqual(curve)
        && TryReadString(ref blob, out var point)
        && point.Length == 1 + (2 * ((bits + 7) / 8))
        && point[0] == 4;

    private static bool TryReadRsa(ref ReadOnlySpan<byte> blob) =>
        TryReadString(ref blob, out var exponent)
        && BitsOf(exponent) is > 1 and <= MaxExponentBits
        && TryReadString(ref blob, out var modulus)
        && BitsOf(modulus) is >= MinRsaBits and <= MaxRsaBits;

    // The relying party that a security key signs for.
    private static bool TryReadApplication(ref ReadOnlySpan<byte> blob) => TryReadString(ref blob, out var application) && application.Length > 0;

    // Of an mpint (RFC 4251 section 5); 0 for zero, for negative numbers, and for unnecessary leading zeros.
    private static int BitsOf(ReadOnlySpan<byte> mpint)
    {
        if (mpint.IsEmpty || mpint[0] > 127)
        {
            return 0;
        }

        var digits = mpint[0] == 0 ? mpint[1..] : mpint;
        return digits.IsEmpty || (mpint[0] == 0 && digits[0] < 128) ? 0 : (digits.Length * 8) - (BitOperations.LeadingZeroCount(digits[0]) - 24);
    }

    private static bool TryReadString(ref ReadOnlySpan<byte> blob, out ReadOnlySpan<byte> text)
    {
        text = default;
        if (!BinaryPrimitives.TryReadUInt32BigEndian(blob, out var length) || length > blob.Length - sizeof(uint))
        {
            return false;
        }

        text = blob.Slice(sizeof(uint), (int)length);
        blob = blob[(sizeof(uint) + (int)length)..];
        return true;
    }
}
