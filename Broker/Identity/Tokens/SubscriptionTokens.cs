using System.Text.Json;
using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Identity.Tokens;

/// <summary>What became of a subscription's token.</summary>
internal enum SubscriptionTokenStatus : byte
{
    Valid,

    /// <summary>Rightly signed, but over, or not yet begun (109).</summary>
    Expired,

    /// <summary>Its own end, <c>expire_at</c>, has passed (110).</summary>
    Ended,

    /// <summary>Malformed or wrongly signed (103).</summary>
    Invalid,

    /// <summary>Good, but for somebody else or for another channel: the client is not what it should be (3500).</summary>
    Foreign,

    /// <summary>The keys cannot be had just now (100).</summary>
    Unavailable,
}

/// <summary>Reads the tokens that allow one client one channel: docs/reference/tokens.md.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class SubscriptionTokens(ClientTokenVerifier verifier, TimeProvider time)
{
    /// <inheritdoc cref="ClientTokenVerifier.Become"/>
    public void Become(TokenSettings fresh, SigningSecret own) => verifier.Become(fresh, own);

    /// <param name="token">As it came, of any content.</param>
    /// <param name="channel">The channel it has to be for.</param>
    /// <param name="user">The user of the connection, which has to be the token's, even when it is empty.</param>
    /// <param name="client">The connection's id, which has to be the token's if that names one.</param>
    public async ValueTask<(SubscriptionTokenStatus Status, SubscriptionGrant? Grant, DateTimeOffset ExpiresAt)> VerifyAsync(
        string token, string channel, string user, Guid client)
    {
        var (status, claims) = await verifier.VerifyAsync(token);
        return status switch
        {
            TokenStatus.Valid => Read(claims, channel, user, client),
            TokenStatus.Expired => (SubscriptionTokenStatus.Expired, null, default),
            TokenStatus.Unavailable => (SubscriptionTokenStatus.Unavailable, null, default),
            _ => (SubscriptionTokenStatus.Invalid, null, default),
        };
    }

    private (SubscriptionTokenStatus Status, SubscriptionGrant? Grant, DateTimeOffset ExpiresAt) Read(
        JsonElement claims, string channel, string user, Guid client)
    {
        try
        {
            if (!claims.TryGetText("channel", out var named)
                || !claims.TryGetText(verifier.Settings.UserClaim, out var subject)
                || !claims.TryGetText("client", out var onlyClient)
                || !claims.TryGetEnd(out var end)
                || !SubscriptionGrants.TryReadOne(claims, channel, out var grant))
            {
                return (SubscriptionTokenStatus.Invalid, null, default);
            }

            var isFor = named == channel && subject == user && (onlyClient.Length == 0 || onlyClient == client.ToString());
            return !isFor ? (SubscriptionTokenStatus.Foreign, null, default)
                : end <= time.GetUtcNow() ? (SubscriptionTokenStatus.Ended, null, default)
                : (SubscriptionTokenStatus.Valid, grant, end);
        }
        catch (InvalidOperationException)
        {
            // Text with half a surrogate pair: no text.
            return (SubscriptionTokenStatus.Invalid, null, default);
        }
    }
}
