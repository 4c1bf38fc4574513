using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace ClawEvents.Broker.Identity.Tokens;

/// <summary>What a token is, for operators.</summary>
/// <param name="Claims">Null: the signature is wrong, or could not be checked; then nothing else is known.</param>
/// <param name="ExpiresAt">Null: never.</param>
internal sealed record InspectedToken(TokenStatus Status, JsonElement? Claims = null, string Kind = "", string User = "", string Channel = "", DateTimeOffset? ExpiresAt = null);

/// <summary>Says what a token is, and whether it counts now, by the code that reads the tokens of clients. Thread-safe.</summary>
internal sealed class TokenInspection(ConnectionTokens connections, SubscriptionTokens subscriptions, CallerTokens callers)
{
    /// <param name="text">As somebody has it, with any content.</param>
    public async ValueTask<InspectedToken> InspectAsync(string text)
    {
        if (!TryRead(text, out var token, out var claims))
        {
            return new(TokenStatus.Invalid);
        }

        try
        {
            return await InspectAsync(text, token, claims);
        }
        catch (InvalidOperationException)
        {
            // A claim that should be text is something else, or has half a surrogate pair.
            return new(TokenStatus.Invalid);
        }
    }

    private async ValueTask<InspectedToken> InspectAsync(string text, JsonWebToken token, JsonElement claims)
    {
        var isForChannel = claims.TryGetText(ClientTokens.ChannelClaim, out var channel) && channel.Length > 0;
        var settings = isForChannel ? subscriptions.Settings : connections.Settings;
        claims.TryGetText(settings.UserClaim, out var user);
        var status = isForChannel ? await CheckAsync(text, channel, user, claims) : await CheckAsync(text);
        var kind = isForChannel ? "subscription" : claims.TryGetText(TokenIssuer.TypeClaim, out var type) && type is TokenIssuer.ApiKeyType or TokenIssuer.AppKeyType ? type : "connection";
        return status is TokenStatus.Invalid or TokenStatus.Unavailable
            ? new(status)
            : new(status, claims, kind, user, channel, token.ValidTo == DateTime.MinValue ? null : new(token.ValidTo, TimeSpan.Zero));
    }

    // What clients may not connect with may still be right for the HTTP API.
    private async ValueTask<TokenStatus> CheckAsync(string text)
    {
        var status = (await connections.VerifyAsync(text)).Status;
        return status is TokenStatus.Invalid ? (await callers.VerifyAsync(text.AsMemory())).Status : status;
    }

    // For the client that it names itself.
    private async ValueTask<TokenStatus> CheckAsync(string text, string channel, string user, JsonElement claims)
    {
        var client = claims.TryGetText("client", out var named) && Guid.TryParse(named, out var id) ? id : Guid.Empty;
        return (await subscriptions.VerifyAsync(text, channel, user, client)).Status switch
        {
            SubscriptionTokenStatus.Valid or SubscriptionTokenStatus.Foreign => TokenStatus.Valid,
            SubscriptionTokenStatus.Expired or SubscriptionTokenStatus.Ended => TokenStatus.Expired,
            SubscriptionTokenStatus.Unavailable => TokenStatus.Unavailable,
            _ => TokenStatus.Invalid,
        };
    }

    private static bool TryRead(string text, out JsonWebToken token, out JsonElement claims)
    {
        claims = default;
        if (!TokenSignature.TryParse(text, out token!))
        {
            return false;
        }

        try
        {
            claims = JsonElement.Parse(Base64UrlEncoder.DecodeBytes(token.EncodedPayload));
            return claims.ValueKind is JsonValueKind.Object;
        }
        catch (JsonException)
        {
            // An empty payload, which the library accepts.
            return false;
        }
    }
}
