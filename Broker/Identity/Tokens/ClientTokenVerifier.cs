using System.Text.Json;
using ClawEvents.Broker.Identity.KeySets;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace ClawEvents.Broker.Identity.Tokens;

/// <summary>Checks who signed a client's token, for whom, and whether it is its time; what it says is for others to read.</summary>
/// <remarks>HS, RS and ES with 256, 384 or 512 bits, and EdDSA; no leeway. Thread-safe.</remarks>
internal sealed class ClientTokenVerifier(TokenSettings settings, TokenKeys keys, TimeProvider time)
{
    /// <summary>With server-side subscriptions in it a token may be long; a connection's first message holds no more anyway.</summary>
    public const int MaxTokenBytes = 32 * 1024;

    // Made at the first token: loading the library would be a third of the time the broker takes to start.
    private readonly Lazy<JsonWebTokenHandler> _handler = new(() => new() { MaximumTokenSizeInBytes = MaxTokenBytes });

    // Replaced as a whole, never changed.
    private Rules _rules = new(settings, keys);

    /// <summary>As they are now.</summary>
    public TokenSettings Settings => Volatile.Read(ref _rules).Settings;

    /// <param name="settings">Which tokens are believed.</param>
    /// <param name="own">The broker's own secret.</param>
    /// <param name="time">The clock.</param>
    public static ClientTokenVerifier Of(TokenSettings settings, SigningSecret own, TimeProvider time) => new(settings, KeysOf(settings, own, time), time);

    /// <summary>Believes these tokens from now on; published keys are fetched anew.</summary>
    public void Become(TokenSettings fresh, SigningSecret own) => Volatile.Write(ref _rules, new Rules(fresh, KeysOf(fresh, own, time)));

    /// <param name="token">As it came, of any content.</param>
    /// <returns>With <see cref="TokenStatus.Valid"/> the claims, an object.</returns>
    public async ValueTask<(TokenStatus Status, JsonElement Claims)> VerifyAsync(string token)
    {
        var rules = Volatile.Read(ref _rules);
        if (token.Length > MaxTokenBytes || !TryRead(token, out var jwt) || !TokenOrigin.TryMatch(rules.Settings, jwt, out var parts))
        {
            return (TokenStatus.Invalid, default);
        }

        var isSkipped = rules.Settings.SkipsSignatures;
        if ((isSkipped ? [] : await rules.Keys.FindAsync(jwt.Alg, jwt.Kid ?? "", parts)) is not { } candidates)
        {
            return (TokenStatus.Unavailable, default);
        }

        var result = candidates.Count == 0 && !isSkipped ? null : await _handler.Value.ValidateTokenAsync(token, Parameters(rules.Settings, candidates));
        return result is not { IsValid: true } ? (IsOutOfTime(result?.Exception) ? TokenStatus.Expired : TokenStatus.Invalid, default)
            : TryReadClaims(jwt, out var claims) ? (TokenStatus.Valid, claims)
            : (TokenStatus.Invalid, default);
    }

    // Nobody disposes of those from before: a token may just be on its way through them, and what they hold ends by itself.
    private static TokenKeys KeysOf(TokenSettings settings, SigningSecret own, TimeProvider time) =>
        new(settings, own, settings.KeysAddress is { } address ? new PublishedKeySets(address, time) : null, time);

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

    private TokenValidationParameters Parameters(TokenSettings settings, IReadOnlyList<SecurityKey> candidates) => new()
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
        LifetimeValidator = (notBefore, expires, _, _) => IsWithin(notBefore, expires, time.GetUtcNow().UtcDateTime),
    };

    private static bool IsWithin(DateTime? notBefore, DateTime? expires, DateTime now) =>
        (notBefore is null || notBefore <= now) && (expires is null || now < expires);

    private static bool IsOutOfTime(Exception? exception) =>
        exception is SecurityTokenInvalidLifetimeException or SecurityTokenExpiredException or SecurityTokenNotYetValidException;

    private sealed record Rules(TokenSettings Settings, TokenKeys Keys);
}
