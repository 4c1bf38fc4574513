using System.Diagnostics.CodeAnalysis;
using Microsoft.IdentityModel.Tokens;
using NSec.Cryptography;

namespace ClawEvents.Broker.Identity.KeySets;

/// <summary>A public key of Ed25519 for the library for JSON Web Tokens (RFC 8037), which has none: NSec checks the signatures.</summary>
internal sealed class Ed25519Key : SecurityKey
{
    /// <summary>The algorithm as tokens name it.</summary>
    public const string Name = "EdDSA";

    private readonly PublicKey _publicKey;

    private Ed25519Key(PublicKey publicKey, string? keyId)
    {
        _publicKey = publicKey;
        KeyId = keyId;
        CryptoProviderFactory = new CryptoProviderFactory { CustomCryptoProvider = new Provider() };
    }

    /// <inheritdoc/>
    public override int KeySize => SignatureAlgorithm.Ed25519.PublicKeySize * 8;

    /// <summary>Reads a published key (RFC 7517).</summary>
    /// <returns>Null when it is of another kind, or broken.</returns>
    public static Ed25519Key? Of(JsonWebKey key) =>
        key is { Kty: "OKP", Crv: "Ed25519", X: { } text }
        && TryDecode(text, out var bytes)
        && PublicKey.TryImport(SignatureAlgorithm.Ed25519, bytes, KeyBlobFormat.RawPublicKey, out var publicKey)
            ? new(publicKey!, key.KeyId)
            : null;

    private static bool TryDecode(string base64Url, [NotNullWhen(true)] out byte[]? bytes)
    {
        try
        {
            bytes = Base64UrlEncoder.DecodeBytes(base64Url);
            return true;
        }
        catch (FormatException)
        {
            // The library has no method that does not throw.
            bytes = null;
            return false;
        }
    }

    private sealed class Provider : ICryptoProvider
    {
        public bool IsSupportedAlgorithm(string algorithm, params object[] args) => algorithm == Name && args is [Ed25519Key, ..];

        public object Create(string algorithm, params object[] args) => new Verifier((Ed25519Key)args[0]);

        public void Release(object cryptoInstance)
        {
            // A verifier holds no resources.
        }
    }

    private sealed class Verifier(Ed25519Key key) : SignatureProvider(key, Name)
    {
        public override byte[] Sign(byte[] input) => throw new NotSupportedException("Nothing is signed with a public key.");

        public override bool Verify(byte[] input, byte[] signature) => SignatureAlgorithm.Ed25519.Verify(key._publicKey, input, signature);

        public override bool Verify(byte[] input, int inputOffset, int inputLength, byte[] signature, int signatureOffset, int signatureLength) =>
            SignatureAlgorithm.Ed25519.Verify(key._publicKey, input.AsSpan(inputOffset, inputLength), signature.AsSpan(signatureOffset, signatureLength));

        protected override void Dispose(bool disposing)
        {
            // Nothing to release.
        }
    }
}
