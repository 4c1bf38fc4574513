using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Commands;

/// <summary>The error code of a refusal.</summary>
internal static class AccessError
{
    /// <summary>The command is about a map or a shared poll; this broker has streams only.</summary>
    public static readonly ErrorCode OtherType = ErrorCode.PermissionDenied.Because("permission denied: every channel is a stream here (type 0)");

    public static readonly ErrorCode BadName = ErrorCode.BadRequest.Because("bad request: the channel name does not match the channel_regex of its namespace");

    /// <param name="decision">A refusal; or Allowed, when the right was lost before the reply.</param>
    /// <param name="channel">On the channels of claw.events, clients know the refusal by its HTTP number.</param>
    public static ErrorCode Of(AccessDecision decision, ChannelName channel) =>
        decision is AccessDecision.UnknownChannel ? ErrorCode.UnknownChannel
        : decision is AccessDecision.BadName ? BadName
        : channel.IsClaw || decision is AccessDecision.Unusable ? ErrorCode.Forbidden
        : ErrorCode.PermissionDenied;
}
