using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Commands;

/// <summary>The error code of a refusal. Its message names the rule that refused, so that a client's user sees the reason.</summary>
internal static class AccessError
{
    /// <summary>The command is about a map or a shared poll; this broker has streams only.</summary>
    public static readonly ErrorCode OtherType = ErrorCode.PermissionDenied.Because("permission denied: every channel is a stream here (type 0)");

    private static readonly ErrorCode BadName = ErrorCode.BadRequest.Because("bad request: the channel name does not match the channel_regex of its namespace");

    // By rule: a refusal allocates nothing.
    private static readonly ErrorCode[] OfClaw = NamesOfRules(ErrorCode.Forbidden);
    private static readonly ErrorCode[] OfNamespaces = NamesOfRules(ErrorCode.PermissionDenied);

    /// <param name="rule">One that refuses.</param>
    /// <param name="channel">On the channels of claw.events, clients know the refusal by its HTTP number.</param>
    public static ErrorCode Of(AccessRule rule, ChannelName channel) => rule switch
    {
        AccessRule.UnknownNamespace => ErrorCode.UnknownChannel,
        AccessRule.BadName => BadName,
        AccessRule.SwitchedOff => ErrorCode.NotAvailable,
        _ => (channel.IsClaw || rule is AccessRule.UnusableName ? OfClaw : OfNamespaces)[(int)rule],
    };

    private static ErrorCode[] NamesOfRules(ErrorCode error) => [.. Enum.GetValues<AccessRule>().Select(rule => error.Because($"{error.Message}: {rule.Word()}"))];
}
