using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace ClawEvents.Broker.Identity.Tokens;

/// <summary>Checks tokens: signature, audience and issuer, time, and whether it was revoked.</summary>
/// <remarks>
/// The check is the same for every kind of token; the settings and the reader decide the rest. There is no leeway for clocks. A token that was
/// verified recently is found in a cache, which is emptied when the settings or the broker's own secret change. Thread-safe. Hot path: a
/// cached token allocates nothing (TokenCheckBenchmarks).
/// </remarks>
/// <param name="reader">Reads the claims.</param>
/// <param name="settings">Which tokens are accepted.</param>
/// <param name="ownSecret">The broker's own secret.</param>
/// <param name="liveKeys">Null: revocations do not count.</param>
/// <param name="time">The clock.</param>
internal sealed class TokenCheck<T>(ITokenReader<T> reader, TokenSettings settings, SigningSecret ownSecret, ILiveKeys? liveKeys, TimeProvider time)
{
    private TokenSettings _settings = settings;

    // Null until the first token, as loading the library would be a third of the time that the broker takes to start. Replaced as a whole.
    private Rules? _rules;

    /// <summary>Which tokens are accepted now.</summary>
    public TokenSettings Settings => Volatile.Read(ref _settings);

    /// <summary>Accepts the tokens of these settings from now on. The cache is emptied, and published keys are fetched again.</summary>
    public void ApplySettings(TokenSettings fresh) => Volatile.Write(ref _settings, fresh);

    /// <param name="token">As it was received, with any content.</param>
    public async ValueTask<CheckedToken<T>> CheckAsync(ReadOnlyMemory<char> token)
    {
        var rules = CurrentRules();
        if (token.Length > rules.Settings.MaxTokenBytes)
        {
            return new(TokenStatus.Invalid, null);
        }

        var hash = TokenHash.Of(token.Span);
        var result = await FindAsync(rules, hash) is { } known ? new(TokenStatus.Valid, known) : await VerifyAsync(rules, token.ToString(), hash);

        // Asked every time: a key can be replaced, and tokens can be revoked, at any moment.
        return liveKeys is null || result.Token is not { } verified || await liveKeys.IsLiveAsync(verified.Owner) ? result : new(TokenStatus.Revoked, null);
    }

    private async ValueTask<VerifiedToken<T>?> FindAsync(Rules rules, TokenHash? hash)
    {
        if (hash is not { } value || rules.Verified.Find(value) is not { } known)
        {
            return null;
        }

        // Not the time alone: a previous secret has its end, and a published key may be withdrawn.
        if (known.IsWithin(time.GetUtcNow()) && await rules.Keys.FindAsync(known.Lookup) is { } candidates && candidates.Contains(known.SigningKey))
        {
            return known;
        }

        rules.Verified.Remove(value, known);
        return null;
    }

    // Several may be made simultaneously; one of them stays.
    private Rules CurrentRules()
    {
        var (current, key, rules) = (Volatile.Read(ref _settings), ownSecret.Key, Volatile.Read(ref _rules));
        if (rules is null || rules.OwnKey != key || !ReferenceEquals(rules.Settings, current))
        {
            Volatile.Write(ref _rules, rules = new Rules(current, key, TokenKeys.Of(current, key, time), new VerifiedTokens<T>()));
        }

        return rules;
    }

    private async ValueTask<CheckedToken<T>> VerifyAsync(Rules rules, string text, TokenHash? hash)
    {
        if (!TokenSignature.TryParse(text, out var token) || !TokenOrigin.TryMatch(rules.Settings, token, out var parts))
        {
            return new(TokenStatus.Invalid, null);
        }

        var lookup = new KeyLookup(token.Alg, token.Kid ?? "", parts);
        if ((rules.Settings.SkipsSignatures ? [] : await rules.Keys.FindAsync(lookup)) is not { } candidates)
        {
            return new(TokenStatus.Unavailable, null);
        }

        var status = await TokenSignature.VerifyAsync(token, rules.Settings, candidates, time.GetUtcNow());
        if (status is not TokenStatus.Valid)
        {
            return new(status, null);
        }

        if (token.SigningKey is { } signer)
        {
            rules.Keys.Prove(lookup, signer);
        }

        var verified = Read(rules, text, token, lookup);
        if (hash is { } value && verified?.SigningKey is not null)
        {
            // Only signed tokens: where signatures are skipped, any stranger could fill the cache.
            rules.Verified.Keep(value, verified);
        }

        return new(verified is null ? TokenStatus.Invalid : TokenStatus.Valid, verified);
    }

    private VerifiedToken<T>? Read(Rules rules, string text, JsonWebToken token, KeyLookup lookup)
    {
        try
        {
            using var payload = JsonDocument.Parse(Base64UrlEncoder.DecodeBytes(token.EncodedPayload));
            var claims = payload.RootElement;
            return claims.ValueKind is not JsonValueKind.Object || !TryReadOwner(rules, claims, text, token, out var owner) || !reader.TryRead(claims, owner, out var content) ? null
                : new(content, new(token.ValidFrom, TimeSpan.Zero), ExpiryOf(token)) { Lookup = lookup, SigningKey = token.SigningKey, Owner = owner };
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // An empty payload, which the library accepts, or half a surrogate pair.
            return null;
        }
    }

    // Others may sign for any user, but not for apps, and nobody for the anonymous sender. Where signatures are skipped, there are no others.
    private static bool TryReadOwner(Rules rules, JsonElement claims, string text, JsonWebToken token, out TokenOwner owner)
    {
        var isText = claims.TryGetText(rules.Settings.UserClaim, out var name);
        var isOwn = token.SigningKey is not { } signer || rules.Keys.IsOwn(signer);
        name = isOwn || name.Length == 0 ? name : rules.Settings.UserPrefix + name;
        owner = new(name, claims.IsApiKey() ? TokenIssuer.HashOf(text) : null, claims.GetIssuedAt());
        return isText && name is not Principal.AnonymousSender && (isOwn || !name.StartsWith(Principal.AppPrefix, StringComparison.Ordinal));
    }

    private static DateTimeOffset ExpiryOf(JsonWebToken token) =>
        token.ValidTo == DateTime.MinValue ? DateTimeOffset.MaxValue : new(token.ValidTo, TimeSpan.Zero);

    /// <summary>One version of the settings and of the broker's own secret, and everything derived from it.</summary>
    private sealed record Rules(TokenSettings Settings, SymmetricSecurityKey OwnKey, TokenKeys Keys, VerifiedTokens<T> Verified);
}
