using System.Security.Cryptography;

namespace ClawEvents.Broker.Identity.Ssh;

/// <summary>Verifies OpenSSH signatures (SSHSIG). Thread-safe.</summary>
/// <remarks>Costs 0.1 ms for an elliptic curve, and up to a few milliseconds for the longest RSA key.</remarks>
internal static class SshSignatures
{
    /// <summary>The namespace that a signature has to be made for.</summary>
    public const string Namespace = "claw.events";

    /// <summary>In characters; the longest signature, of RSA with 16,384 bits, has 6 KB.</summary>
    public const int MaxSignatureLength = 16 * 1024;

    /// <param name="key">The key that has to have signed.</param>
    /// <param name="message">The text that has to be signed.</param>
    /// <param name="armored">At most <see cref="MaxSignatureLength"/>, of any content.</param>
    /// <returns>False for another key, text or namespace, for an algorithm that does not belong to the key, and for text that is not a signature.</returns>
    public static bool IsGood(SshPublicKey key, string message, string armored)
    {
        if (!SshSignature.TryParse(armored, out var signature) || !signature.IsFor(Namespace) || !signature.PublicKey.AsSpan().SequenceEqual(key.Blob))
        {
            return false;
        }

        var reader = new SshReader(signature.Signature);
        return reader.TryReadString(out var algorithm) && IsGood(key, signature.SignedBytesOf(message), algorithm, ref reader) && reader.IsAtEnd;
    }

    private static bool IsGood(SshPublicKey key, byte[] signed, ReadOnlySpan<byte> algorithm, ref SshReader reader)
    {
        var parts = new SshReader(key.Blob);
        parts.TryReadString(out _);
        return key.Type switch
        {
            "ssh-ed25519" => algorithm.SequenceEqual("ssh-ed25519"u8) && SshAlgorithms.IsEd25519(ref parts, signed, ref reader),
            "ssh-rsa" => algorithm.SequenceEqual("rsa-sha2-512"u8) ? SshAlgorithms.IsRsa(ref parts, signed, HashAlgorithmName.SHA512, ref reader)
                : algorithm.SequenceEqual("rsa-sha2-256"u8) && SshAlgorithms.IsRsa(ref parts, signed, HashAlgorithmName.SHA256, ref reader),
            "ecdsa-sha2-nistp256" => algorithm.SequenceEqual("ecdsa-sha2-nistp256"u8) && SshAlgorithms.IsEcdsa(ref parts, signed, SshCurve.P256, ref reader),
            "ecdsa-sha2-nistp384" => algorithm.SequenceEqual("ecdsa-sha2-nistp384"u8) && SshAlgorithms.IsEcdsa(ref parts, signed, SshCurve.P384, ref reader),
            "ecdsa-sha2-nistp521" => algorithm.SequenceEqual("ecdsa-sha2-nistp521"u8) && SshAlgorithms.IsEcdsa(ref parts, signed, SshCurve.P521, ref reader),
            "sk-ssh-ed25519@openssh.com" => algorithm.SequenceEqual("sk-ssh-ed25519@openssh.com"u8) && SecurityKeys.IsEd25519(ref parts, signed, ref reader),
            "sk-ecdsa-sha2-nistp256@openssh.com" => algorithm.SequenceEqual("sk-ecdsa-sha2-nistp256@openssh.com"u8) && SecurityKeys.IsEcdsa(ref parts, signed, ref reader),
            _ => false,
        };
    }
}
