using System.Diagnostics.CodeAnalysis;

namespace ClawEvents.Broker.Identity.Ssh;

/// <summary>A valid public key in OpenSSH's one-line form. RFC 4253 section 6.6, RFC 5656, RFC 8709, PROTOCOL.u2f.</summary>
internal sealed class SshPublicKey
{
    /// <summary>The message for an invalid key.</summary>
    public const string Rule =
        "unsupported public key: it must be one line, ssh-ed25519, ecdsa-sha2-nistp256, -384 or -521, ssh-rsa of 2048 bits or more, or sk-*, without options";

    /// <summary>An RSA key of 16,384 bits takes 2,800 characters, and a comment may follow.</summary>
    private const int MaxLength = 8 * 1024;

    private SshPublicKey(string type, byte[] blob)
    {
        Type = type;
        Blob = blob;
    }

    /// <summary>As <c>ssh-ed25519</c>.</summary>
    public string Type { get; }

    /// <summary>The type again, then the key in the form of that type.</summary>
    public byte[] Blob { get; }

    /// <summary>Type and base64, written again from the decoded key: nothing else of the parsed text is left.</summary>
    public override string ToString() => $"{Type} {Convert.ToBase64String(Blob)}";

    /// <param name="text"><c>TYPE BASE64 [COMMENT]</c>, with at most one line end.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out SshPublicKey? key)
    {
        key = null;
        var line = text.EndsWith('\n') ? text[..^1] : text;
        if (text.Length > MaxLength || line.Any(char.IsControl))
        {
            return false;
        }

        var parts = line.Split(' ', 3);
        if (parts.Length < 2 || !TryDecode(parts[1], out var blob) || !SshKeyBlob.IsKey(blob, parts[0]))
        {
            return false;
        }

        key = new SshPublicKey(parts[0], blob);
        return true;
    }

    private static bool TryDecode(string base64, out byte[] blob)
    {
        var decoded = new byte[base64.Length];
        var isBase64 = Convert.TryFromBase64String(base64, decoded, out var length);
        blob = decoded[..length];
        return isBase64;
    }
}
