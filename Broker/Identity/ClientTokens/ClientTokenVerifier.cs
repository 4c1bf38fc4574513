using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace ClawEvents.Broker.Identity.ClientTokens;

/// <summary>Checks who signed a client's token, for whom, and whether it is its time; what it says is for others to read.</summary>
/// <remarks>HS, RS and ES with 256, 384 or 512 bits, and EdDSA; no leeway. Thread-safe.</remarks>
internal sealed class ClientTokenVerifier(TokenSettings settings, TokenKeys keys, TimeProvider time)
{
    /// <summary>With server-side subscriptions in it a token may be long; a connection's first message holds no more anyway.</summary>
    public const int MaxTokenBytes = 32 * 1024;

    // Made at the first token: loading the library would be a third of the time the broker takes to start.
    private readonly Lazy<JsonWebTokenHandler> _handler = new(() => new() { MaximumTokenSizeInBytes = MaxTokenBytes });

    /// <param name="token">As it came, of any content.</param>
    /// <returns>With <see cref="TokenStatus.Valid"/> the claims, an object.</returns>
    public async ValueTask<(TokenStatus Status, JsonElement Claims)> VerifyAsync(string token)
    {
        if (token.Length > MaxTokenBytes || !TryRead(token, out var jwt))
        {
            return (TokenStatus.Invalid, default);
        }

        if (await keys.FindAsync(jwt.Alg, jwt.Kid ?? "") is not { } candidates)
        {
            return (TokenStatus.Unavailable, default);
        }

        var result = candidates.Count == 0 ? null : await _handler.Value.ValidateTokenAsync(token, Parameters(candidates));
        return result is not { IsValid: true } ? (IsOutOfTime(result?.Exception) ? TokenStatus.Expired : TokenStatus.Invalid, default)
            : TryReadClaims(jwt, out var claims) ? (TokenStatus.Valid, claims)
            : (TokenStatus.Invalid, default);
    }

    private static bool TryRead(string token, out JsonWebToken jwt)
    {
        try
        {
            jwt = new JsonWebToken(token);
            return true;
        }
        catch (Exception exception) when (exception is ArgumentException or SecurityTokenException or JsonException)
        {
            // Not three parts, not base64url, not JSON.
            jwt = null!;
            return false;
        }
    }

    private static bool TryReadClaims(JsonWebToken jwt, out JsonElement claims)
    {
        using var document = JsonDocument.Parse(Base64UrlEncoder.DecodeBytes(jwt.EncodedPayload));
        claims = document.RootElement.Clone();
        return claims.ValueKind is JsonValueKind.Object;
    }

    private TokenValidationParameters Parameters(IReadOnlyList<SecurityKey> candidates) => new()
    {
        IssuerSigningKeys = candidates,
        TryAllIssuerSigningKeys = true,
        ValidateIssuer = settings.Issuer is not null,
        ValidIssuer = settings.Issuer,
        ValidateAudience = settings.Audience is not null,
        ValidAudience = settings.Audience,
        RequireExpirationTime = false,
        LifetimeValidator = (notBefore, expires, _, _) => IsWithin(notBefore, expires, time.GetUtcNow().UtcDateTime),
    };

    private static bool IsWithin(DateTime? notBefore, DateTime? expires, DateTime now) =>
        (notBefore is null || notBefore <= now) && (expires is null || now < expires);

    private static bool IsOutOfTime(Exception? exception) =>
        exception is SecurityTokenInvalidLifetimeException or SecurityTokenExpiredException or SecurityTokenNotYetValidException;
}
