using System.Text.Json;
using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Identity.Tokens;

internal enum SubscriptionTokenStatus : byte
{
    Valid,

    /// <summary>Correctly signed, but it has expired or is not valid yet (109).</summary>
    Expired,

    /// <summary>The subscription's own end, <c>expire_at</c>, has passed (110).</summary>
    Ended,

    /// <summary>Malformed, wrongly signed, or without a channel (103).</summary>
    Invalid,

    /// <summary>Correct, but for another user, client or channel (3500).</summary>
    Foreign,

    /// <summary>The keys to check it with cannot be fetched at the moment (100).</summary>
    Unavailable,
}

/// <summary>The subscription that a token allows.</summary>
/// <param name="Grant">Null unless valid.</param>
internal readonly record struct SubscriptionTokenResult(SubscriptionTokenStatus Status, AllowedSubscription? Grant);

/// <summary>The claims of a token for one subscription.</summary>
/// <param name="Client">A connection's id; empty: any of the user's connections.</param>
internal sealed record SubscriptionClaims(string Channel, string User, string Client, AllowedSubscription Grant);

/// <summary>Reads the tokens that allow one client one channel: docs/reference/tokens.md. Thread-safe.</summary>
internal sealed class SubscriptionTokens : ITokenReader<SubscriptionClaims>
{
    private readonly TokenCheck<SubscriptionClaims> _check;
    private readonly TimeProvider _time;

    public SubscriptionTokens(TokenSettings settings, SigningSecret ownSecret, TimeProvider time)
    {
        _check = new(this, settings, ownSecret, liveKeys: null, time);
        _time = time;
    }

    /// <inheritdoc cref="TokenCheck{T}.Settings"/>
    public TokenSettings Settings => _check.Settings;

    /// <inheritdoc cref="TokenCheck{T}.ApplySettings"/>
    public void ApplySettings(TokenSettings fresh) => _check.ApplySettings(fresh);

    /// <param name="token">As it was received, with any content.</param>
    /// <param name="channel">The channel that the token has to name.</param>
    /// <param name="user">The user that the token has to name, also when it is empty.</param>
    /// <param name="client">The connection that the token has to name, if it names one.</param>
    public async ValueTask<SubscriptionTokenResult> VerifyAsync(string token, string channel, string user, Guid client)
    {
        var (status, verified) = await _check.CheckAsync(token.AsMemory());
        return status switch
        {
            TokenStatus.Valid => ResultFor(verified!.Content, channel, user, client),
            TokenStatus.Expired => new(SubscriptionTokenStatus.Expired, null),
            TokenStatus.Unavailable => new(SubscriptionTokenStatus.Unavailable, null),
            _ => new(SubscriptionTokenStatus.Invalid, null),
        };
    }

    bool ITokenReader<SubscriptionClaims>.TryRead(JsonElement claims, TokenOwner owner, out SubscriptionClaims content)
    {
        content = null!;
        if (!claims.TryGetText("channel", out var channel)
            || channel.Length == 0
            || !claims.TryGetText("client", out var client)
            || !SubscriptionGrants.TryReadOne(claims, channel, out var grant))
        {
            return false;
        }

        content = new(channel, owner.Name, client, grant);
        return true;
    }

    private SubscriptionTokenResult ResultFor(SubscriptionClaims claims, string channel, string user, Guid client)
    {
        var isFor = claims.Channel == channel && claims.User == user && (claims.Client.Length == 0 || claims.Client == client.ToString());
        return !isFor ? new(SubscriptionTokenStatus.Foreign, null)
            : claims.Grant.ExpiresAt <= _time.GetUtcNow() ? new(SubscriptionTokenStatus.Ended, null)
            : new(SubscriptionTokenStatus.Valid, claims.Grant);
    }
}
