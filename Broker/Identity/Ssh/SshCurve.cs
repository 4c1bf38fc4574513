using System.Security.Cryptography;

namespace ClawEvents.Broker.Identity.Ssh;

/// <summary>An elliptic curve of SSH, and the hash that belongs to it (RFC 5656, section 6.2.1).</summary>
/// <param name="Bytes">The length of a coordinate, and of each half of a signature.</param>
internal sealed record SshCurve(ECCurve Curve, HashAlgorithmName Hash, int Bytes)
{
    public static SshCurve P256 { get; } = new(ECCurve.NamedCurves.nistP256, HashAlgorithmName.SHA256, 32);

    public static SshCurve P384 { get; } = new(ECCurve.NamedCurves.nistP384, HashAlgorithmName.SHA384, 48);

    public static SshCurve P521 { get; } = new(ECCurve.NamedCurves.nistP521, HashAlgorithmName.SHA512, 66);
}
