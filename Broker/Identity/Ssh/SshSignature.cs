using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace ClawEvents.Broker.Identity.Ssh;

/// <summary>An OpenSSH signature of a file or text, parsed but not verified. PROTOCOL.sshsig of OpenSSH.</summary>
internal sealed class SshSignature
{
    private const string Begin = "-----BEGIN SSH SIGNATURE-----";
    private const string End = "-----END SSH SIGNATURE-----";

    private readonly byte[] _namespace;
    private readonly byte[] _reserved;
    private readonly byte[] _hashAlgorithm;

    private SshSignature(byte[] publicKey, ReadOnlySpan<byte> signatureNamespace, ReadOnlySpan<byte> reserved, ReadOnlySpan<byte> hashAlgorithm, byte[] signature)
    {
        PublicKey = publicKey;
        _namespace = signatureNamespace.ToArray();
        _reserved = reserved.ToArray();
        _hashAlgorithm = hashAlgorithm.ToArray();
        Signature = signature;
    }

    private static ReadOnlySpan<byte> Magic => "SSHSIG"u8;

    private static ReadOnlySpan<byte> Version => [0, 0, 0, 1];

    /// <summary>The key that says that it has signed.</summary>
    public byte[] PublicKey { get; }

    /// <summary>The algorithm's name, then the signature itself in the form of that algorithm.</summary>
    public byte[] Signature { get; }

    public bool IsFor(string signatureNamespace) => Encoding.UTF8.GetBytes(signatureNamespace).AsSpan().SequenceEqual(_namespace);

    /// <param name="armored">Base64 between the two lines that mark its begin and end.</param>
    public static bool TryParse(string armored, [NotNullWhen(true)] out SshSignature? signature)
    {
        signature = null;
        var text = armored.Trim();
        if (!text.StartsWith(Begin, StringComparison.Ordinal) || !text.EndsWith(End, StringComparison.Ordinal) || text.Length < Begin.Length + End.Length)
        {
            return false;
        }

        var base64 = text.AsSpan()[Begin.Length..^End.Length];
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64Chars(base64, bytes, out var length) && TryRead(bytes.AsSpan(0, length), out signature);
    }

    /// <summary>The bytes that were signed when this is the signature of the message.</summary>
    public byte[] SignedBytesOf(string message)
    {
        var text = Encoding.UTF8.GetBytes(message);
        var hash = _hashAlgorithm.AsSpan().SequenceEqual("sha256"u8) ? SHA256.HashData(text) : SHA512.HashData(text);
        return [.. Magic, .. SshText.Of(_namespace), .. SshText.Of(_reserved), .. SshText.Of(_hashAlgorithm), .. SshText.Of(hash)];
    }

    private static bool TryRead(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out SshSignature? signature)
    {
        var reader = new SshReader(bytes);
        var isWhole = reader.TryReadBytes(Magic.Length, out var magic)
            & reader.TryReadBytes(Version.Length, out var version)
            & reader.TryReadString(out var publicKey)
            & reader.TryReadString(out var signatureNamespace)
            & reader.TryReadString(out var reserved)
            & reader.TryReadString(out var hash)
            & reader.TryReadString(out var raw);
        var isKnown = magic.SequenceEqual(Magic) && version.SequenceEqual(Version) && (hash.SequenceEqual("sha256"u8) || hash.SequenceEqual("sha512"u8));
        signature = isWhole && isKnown && reader.IsAtEnd ? new(publicKey.ToArray(), signatureNamespace, reserved, hash, raw.ToArray()) : null;
        return signature is not null;
    }
}
