using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Identity.Tokens;

/// <summary>The identity of a connection, from its token or a proxy.</summary>
/// <param name="Principal">Anonymous when the token or proxy names no user.</param>
/// <param name="ExpiresAt">The end of the connection unless it is refreshed; <see cref="DateTimeOffset.MaxValue"/>: never.</param>
internal sealed record ConnectionIdentity(Principal Principal, DateTimeOffset ExpiresAt)
{
    /// <summary>A client without a token.</summary>
    public static ConnectionIdentity Anonymous { get; } = new(Principal.Anonymous, DateTimeOffset.MaxValue);

    /// <summary>Shown with the client; JSON, or any bytes for Protobuf clients; empty: nothing.</summary>
    public ReadOnlyMemory<byte> Info { get; init; }

    /// <summary>Sent to proxies only; a JSON object, or empty.</summary>
    public ReadOnlyMemory<byte> Meta { get; init; }

    /// <summary>Server-side subscriptions.</summary>
    public IReadOnlyList<AllowedSubscription> Subscriptions { get; init; } = [];
}
