using System.Security.Cryptography;
using NSec.Cryptography;

namespace ClawEvents.Broker.Identity.Ssh;

/// <summary>Verifies signatures in the forms that SSH gives them. RFC 8709 (Ed25519), RFC 8332 (RSA), RFC 5656 (elliptic curves).</summary>
/// <remarks>
/// Each reads the parts of a key, after its type, that <see cref="SshKeyBlob"/> has found to be whole, and a signature after the name of its
/// algorithm. RSA and the curves of NIST are .NET's, Ed25519 is NSec's.
/// </remarks>
internal static class SshAlgorithms
{
    public static bool IsEd25519(ref SshReader key, ReadOnlySpan<byte> signed, ref SshReader signature) =>
        key.TryReadString(out var publicKey)
        && signature.TryReadString(out var bytes)
        && PublicKey.TryImport(SignatureAlgorithm.Ed25519, publicKey, KeyBlobFormat.RawPublicKey, out var imported)
        && SignatureAlgorithm.Ed25519.Verify(imported!, signed, bytes);

    public static bool IsRsa(ref SshReader key, ReadOnlySpan<byte> signed, HashAlgorithmName hash, ref SshReader signature)
    {
        if (!key.TryReadPositive(out var exponent) || !key.TryReadPositive(out var modulus) || !signature.TryReadString(out var bytes))
        {
            return false;
        }

        try
        {
            using var rsa = RSA.Create(new RSAParameters { Exponent = exponent.ToArray(), Modulus = modulus.ToArray() });
            return rsa.VerifyData(signed, bytes, hash, RSASignaturePadding.Pkcs1);
        }
        catch (CryptographicException)
        {
            // Numbers that are not a key.
            return false;
        }
    }

    public static bool IsEcdsa(ref SshReader key, ReadOnlySpan<byte> signed, SshCurve curve, ref SshReader signature)
    {
        var halves = new byte[2 * curve.Bytes];
        if (!key.TryReadString(out _)
            || !key.TryReadString(out var point)
            || !signature.TryReadString(out var numbers)
            || !TryReadHalves(numbers, halves))
        {
            return false;
        }

        try
        {
            var coordinates = new ECPoint { X = point.Slice(1, curve.Bytes).ToArray(), Y = point[(1 + curve.Bytes)..].ToArray() };
            using var ecdsa = ECDsa.Create(new ECParameters { Curve = curve.Curve, Q = coordinates });
            return ecdsa.VerifyData(signed, halves, curve.Hash);
        }
        catch (CryptographicException)
        {
            // Not a point of the curve.
            return false;
        }
    }

    // Two numbers, each at the end of its half.
    private static bool TryReadHalves(ReadOnlySpan<byte> numbers, Span<byte> halves)
    {
        var reader = new SshReader(numbers);
        var half = halves.Length / 2;
        if (!reader.TryReadPositive(out var r) || !reader.TryReadPositive(out var s) || !reader.IsAtEnd || r.Length > half || s.Length > half)
        {
            return false;
        }

        r.CopyTo(halves[(half - r.Length)..]);
        s.CopyTo(halves[(halves.Length - s.Length)..]);
        return true;
    }
}
