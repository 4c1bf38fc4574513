using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Identity.Tokens;

namespace ClawEvents.Broker.Proxies;

/// <summary>A client's identity, according to a back end.</summary>
/// <param name="Identity">User, expiry, info, meta and the subscriptions that the server makes.</param>
/// <param name="Data">Sent to the client in the connect reply; empty: nothing.</param>
internal sealed record ConnectAnswer(ConnectionIdentity Identity, ReadOnlyMemory<byte> Data);

/// <summary>Whether a connection, or a subscription, may go on.</summary>
/// <param name="ExpiresAt">When to ask again; <see cref="DateTimeOffset.MaxValue"/>: never.</param>
internal sealed record RefreshAnswer(bool IsExpired, DateTimeOffset ExpiresAt)
{
    /// <summary>Replaces the connection's info; empty: that stays.</summary>
    public ReadOnlyMemory<byte> Info { get; init; }

    /// <summary>Replaces the connection's meta; empty: that stays.</summary>
    public ReadOnlyMemory<byte> Meta { get; init; }

    public static RefreshAnswer Expired { get; } = new(true, DateTimeOffset.MaxValue);
}

/// <summary>A back end's decision on how a client's payload is published.</summary>
/// <param name="Publication">Instead of the client's; without data the client's payload stays.</param>
internal sealed record PublishAnswer(Publication Publication, PublishOptions Options)
{
    /// <summary>The client's publication with the answer's data and tags.</summary>
    public Publication ApplyTo(in Publication sent) => Publication with { Publisher = sent.Publisher, Data = Publication.Data.IsEmpty ? sent.Data : Publication.Data };

    /// <summary>As the client sent it.</summary>
    public static PublishAnswer AsItCame { get; } = new(default, PublishOptions.Default);
}

/// <summary>A back end's decision on how a client's value is published to a map.</summary>
/// <param name="Publish">As for a stream; its <see cref="PublishOptions.SkipHistory"/> has no meaning.</param>
/// <param name="Key">Instead of the client's; empty: that stays.</param>
internal sealed record MapPublishAnswer(PublishAnswer Publish, string Key)
{
    public long Score { get; init; }

    public KeyMode KeyMode { get; init; }

    /// <summary>What subscribers get in place of the value; null: the value.</summary>
    public ReadOnlyMemory<byte>? StreamData { get; init; }

    /// <summary>As the client sent it.</summary>
    public static MapPublishAnswer AsItCame { get; } = new(PublishAnswer.AsItCame, "");
}

/// <summary>A back end's decision on how a key of a map is removed.</summary>
/// <param name="Key">Instead of the client's; empty: that stays.</param>
/// <param name="Tags">Of the removal; null: those of the value.</param>
/// <param name="IdempotencyKey">Null: none.</param>
internal sealed record MapRemoveAnswer(string Key, IReadOnlyDictionary<string, string>? Tags, string? IdempotencyKey)
{
    /// <summary>As the client sent it.</summary>
    public static MapRemoveAnswer AsItCame { get; } = new("", null, null);
}

/// <summary>The return value of a remote procedure.</summary>
/// <param name="Data">JSON, or (for Protobuf clients only) any bytes; empty: nothing.</param>
internal sealed record CallResult(ReadOnlyMemory<byte> Data);

/// <summary>The values of a shared poll, according to a back end.</summary>
/// <param name="Values">Any keys, in any order; keys that are missing have not changed.</param>
/// <param name="Epoch">Versions of different epochs do not compare; empty: there is one epoch for ever.</param>
internal sealed record PollAnswer(IReadOnlyList<PolledValue> Values, string Epoch)
{
    public static PollAnswer Nothing { get; } = new([], "");
}

/// <summary>The value of one key.</summary>
/// <param name="Data">JSON, or (over gRPC) any bytes; empty: it has not changed.</param>
/// <param name="Version">0: the back end counts no versions.</param>
/// <param name="IsRemoved">There is no such key any more.</param>
/// <param name="Previous">The value before it, for deltas; empty: not given.</param>
internal readonly record struct PolledValue(string Key, ReadOnlyMemory<byte> Data, ulong Version = 0, bool IsRemoved = false, ReadOnlyMemory<byte> Previous = default);
