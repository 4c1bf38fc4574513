using System.Globalization;

namespace ClawEvents.Broker.Identity;

/// <summary>The part of a principal's token that is kept, to see later whether the token still counts.</summary>
/// <param name="Key">The first eight bytes of a key's SHA-256; 0: the token is not a key.</param>
/// <param name="IssuedAt">Unix seconds; 0: the token does not say.</param>
internal readonly record struct TokenStamp(ulong Key, long IssuedAt)
{
    private const int KeyDigits = 2 * sizeof(ulong);

    /// <summary>Identified without a token, for example by a proxy: nothing to revoke.</summary>
    public static TokenStamp None { get; } = new(0, long.MaxValue);

    /// <param name="keyHash">SHA-256 in hexadecimal; null: not a key.</param>
    /// <param name="issuedAt">Unix seconds; 0: the token does not say.</param>
    public static TokenStamp Of(string? keyHash, long issuedAt) => new(KeyOf(keyHash), issuedAt);

    /// <param name="liveKeyHash">The hash of the principal's live key; null when it has none.</param>
    /// <param name="revokedUntil">Tokens issued until then are revoked, Unix seconds; 0: none.</param>
    public bool IsEnded(string? liveKeyHash, long revokedUntil) =>
        Key != 0 ? Key != KeyOf(liveKeyHash) : revokedUntil > 0 && IssuedAt <= revokedUntil;

    // Somebody else may have stored something that is not a hash: then no key is the live one.
    private static ulong KeyOf(string? hash) =>
        hash is { Length: >= KeyDigits } && ulong.TryParse(hash.AsSpan(0, KeyDigits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var key) ? key : 0;
}
