using System.Text;
using System.Text.Json;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Identity.Tokens;

/// <summary>Tells who a connection is by its token: one of ours, or one that an operator's back end has signed.</summary>
/// <remarks>The claims are Centrifugo's: docs/reference/tokens.md. A key of ours must also be its principal's live one. Thread-safe.</remarks>
internal sealed class ConnectionTokens(ClientTokenVerifier verifier, IStateStore store)
{
    /// <inheritdoc cref="ClientTokenVerifier.Become"/>
    public void Become(TokenSettings fresh, SigningSecret own) => verifier.Become(fresh, own);

    /// <param name="token">As it came, of any content.</param>
    /// <returns>Anonymous unless valid.</returns>
    public async ValueTask<(TokenStatus Status, ConnectionIdentity Identity)> VerifyAsync(string token)
    {
        var (status, claims) = await verifier.VerifyAsync(token);
        if (status is not TokenStatus.Valid)
        {
            return (status, ConnectionIdentity.Anonymous);
        }

        return !TryRead(claims, out var identity) ? (TokenStatus.Invalid, ConnectionIdentity.Anonymous)
            : IsKey(claims) && !await IsLiveAsync(identity.Principal, token) ? (TokenStatus.Revoked, ConnectionIdentity.Anonymous)
            : (TokenStatus.Valid, identity);
    }

    // A token with a channel is one for a subscription: it must not open a connection.
    private bool TryRead(JsonElement claims, out ConnectionIdentity identity)
    {
        identity = ConnectionIdentity.Anonymous;
        try
        {
            if (claims.TryGetProperty("channel", out _)
                || !claims.TryGetText(verifier.Settings.UserClaim, out var user)
                || !claims.TryGetEnd(out var end)
                || !claims.TryGetBytes("info", out var info)
                || !SubscriptionGrants.TryRead(claims, out var subscriptions))
            {
                return false;
            }

            identity = new ConnectionIdentity(Principal.Of(user), end) { Info = info, Meta = MetaOf(claims), Subscriptions = subscriptions };
            return true;
        }
        catch (InvalidOperationException)
        {
            // Text with half a surrogate pair: no text.
            return false;
        }
    }

    private static byte[] MetaOf(JsonElement claims) =>
        claims.TryGetProperty("meta", out var meta) && meta.ValueKind is JsonValueKind.Object ? Encoding.UTF8.GetBytes(meta.GetRawText()) : [];

    private static bool IsKey(JsonElement claims) =>
        claims.TryGetProperty(TokenIssuer.TypeClaim, out var type)
        && type.ValueKind is JsonValueKind.String
        && (type.ValueEquals(TokenIssuer.ApiKeyType) || type.ValueEquals(TokenIssuer.AppKeyType));

    private async ValueTask<bool> IsLiveAsync(Principal principal, string token) =>
        !principal.IsAnonymous && await store.GetKeyHashAsync(principal.Name) is { } hash && TokenIssuer.IsHashOf(hash, token);
}
