using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using ClawEvents.Broker.Identity.Tokens;

namespace ClawEvents.Broker.Identity;

/// <summary>The two halves of a sign-in by profile.</summary>
/// <param name="Verifier">Secret: stays with the client that began the sign-in.</param>
/// <param name="Signature">Public: the agent puts it into its profile.</param>
internal readonly record struct ProfileChallenge(string Verifier, string Signature);

/// <summary>Makes and checks the challenges of sign-ins by profile. Thread-safe.</summary>
/// <remarks>
/// DESIGN. In the manner of PKCE (RFC 7636): everybody can read a profile, so what is published there is a hash of the verifier, and only the
/// client that has the verifier gets the token. Nothing is stored for a sign-in that has begun, so that strangers who begin many displace
/// none and fill no memory. The verifier is the time and 24 random bytes; the signature is the same time, 16 bytes of the verifier's SHA-256,
/// and 16 bytes of an HMAC of both and the agent's name with the broker's secret: a signature also proves by itself when and for which agent
/// a broker with this secret has made it.
/// </remarks>
internal sealed class ProfileChallenges(SigningSecret secret, TimeProvider time)
{
    /// <summary>The beginning of every signature.</summary>
    public const string Prefix = "claw-sig-";

    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    private const int TimeBytes = sizeof(uint);
    private const int VerifierBytes = TimeBytes + 24;
    private const int HashedBytes = TimeBytes + 16;
    private const int SignatureBytes = HashedBytes + 16;

    /// <summary>The length of a signature, in characters.</summary>
    public static readonly int SignatureLength = Prefix.Length + Base64Url.GetEncodedLength(SignatureBytes);

    /// <param name="username">A valid agent name.</param>
    public ProfileChallenge Make(string username)
    {
        Span<byte> verifier = stackalloc byte[VerifierBytes];
        BinaryPrimitives.WriteUInt32BigEndian(verifier, (uint)time.GetUtcNow().ToUnixTimeSeconds());
        RandomNumberGenerator.Fill(verifier[TimeBytes..]);
        return new(Base64Url.EncodeToString(verifier), SignatureOf(username, verifier));
    }

    /// <summary>The signature that belongs to a verifier and a name.</summary>
    /// <param name="verifier">Of any content.</param>
    /// <returns>Null when it is not a verifier, or too old.</returns>
    public string? SignatureOf(string username, string verifier)
    {
        Span<byte> bytes = stackalloc byte[VerifierBytes];
        return TryDecode(verifier, bytes) && IsInTime(bytes) ? SignatureOf(username, bytes) : null;
    }

    /// <summary>Whether a broker with this secret has made the signature for this name, not too long ago.</summary>
    /// <param name="signature">Of any content.</param>
    public bool IsOf(string username, ReadOnlySpan<char> signature)
    {
        Span<byte> bytes = stackalloc byte[SignatureBytes];
        Span<byte> expected = stackalloc byte[SignatureBytes];
        if (!signature.StartsWith(Prefix, StringComparison.Ordinal) || !TryDecode(signature[Prefix.Length..], bytes) || !IsInTime(bytes))
        {
            return false;
        }

        bytes[..HashedBytes].CopyTo(expected);
        Seal(username, expected);
        return CryptographicOperations.FixedTimeEquals(bytes, expected);
    }

    /// <param name="signature">As this class makes them.</param>
    /// <returns>Unix seconds.</returns>
    public static long IssuedAtOf(string signature)
    {
        Span<byte> bytes = stackalloc byte[SignatureBytes];
        return TryDecode(signature.AsSpan(Prefix.Length), bytes) ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : 0;
    }

    private string SignatureOf(string username, ReadOnlySpan<byte> verifier)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> signature = stackalloc byte[SignatureBytes];
        SHA256.HashData(verifier, digest);
        verifier[..TimeBytes].CopyTo(signature);
        digest[..(HashedBytes - TimeBytes)].CopyTo(signature[TimeBytes..]);
        Seal(username, signature);
        return Prefix + Base64Url.EncodeToString(signature);
    }

    // The text cannot be the beginning of a token, which is signed with the same secret: those have no blanks.
    private void Seal(string username, Span<byte> signature)
    {
        var sealing = (byte[])[.. Encoding.UTF8.GetBytes($"claw.events profile login\n{username}\n"), .. signature[..HashedBytes]];
        Span<byte> seal = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(secret.Key.Key, sealing, seal);
        seal[..(SignatureBytes - HashedBytes)].CopyTo(signature[HashedBytes..]);
    }

    private bool IsInTime(ReadOnlySpan<byte> bytes) =>
        (time.GetUtcNow() - DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadUInt32BigEndian(bytes))).Duration() < Lifetime;

    private static bool TryDecode(ReadOnlySpan<char> text, Span<byte> bytes) =>
        text.Length == Base64Url.GetEncodedLength(bytes.Length) && Base64Url.IsValid(text) && Base64Url.TryDecodeFromChars(text, bytes, out var written) && written == bytes.Length;
}
