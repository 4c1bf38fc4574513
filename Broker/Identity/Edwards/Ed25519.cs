using System.Numerics;
using System.Security.Cryptography;

namespace ClawEvents.Broker.Identity.Edwards;

/// <summary>Checks signatures of Ed25519 (RFC 8032, section 5.1.7), which .NET does not offer.</summary>
internal static class Ed25519
{
    public const int KeyBytes = 32;
    public const int SignatureBytes = 64;

    // The order of the base point: 2^252 + 27742317777372353535851937790883648493.
    private static readonly BigInteger Order = (BigInteger.One << 252) + BigInteger.Parse("27742317777372353535851937790883648493", System.Globalization.CultureInfo.InvariantCulture);

    /// <param name="publicKey">32 bytes of any content.</param>
    /// <param name="signature">With any length and content.</param>
    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != SignatureBytes || publicKey.Length != KeyBytes || !EdwardsPoint.TryDecode(publicKey, out var key))
        {
            return false;
        }

        // A number that is not below the order would be a second signature of the same message.
        var point = signature[..32];
        var number = signature[32..];
        return new BigInteger(number, isUnsigned: true) < Order
            && EdwardsPoint.Combine(number, EdwardsPoint.Base, Challenge(point, publicKey, message), -key).Encode().AsSpan().SequenceEqual(point);
    }

    private static byte[] Challenge(ReadOnlySpan<byte> point, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
        hash.AppendData(point);
        hash.AppendData(publicKey);
        hash.AppendData(message);
        var number = new byte[32];
        (new BigInteger(hash.GetHashAndReset(), isUnsigned: true) % Order).TryWriteBytes(number, out _, isUnsigned: true);
        return number;
    }
}
