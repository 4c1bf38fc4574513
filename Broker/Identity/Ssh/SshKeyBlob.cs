using System.Numerics;
using System.Text;

namespace ClawEvents.Broker.Identity.Ssh;

/// <summary>Checks the binary form of a public SSH key.</summary>
internal static class SshKeyBlob
{
    private const int MinRsaBits = 2048;
    private const int MaxRsaBits = 16384;

    // The longest that RSA libraries accept with a long modulus; a longer one makes a check slow.
    private const int MaxExponentBits = 64;

    private const int Ed25519Bytes = 32;

    /// <summary>Whether the blob is exactly one whole key of this type.</summary>
    public static bool IsKey(ReadOnlySpan<byte> blob, string type)
    {
        var reader = new SshReader(blob);
        return reader.TryReadString(out var inner)
            && inner.SequenceEqual(Encoding.UTF8.GetBytes(type))
            && type switch
            {
                "ssh-ed25519" => TryReadEd25519(ref reader),
                "ecdsa-sha2-nistp256" => TryReadPoint(ref reader, "nistp256"u8, 256),
                "ecdsa-sha2-nistp384" => TryReadPoint(ref reader, "nistp384"u8, 384),
                "ecdsa-sha2-nistp521" => TryReadPoint(ref reader, "nistp521"u8, 521),
                "ssh-rsa" => TryReadRsa(ref reader),
                "sk-ssh-ed25519@openssh.com" => TryReadEd25519(ref reader) && TryReadApplication(ref reader),
                "sk-ecdsa-sha2-nistp256@openssh.com" => TryReadPoint(ref reader, "nistp256"u8, 256) && TryReadApplication(ref reader),
                _ => false,
            }
            && reader.IsAtEnd;
    }

    private static bool TryReadEd25519(ref SshReader reader) => reader.TryReadString(out var key) && key.Length == Ed25519Bytes;

    // SEC 1 section 2.3.3: 4, then both coordinates uncompressed.
    private static bool TryReadPoint(ref SshReader reader, ReadOnlySpan<byte> curve, int bits) =>
        reader.TryReadString(out var named)
        && named.SequenceEqual(curve)
        && reader.TryReadString(out var point)
        && point.Length == 1 + (2 * ((bits + 7) / 8))
        && point[0] == 4;

    private static bool TryReadRsa(ref SshReader reader) =>
        reader.TryReadPositive(out var exponent)
        && BitsOf(exponent) is > 1 and <= MaxExponentBits
        && reader.TryReadPositive(out var modulus)
        && BitsOf(modulus) is >= MinRsaBits and <= MaxRsaBits;

    // The relying party that a security key signs for.
    private static bool TryReadApplication(ref SshReader reader) => reader.TryReadString(out var application) && application.Length > 0;

    private static int BitsOf(ReadOnlySpan<byte> digits) => (digits.Length * 8) - (BitOperations.LeadingZeroCount(digits[0]) - 24);
}
