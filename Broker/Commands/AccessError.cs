using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Commands;

/// <summary>The error code of a refusal. Its message names the rule that refused, so that a client's user sees the reason.</summary>
internal static class AccessError
{
    private static readonly ErrorCode BadName = ErrorCode.BadRequest.Because("bad request: the channel name does not match the channel_regex of its namespace");

    // By rule: a refusal allocates nothing.
    private static readonly ErrorCode[] OfClaw = NamesOfRules(ErrorCode.Forbidden);
    private static readonly ErrorCode[] OfNamespaces = NamesOfRules(ErrorCode.PermissionDenied);

    private static readonly ErrorCode[] OfTypes =
        [.. Enum.GetValues<SubscriptionType>().Select(type => ErrorCode.PermissionDenied.Because($"permission denied: the channel is of type {(int)type}, {Noun(type)}"))];

    /// <param name="rule">One that refuses.</param>
    /// <param name="channel">On the channels of claw.events, clients know the refusal by its HTTP number.</param>
    public static ErrorCode Of(AccessRule rule, ChannelName channel) => rule switch
    {
        AccessRule.UnknownNamespace => ErrorCode.UnknownChannel,
        AccessRule.BadName => BadName,
        AccessRule.SwitchedOff => ErrorCode.NotAvailable,
        _ => (channel.IsClaw || rule is AccessRule.UnusableName ? OfClaw : OfNamespaces)[(int)rule],
    };

    /// <summary>The error for a command about another kind of channel than this one; null: it is of that kind.</summary>
    /// <param name="channel">One with options.</param>
    /// <param name="type">From the command.</param>
    public static ErrorCode? OfType(ResolvedChannel channel, int type) =>
        channel.OptionsOrNone.SubscriptionType is var actual && type == (int)actual ? null : OfTypes[(int)actual];

    private static string Noun(SubscriptionType type) => type switch
    {
        SubscriptionType.Stream => "a stream",
        SubscriptionType.Map => "a map",
        SubscriptionType.MapClients => "a map of clients",
        SubscriptionType.MapUsers => "a map of users",
        _ => "a shared poll",
    };

    private static ErrorCode[] NamesOfRules(ErrorCode error) => [.. Enum.GetValues<AccessRule>().Select(rule => error.Because($"{error.Message}: {rule.Word()}"))];
}
