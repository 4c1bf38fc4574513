using System.Collections.Frozen;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Proxies;

namespace ClawEvents.Broker.Connections;

/// <summary>The values that a connection keeps for back ends and for the client's next token. Immutable; most connections share <see cref="None"/>.</summary>
internal sealed record ClientProfile
{
    public static ClientProfile None { get; } = new();

    /// <summary>Headers of the client's request that are kept, and those that its connect command names.</summary>
    public ClientHeaders Headers { get; private init; } = ClientHeaders.None;

    /// <summary>Sent to back ends only; a JSON object, or empty.</summary>
    public ReadOnlyMemory<byte> Meta { get; private init; }

    private FrozenSet<string> Granted { get; init; } = FrozenSet<string>.Empty;

    public ClientProfile WithHeaders(ClientHeaders headers) => headers == Headers ? this : this with { Headers = headers };

    /// <param name="meta">Empty: the profile keeps what it has.</param>
    public ClientProfile WithMeta(ReadOnlyMemory<byte> meta) => meta.IsEmpty ? this : this with { Meta = meta };

    /// <summary>Remembers the channels that the client was granted when it connected.</summary>
    public ClientProfile WithGrants(IReadOnlyList<AllowedSubscription> grants) =>
        grants.Count == 0 && Granted.Count == 0 ? this : this with { Granted = grants.Select(grant => grant.Channel).ToFrozenSet(StringComparer.Ordinal) };

    /// <summary>Whether these are the channels that the client was granted when it connected.</summary>
    public bool IsGranted(IReadOnlyList<AllowedSubscription> grants) => Granted.SetEquals(grants.Select(grant => grant.Channel));
}
