using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Protocol.Commands;

namespace ClawEvents.Broker.SharedPolls;

/// <summary>Whether keys may be tracked.</summary>
internal enum TrackSignatureStatus : byte
{
    Valid,

    /// <summary>Of another key, user, channel or list of keys, or no signature.</summary>
    Invalid,

    Expired,
}

/// <summary>Verifies the signatures with which a back end allows keys to be tracked. docs/reference/shared-polls.md#signatures</summary>
/// <remarks>
/// <code>
/// signature = iat ":" exp ":" hex(HMAC-SHA256(secret, iat NUL exp NUL user NUL channel NUL hex(SHA-256(keys joined by NUL))))
/// </code>
/// Thread-safe. Compares in constant time.
/// </remarks>
internal sealed class TrackSignatures(SharedPollSettings settings, TimeProvider time)
{
    /// <summary>For clocks that differ, and for requests on their way.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    // The end of the year 9999, so that sums with it stay dates.
    private const long MostSeconds = 253402300799;

    private const char Separator = ':';
    private const char Nul = '\0';

    /// <param name="user">Empty: anonymous.</param>
    /// <param name="expiresAt">When the right to track the keys ends, in seconds since 1970; 0: never.</param>
    public TrackSignatureStatus Verify(TrackBatch batch, string channel, string user, out long expiresAt)
    {
        expiresAt = 0;
        var parts = batch.Signature.Split(Separator);
        if (parts is not [var issued, var expiry, var mac] || !TryRead(issued, out var issuedAt) || !TryRead(expiry, out expiresAt))
        {
            return TrackSignatureStatus.Invalid;
        }

        expiresAt = Math.Min(expiresAt, MostSeconds);
        var signed = string.Join(Nul, issued, expiry, user, channel, HashOf(batch.Items));
        return !IsSigned(signed, mac, issuedAt) ? TrackSignatureStatus.Invalid
            : expiresAt > 0 && expiresAt + (long)Grace.TotalSeconds < time.GetUtcNow().ToUnixTimeSeconds() ? TrackSignatureStatus.Expired
            : TrackSignatureStatus.Valid;
    }

    private static bool TryRead(string text, out long seconds) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out seconds);

    private static string HashOf(List<KeyedItem> items) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join(Nul, items.Select(item => item.Key)))));

    private bool IsSigned(string signed, string mac, long issuedAt)
    {
        var (bytes, given) = (Encoding.UTF8.GetBytes(signed), Encoding.UTF8.GetBytes(mac));
        return IsSignedWith(settings.Secret, bytes, given)
            || (issuedAt <= settings.PreviousSecretEnd && IsSignedWith(settings.PreviousSecret, bytes, given));
    }

    private static bool IsSignedWith(string? secret, byte[] signed, byte[] mac) =>
        secret is not null
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed))), mac);
}
