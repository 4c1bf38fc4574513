using System.Security.Cryptography;

namespace ClawEvents.Broker.Tests.Support.Tokens;

/// <summary>Tokens as an operator's back end signs them, with claims of any content.</summary>
internal static class SignedToken
{
    public static readonly RSA Rsa = RSA.Create(2048);
    public static readonly ECDsa Ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>Signed with the secret of <see cref="TestToken"/>, HS256.</summary>
    public static string Of(string claims) => TestToken.Of(claims);

    /// <param name="claims">The payload, JSON or not.</param>
    /// <param name="algorithm">HS, RS or ES with 256, 384 or 512; EdDSA.</param>
    /// <param name="keyId">For the header; null: none.</param>
    /// <param name="secret">For HS.</param>
    public static string Of(string claims, string algorithm, string? keyId = null, string secret = TestToken.Secret)
    {
        var header = keyId is null ? $$"""{"alg":"{{algorithm}}"}""" : $$"""{"alg":"{{algorithm}}","kid":"{{keyId}}"}""";
        if (algorithm == "EdDSA")
        {
            return TestToken.Sign(header, claims, Ed25519Signer.Sign);
        }

        var hash = new HashAlgorithmName($"SHA{algorithm[2..]}");
        return TestToken.Sign(header, claims, input => algorithm[0] switch
        {
            'R' => Rsa.SignData(input, hash, RSASignaturePadding.Pkcs1),
            'E' => Ecdsa.SignData(input, hash),
            _ => CryptographicOperations.HmacData(hash, secret.Utf8(), input),
        });
    }
}
