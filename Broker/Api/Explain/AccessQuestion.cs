using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Permissions;

namespace ClawEvents.Broker.Api.Explain;

/// <summary>May this principal do this with this channel now?</summary>
internal sealed record AccessQuestion(AccessAction Action, Principal Principal, ResolvedChannel Channel)
{
    /// <summary>Whether the connection that would do it is subscribed to the channel.</summary>
    public bool IsSubscribed { get; init; }

    /// <summary>The payload of a publish, valid JSON; null: only the sender is asked about.</summary>
    public byte[]? Payload { get; init; }

    /// <summary>The channels that the principal's token grants with a connection, without asking.</summary>
    public IReadOnlyList<AllowedSubscription> Claimed { get; init; } = [];
}

/// <summary>The answer: what would happen, and what decided.</summary>
/// <param name="Word">The word of the rule or limit.</param>
/// <param name="IsAllowed">Null: a back end would be asked.</param>
internal sealed record AccessExplanation(string Word, bool? IsAllowed)
{
    /// <summary>The rule of the permissions; null when a limit, the payload or a token's claim decided.</summary>
    public AccessRule? Rule { get; init; }

    /// <summary>The error with which a client's connection would get it, or the HTTP status; 0: none.</summary>
    public int Code { get; init; }

    /// <summary>The message of the error; null without one.</summary>
    public string? Message { get; init; }

    /// <summary>The back end that would be asked, by its name.</summary>
    public string? BackEnd { get; init; }

    /// <summary><c>memory</c> or <c>store</c>, where locks and grants decided; null when nothing was looked up.</summary>
    public string? From { get; init; }
}
