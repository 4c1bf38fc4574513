using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace ClawEvents.Broker.Identity.Tokens;

/// <summary>Makes the tokens that the broker gives out: HS256 JWTs. Those of agents expire after seven days.</summary>
/// <remarks>Thread-safe. Each carries a random <c>jti</c>, so no two are equal, even when they are made in the same second.</remarks>
internal sealed class TokenIssuer(SigningSecret secret, TimeProvider time)
{
    public const string TypeClaim = "type";

    /// <summary>The type of an agent's key: only the newest one is live.</summary>
    public const string ApiKeyType = "apikey";

    /// <summary>The type of an app's key.</summary>
    public const string AppKeyType = "appkey";

    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);

    /// <summary>Makes a key for an agent, which becomes live when its <see cref="HashOf"/> is stored.</summary>
    public string IssueApiKey(string agent) => Issue(agent, time.GetUtcNow() + Lifetime, new() { [TypeClaim] = ApiKeyType });

    /// <summary>Makes a key for an app, which becomes live when its <see cref="HashOf"/> is stored, and ends when another one is stored.</summary>
    public string IssueAppKey(string app) => Issue($"{Principal.AppPrefix}{app}", expiresAt: null, new() { [TypeClaim] = AppKeyType });

    /// <summary>Makes a token that is valid until it expires or is revoked: nothing is stored, and several may be in use.</summary>
    /// <param name="revokedUntil">Tokens issued until then are revoked, Unix seconds: this one is issued after that second.</param>
    public string IssueSessionToken(string agent, long revokedUntil) =>
        Issue(agent, time.GetUtcNow() + Lifetime, [], TokenClaims.MomentOf(revokedUntil + 1.0));

    private string Issue(string subject, DateTimeOffset? expiresAt, Dictionary<string, object> claims, DateTimeOffset earliest = default)
    {
        var now = time.GetUtcNow();
        claims[JwtRegisteredClaimNames.Sub] = subject;
        claims[JwtRegisteredClaimNames.Jti] = Guid.NewGuid().ToString("N");
        var handler = new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false };
        return handler.CreateToken(new SecurityTokenDescriptor
        {
            IssuedAt = (now > earliest ? now : earliest).UtcDateTime,
            Expires = expiresAt?.UtcDateTime,
            SigningCredentials = new SigningCredentials(secret.Key, SecurityAlgorithms.HmacSha256),
            Claims = claims,
        });
    }

    /// <returns>SHA-256 in lower-case hexadecimal, as it is stored for a key.</returns>
    public static string HashOf(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    /// <summary>Compares in constant time.</summary>
    public static bool IsHashOf(string hash, string token) => IsSameHash(hash, HashOf(token));

    /// <inheritdoc cref="IsHashOf"/>
    public static bool IsSameHash(string hash, string other) =>
        CryptographicOperations.FixedTimeEquals(MemoryMarshal.AsBytes(hash.AsSpan()), MemoryMarshal.AsBytes(other.AsSpan()));
}
