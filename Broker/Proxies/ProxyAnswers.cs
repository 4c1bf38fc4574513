using ClawEvents.Broker.Identity.ClientTokens;

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
internal sealed record PublishAnswer
{
    /// <summary>As the client sent it.</summary>
    public static PublishAnswer AsItCame { get; } = new();

    /// <summary>In the place of the client's payload; null: that one.</summary>
    public ReadOnlyMemory<byte>? Data { get; init; }

    public bool SkipsHistory { get; init; }

    /// <summary>Null without tags.</summary>
    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    /// <summary>Null: none.</summary>
    public string? IdempotencyKey { get; init; }

    public bool WantsDelta { get; init; }

    /// <summary>0: none.</summary>
    public ulong Version { get; init; }

    /// <summary>Null: none.</summary>
    public string? VersionEpoch { get; init; }
}

/// <summary>What a remote procedure returns.</summary>
/// <param name="Data">JSON, or (for Protobuf clients only) any bytes; empty: nothing.</param>
internal sealed record RpcAnswer(ReadOnlyMemory<byte> Data);
