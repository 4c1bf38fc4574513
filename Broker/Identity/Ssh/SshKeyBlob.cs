using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace ClawEvents.Broker.Identity.Ssh;

/// <summary>Checks the binary form of a public SSH key: a list of strings, each behind its length in four bytes.</summary>
internal static class SshKeyBlob
{
    private const int MinRsaBits = 2048;
    private const int MaxRsaBits = 16384;

    // What RSA libraries accept beside a long modulus; more makes a check slow.
    private const int MaxExponentBits = 64;

    private const int Ed25519Bytes = 32;

    /// <summary>Whether the blob is one whole key of this type, and nothing besides.</summary>
    public static bool IsKey(ReadOnlySpan<byte> blob, string type) =>
        TryTake(ref blob, out var inner)
        && inner.SequenceEqual(Encoding.UTF8.GetBytes(type))
        && type switch
        {
            "ssh-ed25519" => TakeEd25519(ref blob),
            "ecdsa-sha2-nistp256" => TakePoint(ref blob, "nistp256"u8, 256),
            "ecdsa-sha2-nistp384" => TakePoint(ref blob, "nistp384"u8, 384),
            "ecdsa-sha2-nistp521" => TakePoint(ref blob, "nistp521"u8, 521),
            "ssh-rsa" => TakeRsa(ref blob),
            "sk-ssh-ed25519@openssh.com" => TakeEd25519(ref blob) && TakeApplication(ref blob),
            "sk-ecdsa-sha2-nistp256@openssh.com" => TakePoint(ref blob, "nistp256"u8, 256) && TakeApplication(ref blob),
            _ => false,
        }
        && blob.IsEmpty;

    private static bool TakeEd25519(ref ReadOnlySpan<byte> blob) => TryTake(ref blob, out var key) && key.Length == Ed25519Bytes;

    // SEC 1 section 2.3.3: 4, then both coordinates in full.
    private static bool TakePoint(ref ReadOnlySpan<byte> blob, ReadOnlySpan<byte> curve, int bits) =>
        TryTake(ref blob, out var named)
        && named.SequenceEqual(curve)
        && TryTake(ref blob, out var point)
        && point.Length == 1 + (2 * ((bits + 7) / 8))
        && point[0] == 4;

    private static bool TakeRsa(ref ReadOnlySpan<byte> blob) =>
        TryTake(ref blob, out var exponent)
        && BitsOf(exponent) is > 1 and <= MaxExponentBits
        && TryTake(ref blob, out var modulus)
        && BitsOf(modulus) is >= MinRsaBits and <= MaxRsaBits;

    // The relying party that a security key signs for.
    private static bool TakeApplication(ref ReadOnlySpan<byte> blob) => TryTake(ref blob, out var application) && application.Length > 0;

    // An mpint (RFC 4251 section 5) of more than zero; less than zero, and zeros that say nothing, have no bits here.
    private static int BitsOf(ReadOnlySpan<byte> mpint)
    {
        if (mpint.IsEmpty || mpint[0] > 127)
        {
            return 0;
        }

        var digits = mpint[0] == 0 ? mpint[1..] : mpint;
        return digits.IsEmpty || (mpint[0] == 0 && digits[0] < 128) ? 0 : (digits.Length * 8) - (BitOperations.LeadingZeroCount(digits[0]) - 24);
    }

    private static bool TryTake(ref ReadOnlySpan<byte> blob, out ReadOnlySpan<byte> taken)
    {
        taken = default;
        if (!BinaryPrimitives.TryReadUInt32BigEndian(blob, out var length) || length > blob.Length - sizeof(uint))
        {
            return false;
        }

        taken = blob.Slice(sizeof(uint), (int)length);
        blob = blob[(sizeof(uint) + (int)length)..];
        return true;
    }
}
