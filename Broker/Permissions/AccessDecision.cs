namespace ClawEvents.Broker.Permissions;

/// <summary>The answer of <see cref="ChannelPermissions"/>; each door turns a refusal into its own code.</summary>
internal enum AccessDecision : byte
{
    /// <summary>The principal may not do this with this channel (403).</summary>
    Denied,

    Allowed,

    /// <summary>Nobody may use a channel of that name (403): its form is invalid, or it has no namespace where none are configured.</summary>
    Unusable,

    /// <summary>The channel names a namespace that is not configured (102).</summary>
    UnknownChannel,

    /// <summary>The name does not match the pattern of its namespace (107).</summary>
    BadName,
}
