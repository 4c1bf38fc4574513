using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Schemas;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Publishing;

/// <summary>The result of a publish; each door maps it to its own code.</summary>
internal enum PublishStatus : byte
{
    Published,

    /// <summary><c>system.*</c> is published by the broker only.</summary>
    SystemChannel,

    /// <summary>More publishes within a second than allowed.</summary>
    RateLimited,

    /// <summary>The address of an anonymous sender has published too much.</summary>
    AddressRateLimited,

    /// <summary>The payload is longer than allowed.</summary>
    TooLarge,

    /// <summary>The name has none of the forms of a channel.</summary>
    InvalidChannel,

    /// <summary>The name is in a namespace that is not configured.</summary>
    UnknownChannel,

    /// <summary>Somebody else's channel.</summary>
    Denied,

    /// <summary>The namespace does not let clients publish.</summary>
    NotPermitted,

    /// <summary>The namespace wants other names.</summary>
    BadName,

    /// <summary>The namespace wants payloads of another kind.</summary>
    BadFormat,

    /// <summary>The channel carries JSON, and the payload is not JSON.</summary>
    NotJson,

    /// <summary>There is no payload.</summary>
    Empty,

    /// <summary>The payload is not what the channel's owner has advertised.</summary>
    SchemaMismatch,

    /// <summary>The back end of the namespace does not allow it.</summary>
    RefusedByBackEnd,
}

/// <param name="Status">The result.</param>
/// <param name="Window">Where the publisher stands in its rate window; set with <see cref="PublishStatus.RateLimited"/>.</param>
/// <param name="Mismatches">The payload's faults; set with <see cref="PublishStatus.SchemaMismatch"/>.</param>
internal readonly record struct PublishOutcome(PublishStatus Status, RateWindow Window = default, IReadOnlyList<SchemaError>? Mismatches = null)
{
    /// <summary>The rule that allowed or refused the sender; null when a limit or the schema refused the publish, or nothing was asked.</summary>
    public AccessRule? Rule { get; init; }

    /// <summary><see cref="Rule"/> if it refused the sender.</summary>
    public AccessRule? Refusal => Rule is { } rule && !rule.IsAllowed() ? rule : null;

    /// <summary>The back end's answer to the client; set with <see cref="PublishStatus.RefusedByBackEnd"/>, unless <see cref="Disconnect"/> is.</summary>
    public ErrorCode? Error { get; init; }

    /// <summary>The connection ends with it, and the client gets no answer.</summary>
    public DisconnectCode? Disconnect { get; init; }
}
