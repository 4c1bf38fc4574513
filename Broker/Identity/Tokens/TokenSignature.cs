using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace ClawEvents.Broker.Identity.Tokens;

/// <summary>Parses tokens and verifies signature, time, audience and issuer, with the library for JSON Web Tokens. Thread-safe.</summary>
/// <remarks>
/// A token that says which extensions it needs (<c>crit</c>) is invalid: the broker understands none of them (RFC 7515, section 4.1.11). The
/// library would ignore the claim.
/// </remarks>
internal static class TokenSignature
{
    private static readonly JsonWebTokenHandler Handler = new();

    public static bool TryParse(string text, out JsonWebToken token)
    {
        try
        {
            token = new JsonWebToken(text);
            return !NeedsExtensions(token);
        }
        catch (Exception exception) when (exception is ArgumentException or SecurityTokenException or JsonException)
        {
            // Not three parts, not base64url, not JSON.
            token = null!;
            return false;
        }
    }

    /// <param name="token">Its <see cref="SecurityToken.SigningKey"/> is set to the key that has signed it.</param>
    /// <param name="settings">With audience and issuer.</param>
    /// <param name="candidates">The keys of the token's algorithm; ignored where signatures are not checked.</param>
    /// <param name="now">No leeway is added.</param>
    /// <returns>Valid, expired or invalid.</returns>
    public static async ValueTask<TokenStatus> VerifyAsync(JsonWebToken token, TokenSettings settings, IReadOnlyList<SecurityKey> candidates, DateTimeOffset now)
    {
        if (candidates.Count == 0 && !settings.SkipsSignatures)
        {
            return TokenStatus.Invalid;
        }

        var result = await Handler.ValidateTokenAsync(token, MakeParameters(settings, candidates, now.UtcDateTime));
        return result.IsValid ? TokenStatus.Valid
            : result.Exception is SecurityTokenInvalidLifetimeException or SecurityTokenExpiredException or SecurityTokenNotYetValidException ? TokenStatus.Expired
            : TokenStatus.Invalid;
    }

    private static bool NeedsExtensions(JsonWebToken token)
    {
        using var header = JsonDocument.Parse(Base64UrlEncoder.DecodeBytes(token.EncodedHeader));
        return header.RootElement.ValueKind is JsonValueKind.Object && header.RootElement.TryGetProperty("crit", out _);
    }

    private static TokenValidationParameters MakeParameters(TokenSettings settings, IReadOnlyList<SecurityKey> candidates, DateTime now) => new()
    {
        IssuerSigningKeys = candidates,
        TryAllIssuerSigningKeys = true,
        RequireSignedTokens = !settings.SkipsSignatures,
        SignatureValidator = settings.SkipsSignatures ? static (token, _) => new JsonWebToken(token) : null,
        ValidateIssuer = settings.Issuer is not null,
        ValidIssuer = settings.Issuer,
        ValidateAudience = settings.Audience is not null,
        ValidAudience = settings.Audience,
        RequireExpirationTime = false,
        LifetimeValidator = (notBefore, expires, _, _) => (notBefore is null || notBefore <= now) && (expires is null || now < expires),
    };
}
