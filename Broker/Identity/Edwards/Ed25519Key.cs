using Microsoft.IdentityModel.Tokens;

namespace ClawEvents.Broker.Identity.Edwards;

/// <summary>A public key of Ed25519 for the library for JSON Web Tokens (RFC 8037).</summary>
internal sealed class Ed25519Key : SecurityKey
{
    /// <summary>As tokens name it.</summary>
    public const string Name = "EdDSA";

    private readonly byte[] _publicKey;

    /// <param name="publicKey">32 bytes.</param>
    /// <param name="keyId">Null without one.</param>
    public Ed25519Key(byte[] publicKey, string? keyId)
    {
        _publicKey = publicKey;
        KeyId = keyId;
        CryptoProviderFactory = new CryptoProviderFactory { CustomCryptoProvider = new Provider() };
    }

    /// <inheritdoc/>
    public override int KeySize => Ed25519.KeyBytes * 8;

    /// <summary>Reads a published key (RFC 7517).</summary>
    /// <returns>Null when it is of another kind.</returns>
    public static Ed25519Key? Of(JsonWebKey key)
    {
        try
        {
            return key is { Kty: "OKP", Crv: "Ed25519", X: { } text } && Base64UrlEncoder.DecodeBytes(text) is { Length: Ed25519.KeyBytes } bytes ? new(bytes, key.KeyId) : null;
        }
        catch (FormatException)
        {
            // Broken: ignored.
            return null;
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

        public override bool Verify(byte[] input, byte[] signature) => Ed25519.Verify(key._publicKey, input, signature);

        public override bool Verify(byte[] input, int inputOffset, int inputLength, byte[] signature, int signatureOffset, int signatureLength) =>
            Ed25519.Verify(key._publicKey, input.AsSpan(inputOffset, inputLength), signature.AsSpan(signatureOffset, signatureLength));

        protected override void Dispose(bool disposing)
        {
            // Nothing to release.
        }
    }
}
