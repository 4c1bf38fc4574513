using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Commands;

/// <summary>What a refusal is called on the wire.</summary>
internal static class AccessError
{
    /// <summary>There are streams here: no maps and no shared polls.</summary>
    public static readonly ErrorCode OtherType = ErrorCode.PermissionDenied.Because("permission denied: every channel is a stream here (type 0)");

    /// <param name="decision">A refusal; or Allowed, when the right was lost before the client could be told of it.</param>
    /// <param name="channel">What it was about: the clients of claw.events know the refusal by the number of HTTP.</param>
    public static ErrorCode Of(AccessDecision decision, ChannelName channel) =>
        decision is AccessDecision.UnknownChannel ? ErrorCode.UnknownChannel
        : decision is AccessDecision.BadName ? ErrorCode.BadRequest.Because("bad request: the namespace wants another name (channel_regex)")
        : channel.IsClaw || decision is AccessDecision.Unusable ? ErrorCode.Forbidden
        : ErrorCode.PermissionDenied;
}
