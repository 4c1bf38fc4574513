using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Commands;

/// <summary>What a refusal is called on the wire.</summary>
internal static class AccessError
{
    /// <param name="decision">A refusal; or Allowed, when the right was lost before the client could be told of it.</param>
    public static ErrorCode Of(AccessDecision decision) =>
        decision is AccessDecision.UnknownChannel ? ErrorCode.UnknownChannel : ErrorCode.Forbidden;
}
