using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Identity.Tokens;

/// <summary>Who a connection is, by its token or a proxy's word.</summary>
/// <param name="Principal">Anonymous when no user is named.</param>
/// <param name="ExpiresAt">When the connection ends unless it is refreshed; <see cref="DateTimeOffset.MaxValue"/>: never.</param>
internal sealed record ConnectionIdentity(Principal Principal, DateTimeOffset ExpiresAt)
{
    /// <summary>A client without a token.</summary>
    public static ConnectionIdentity Anonymous { get; } = new(Principal.Anonymous, DateTimeOffset.MaxValue);

    /// <summary>Shown with the client; JSON, or any bytes for Protobuf clients; empty: nothing.</summary>
    public ReadOnlyMemory<byte> Info { get; init; }

    /// <summary>Told to proxies only; a JSON object, or empty.</summary>
    public ReadOnlyMemory<byte> Meta { get; init; }

    /// <summary>Subscriptions that the server makes for it.</summary>
    public IReadOnlyList<SubscriptionGrant> Subscriptions { get; init; } = [];
}
