using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Identity.Tokens;

namespace ClawEvents.Broker.Proxies;

/// <summary>Who a client is, by a back end's word.</summary>
/// <param name="Identity">User, expiry, info, meta and the subscriptions that the server makes.</param>
/// <param name="Data">Told to the client in the connect reply; empty: nothing.</param>
internal sealed record ConnectAnswer(ConnectionIdentity Identity, ReadOnlyMemory<byte> Data);

/// <summary>Whether a connection, or a subscription, may go on.</summary>
/// <param name="IsExpired">It may not.</param>
/// <param name="ExpiresAt">When to ask again; <see cref="DateTimeOffset.MaxValue"/>: never.</param>
internal sealed record RefreshAnswer(bool IsExpired, DateTimeOffset ExpiresAt)
{
    /// <summary>In the place of what was shown with the client; empty: that stays.</summary>
    public ReadOnlyMemory<byte> Info { get; init; }

    /// <summary>In the place of the connection's meta; empty: that stays.</summary>
    public ReadOnlyMemory<byte> Meta { get; init; }

    public static RefreshAnswer Expired { get; } = new(true, DateTimeOffset.MaxValue);
}

/// <summary>How to publish what a client wants to publish.</summary>
/// <param name="Publication">Instead of the client's; without data the client's payload stays.</param>
internal sealed record PublishAnswer(Publication Publication, PublishOptions Options)
{
    /// <summary>The client's publication with the answer's data and tags.</summary>
    public Publication ApplyTo(in Publication sent) => Publication with { Publisher = sent.Publisher, Data = Publication.Data.IsEmpty ? sent.Data : Publication.Data };

    /// <summary>As the client sent it.</summary>
    public static PublishAnswer AsItCame { get; } = new(default, PublishOptions.Default);
}

/// <summary>What a remote procedure returns.</summary>
/// <param name="Data">JSON, or (for Protobuf clients only) any bytes; empty: nothing.</param>
internal sealed record CallResult(ReadOnlyMemory<byte> Data);
