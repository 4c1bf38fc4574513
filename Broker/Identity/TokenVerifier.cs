using System.Text.Json;
using ClawEvents.Broker.State;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace ClawEvents.Broker.Identity;

/// <summary>Checks the tokens that HTTP requests and connections bring.</summary>
/// <remarks>
/// HS256 only; no leeway; the rules of docs/reference/http-api.md#authentication. A key (claim <c>type</c> is <c>apikey</c> or
/// <c>appkey</c>) must also be the live one of its principal. Thread-safe.
/// </remarks>
internal sealed class TokenVerifier(SigningSecret secret, IStateStore store, TimeProvider time)
{
    /// <summary>Ours have about 250 bytes; a longer one is not worth hashing.</summary>
    public const int MaxTokenBytes = 4096;

    // Made at the first token: loading the library would be a third of the time the broker takes to start.
    private readonly Lazy<(JsonWebTokenHandler Handler, TokenValidationParameters Parameters)> _checks =
        new(() => (new() { MaximumTokenSizeInBytes = MaxTokenBytes }, MakeParameters(secret, time)));

    /// <param name="token">As it came, of any content.</param>
    public async ValueTask<TokenResult> VerifyAsync(string token)
    {
        if (token.Length > MaxTokenBytes)
        {
            return TokenResult.Refused(TokenStatus.Invalid);
        }

        var (handler, parameters) = _checks.Value;
        var result = await handler.ValidateTokenAsync(token, parameters);
        if (!result.IsValid)
        {
            return TokenResult.Refused(IsOutOfTime(result.Exception) ? TokenStatus.Expired : TokenStatus.Invalid);
        }

        var jwt = (JsonWebToken)result.SecurityToken;
        return !IsSubject(jwt) ? TokenResult.Refused(TokenStatus.Invalid)
            : IsKey(jwt) && !await IsLiveAsync(jwt, token) ? TokenResult.Refused(TokenStatus.Revoked)
            : new TokenResult(TokenStatus.Valid, Principal.Of(jwt.Subject), ExpiryOf(jwt));
    }

    private static TokenValidationParameters MakeParameters(SigningSecret secret, TimeProvider time) => new()
    {
        IssuerSigningKey = secret.Key,
        ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
        ValidateIssuer = false,
        ValidateAudience = false,
        RequireExpirationTime = false,
        LifetimeValidator = (notBefore, expires, _, _) => IsWithin(notBefore, expires, time.GetUtcNow().UtcDateTime),
    };

    private static bool IsWithin(DateTime? notBefore, DateTime? expires, DateTime now) =>
        (notBefore is null || notBefore <= now) && (expires is null || now < expires);

    private static bool IsOutOfTime(Exception? exception) =>
        exception is SecurityTokenInvalidLifetimeException or SecurityTokenExpiredException or SecurityTokenNotYetValidException;

    // The library reads a subject that is a number as its text, so the claim itself has to be looked at.
    private static bool IsSubject(JsonWebToken jwt)
    {
        if (string.IsNullOrEmpty(jwt.Subject))
        {
            return false;
        }

        using var payload = JsonDocument.Parse(Base64UrlEncoder.DecodeBytes(jwt.EncodedPayload));
        return payload.RootElement.GetProperty(JwtRegisteredClaimNames.Sub).ValueKind is JsonValueKind.String;
    }

    private static bool IsKey(JsonWebToken jwt) =>
        jwt.TryGetPayloadValue<string>(TokenIssuer.TypeClaim, out var type) && type is TokenIssuer.ApiKeyType or TokenIssuer.AppKeyType;

    private static DateTimeOffset ExpiryOf(JsonWebToken jwt) =>
        jwt.ValidTo == DateTime.MinValue ? DateTimeOffset.MaxValue : new DateTimeOffset(jwt.ValidTo, TimeSpan.Zero);

    private async ValueTask<bool> IsLiveAsync(JsonWebToken jwt, string token) =>
        await store.GetKeyHashAsync(jwt.Subject) is { } hash && TokenIssuer.IsHashOf(hash, token);
}
