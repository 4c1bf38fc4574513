using System.Text.Json;
using ClawEvents.Broker.State;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace ClawEvents.Broker.Identity.Tokens;

/// <summary>Checks the tokens that HTTP requests bring.</summary>
/// <remarks>
/// HS256 only; no leeway; the rules of docs/reference/http-api.md#authentication. A key (claim <c>type</c> is <c>apikey</c> or
/// <c>appkey</c>) must also be the live one of its principal. Thread-safe. Hot path: a token seen lately allocates nothing
/// (TokenVerifierBenchmarks).
/// </remarks>
internal sealed class TokenVerifier(SigningSecret secret, IStateStore store, TimeProvider time)
{
    /// <summary>Ours have about 250 bytes; a longer one is not worth hashing.</summary>
    public const int MaxTokenBytes = 4096;

    // Null until the first token, as loading the library would be a third of the time the broker takes to start; replaced as a whole when the secret is
    // another one.
    private Checks? _checks;

    /// <param name="token">As it came, of any content.</param>
    public ValueTask<TokenResult> VerifyAsync(ReadOnlyMemory<char> token)
    {
        Span<byte> hash = stackalloc byte[VerifiedTokens.HashBytes];
        if (token.Length > MaxTokenBytes || !VerifiedTokens.TryHash(token.Span, hash))
        {
            return new(TokenResult.Refused(TokenStatus.Invalid));
        }

        var checks = CurrentChecks();
        return checks.Verified.Find(hash) is { } known ? JudgeAsync(known) : VerifySlowAsync(checks, token.ToString(), hash.ToArray());
    }

    // Of several that are made at once one stays, and the others have verified a token or two for themselves.
    private Checks CurrentChecks()
    {
        var (checks, key) = (Volatile.Read(ref _checks), secret.Key);
        if (checks is null || checks.Key != key)
        {
            Volatile.Write(ref _checks, checks = new Checks(key, new() { MaximumTokenSizeInBytes = MaxTokenBytes }, MakeParameters(key, time), new VerifiedTokens()));
        }

        return checks;
    }

    private static TokenValidationParameters MakeParameters(SymmetricSecurityKey key, TimeProvider time) => new()
    {
        IssuerSigningKey = key,
        ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
        ValidateIssuer = false,
        ValidateAudience = false,
        RequireExpirationTime = false,
        LifetimeValidator = (notBefore, expires, _, _) => IsWithin(notBefore, expires, time.GetUtcNow().UtcDateTime),
    };

    private static bool IsWithin(DateTime? notBefore, DateTime? expires, DateTime now) =>
        (notBefore is null || notBefore <= now) && (expires is null || now < expires);

    private async ValueTask<TokenResult> VerifySlowAsync(Checks checks, string token, byte[] hash)
    {
        var result = await checks.Handler.ValidateTokenAsync(token, checks.Parameters);
        if (!result.IsValid)
        {
            return TokenResult.Refused(IsOutOfTime(result.Exception) ? TokenStatus.Expired : TokenStatus.Invalid);
        }

        var jwt = (JsonWebToken)result.SecurityToken;
        if (!IsSubject(jwt))
        {
            return TokenResult.Refused(TokenStatus.Invalid);
        }

        var verified = new VerifiedToken(Convert.ToHexStringLower(hash), Principal.Of(jwt.Subject), BeginOf(jwt), ExpiryOf(jwt), IsKey(jwt));
        checks.Verified.Keep(hash, verified);
        return await JudgeAsync(verified);
    }

    // What may change from one moment to the next.
    private ValueTask<TokenResult> JudgeAsync(VerifiedToken token)
    {
        var now = time.GetUtcNow();
        if (now < token.NotBefore || now >= token.ExpiresAt)
        {
            return new(TokenResult.Refused(TokenStatus.Expired));
        }

        if (!token.IsKey)
        {
            return new(Judge(token, isLive: true));
        }

        var live = store.GetKeyHashAsync(token.Principal.Name);
        return live.IsCompletedSuccessfully ? new(Judge(token, IsLive(token, live.Result))) : AwaitLiveAsync(token, live);
    }

    private static async ValueTask<TokenResult> AwaitLiveAsync(VerifiedToken token, ValueTask<string?> live) => Judge(token, IsLive(token, await live));

    private static bool IsLive(VerifiedToken token, string? live) => live is not null && TokenIssuer.IsSameHash(live, token.Hash);

    private static TokenResult Judge(VerifiedToken token, bool isLive) =>
        isLive ? new TokenResult(TokenStatus.Valid, token.Principal, token.ExpiresAt) : TokenResult.Refused(TokenStatus.Revoked);

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

    private static DateTimeOffset BeginOf(JsonWebToken jwt) => new(jwt.ValidFrom, TimeSpan.Zero);

    private static DateTimeOffset ExpiryOf(JsonWebToken jwt) =>
        jwt.ValidTo == DateTime.MinValue ? DateTimeOffset.MaxValue : new DateTimeOffset(jwt.ValidTo, TimeSpan.Zero);

    /// <summary>What belongs to one secret.</summary>
    private sealed record Checks(SymmetricSecurityKey Key, JsonWebTokenHandler Handler, TokenValidationParameters Parameters, VerifiedTokens Verified);
}
