using NSec.Cryptography;

namespace ClawEvents.Broker.Tests.Support.Tokens;

/// <summary>Signs with the key of the first example of RFC 8032, section 7.1.</summary>
internal static class Ed25519Signer
{
    private static readonly Key Key = Key.Import(
        SignatureAlgorithm.Ed25519, Convert.FromHexString("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"), KeyBlobFormat.RawPrivateKey);

    /// <summary>32 bytes.</summary>
    public static byte[] PublicKey { get; } = Key.PublicKey.Export(KeyBlobFormat.RawPublicKey);

    /// <returns>64 bytes.</returns>
    public static byte[] Sign(byte[] message) => SignatureAlgorithm.Ed25519.Sign(Key, message);
}
