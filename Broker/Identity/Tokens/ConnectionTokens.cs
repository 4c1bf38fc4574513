using System.Text;
using System.Text.Json;

namespace ClawEvents.Broker.Identity.Tokens;

/// <summary>The client of a connection, as a token proves it.</summary>
/// <param name="Identity">Anonymous unless valid.</param>
internal readonly record struct ConnectionTokenResult(TokenStatus Status, ConnectionIdentity Identity);

/// <summary>Reads the tokens that clients connect with: the broker's own, and those that an operator's back end has signed.</summary>
/// <remarks>The claims are Centrifugo's: docs/reference/tokens.md. Thread-safe.</remarks>
internal sealed class ConnectionTokens : ITokenReader<ConnectionIdentity>
{
    private readonly TokenCheck<ConnectionIdentity> _check;

    public ConnectionTokens(TokenSettings settings, SigningSecret ownSecret, ILiveKeys liveKeys, TimeProvider time) =>
        _check = new(this, settings, ownSecret, liveKeys, time);

    /// <inheritdoc cref="TokenCheck{T}.Settings"/>
    public TokenSettings Settings => _check.Settings;

    /// <inheritdoc cref="TokenCheck{T}.ApplySettings"/>
    public void ApplySettings(TokenSettings fresh) => _check.ApplySettings(fresh);

    /// <param name="token">As it was received, with any content.</param>
    /// <remarks>Hot path: a token that was verified recently allocates nothing (TokenCheckBenchmarks).</remarks>
    public async ValueTask<ConnectionTokenResult> VerifyAsync(string token)
    {
        var (status, verified) = await _check.CheckAsync(token.AsMemory());
        return new(status, verified?.Content ?? ConnectionIdentity.Anonymous);
    }

    // A token with a channel is for a subscription: it must not open a connection.
    bool ITokenReader<ConnectionIdentity>.TryRead(JsonElement claims, TokenOwner owner, out ConnectionIdentity content)
    {
        content = ConnectionIdentity.Anonymous;
        if (claims.TryGetProperty("channel", out _)
            || !claims.TryGetEnd(out var end)
            || !claims.TryGetBytes("info", out var info)
            || !SubscriptionGrants.TryRead(claims, out var subscriptions))
        {
            return false;
        }

        content = new ConnectionIdentity(owner.ToPrincipal(), end) { Info = info, Meta = MetaOf(claims), Subscriptions = subscriptions };
        return true;
    }

    private static byte[] MetaOf(JsonElement claims) =>
        claims.TryGetProperty("meta", out var meta) && meta.ValueKind is JsonValueKind.Object ? Encoding.UTF8.GetBytes(meta.GetRawText()) : [];
}
