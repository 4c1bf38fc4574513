using System.Globalization;
using System.Security.Cryptography;

namespace ClawEvents.Broker.Tests.Support.Tokens;

/// <summary>Signatures that allow keys of shared polls to be tracked, made as a back end makes them.</summary>
internal static class TrackSignature
{
    public const string Secret = "a secret of shared polls, long enough";

    /// <param name="expiresIn">Seconds from the start of the manual clock; null: it never expires.</param>
    public static string Of(string channel, IEnumerable<string> keys, string user = "", double? expiresIn = 3_600, string secret = Secret, double issuedIn = 0) =>
        Of(channel, keys, user, TestToken.Seconds(issuedIn), expiresIn is { } seconds ? TestToken.Seconds(seconds) : 0, secret);

    /// <param name="issuedAt">Seconds since 1970.</param>
    /// <param name="expiresAt">Seconds since 1970; 0: never.</param>
    public static string Of(string channel, IEnumerable<string> keys, string user, long issuedAt, long expiresAt, string secret = Secret)
    {
        var hash = Hex(SHA256.HashData(string.Join('\0', keys).Utf8()));
        var signed = string.Create(CultureInfo.InvariantCulture, $"{issuedAt}\0{expiresAt}\0{user}\0{channel}\0{hash}");
        return string.Create(CultureInfo.InvariantCulture, $"{issuedAt}:{expiresAt}:{Hex(HMACSHA256.HashData(secret.Utf8(), signed.Utf8()))}");
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
