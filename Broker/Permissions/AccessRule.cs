namespace ClawEvents.Broker.Permissions;

/// <summary>The rule that decided whether a principal may do something with a channel: those up to <see cref="BackEnd"/> allow it, the others refuse it.</summary>
/// <remarks>docs/reference/permissions.md#rules has each with its word (<see cref="AccessRules.Word"/>).</remarks>
internal enum AccessRule : byte
{
    /// <summary>A channel of <c>public.*</c>.</summary>
    Public,

    /// <summary>Anybody may listen to <c>system.*</c>.</summary>
    System,

    /// <summary>The principal owns the channel.</summary>
    Owner,

    /// <summary>The channel has an owner and no lock.</summary>
    Unlocked,

    /// <summary>The channel is locked, and the principal has a grant.</summary>
    Granted,

    /// <summary>The principal is the agent that <c>app.APP.agent.AGENT</c> is for.</summary>
    Party,

    /// <summary>Every agent may listen to <c>app.APP.agent</c>.</summary>
    Agent,

    /// <summary>The name of the channel names the user.</summary>
    UserList,

    /// <summary>The namespace allows it to clients.</summary>
    Clients,

    /// <summary>The namespace allows it to clients that are subscribed, as this one is.</summary>
    Subscribers,

    /// <summary>The broker is in insecure mode.</summary>
    Insecure,

    /// <summary>A token for this subscription allows it.</summary>
    Token,

    /// <summary>A back end decides; the last one that allows.</summary>
    BackEnd,

    /// <summary>The channel is locked, and the principal has no grant.</summary>
    Locked,

    /// <summary>Somebody else owns the channel.</summary>
    NotOwner,

    /// <summary>The channel is for an app and one agent, and the principal is neither.</summary>
    NotParty,

    /// <summary>The channel is for agents, and the principal is not one.</summary>
    NotAgent,

    /// <summary>Only the broker publishes to <c>system.*</c>.</summary>
    SystemOnly,

    /// <summary>The name of the channel names other users.</summary>
    NotListed,

    /// <summary>The name begins with <c>$</c>: only a token for this subscription allows it.</summary>
    TokenNeeded,

    /// <summary>The token for this subscription is malformed or wrongly signed.</summary>
    TokenInvalid,

    /// <summary>The namespace does not allow it to clients.</summary>
    NotForClients,

    /// <summary>The namespace allows it to subscribed clients only.</summary>
    NotSubscribed,

    /// <summary>The namespace does not allow it to clients without a user.</summary>
    Anonymous,

    /// <summary>The namespace does not have this feature switched on (108).</summary>
    SwitchedOff,

    /// <summary>The channel is reserved for messages between an app and agents: it has no lock.</summary>
    Reserved,

    /// <summary>The channel has no owner, who alone could do it.</summary>
    NoOwner,

    /// <summary>Nobody may use a channel of that name: its form is invalid, or it has no namespace where none are configured.</summary>
    UnusableName,

    /// <summary>The channel names a namespace that is not configured (102).</summary>
    UnknownNamespace,

    /// <summary>The name does not match the pattern of its namespace (107).</summary>
    BadName,
}
