using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Configuration;

/// <summary>Rules for connections without a token of ours, their number, and automatic subscriptions. docs/reference/settings.md</summary>
/// <remarks>Settable ones change in place on a reload, and every read has the newest. Thread-safe.</remarks>
internal sealed record ClientSettings
{
    /// <summary><c>ClientInsecure</c>: every client may do everything, except on channels of claw.events. For trying things out.</summary>
    public bool IsInsecure { get; init; }

    /// <summary><c>AllowAnonymous</c>: a client without a token is anonymous; otherwise its connect is a bad request (3501).</summary>
    public bool AllowAnonymous { get; set; } = true;

    /// <summary><c>DisallowAnonymousTokens</c>: a token without a user is refused (3507).</summary>
    public bool DisallowAnonymousTokens { get; set; }

    /// <summary><c>UserIdHeader</c>: a header of the client's request that names its user; null for none. A proxy in front must set it, or remove it from requests.</summary>
    public string? UserIdHeader { get; init; }

    /// <summary><c>UserConnectionLimit</c>: limit of connections of a user to this node; one more is closed with 3504. 0 for no limit.</summary>
    public int UserConnectionLimit { get; set; }

    /// <summary><c>ConnectTellsTime</c>: the connect reply contains the broker's time.</summary>
    public bool TellsTime { get; set; }

    /// <summary><c>PersonalChannels</c>: every client with a user is subscribed to a channel of its user.</summary>
    public bool HasPersonalChannels { get; init; }

    /// <summary><c>PersonalChannelNamespace</c>; empty if these channels have none.</summary>
    public string PersonalChannelNamespace { get; init; } = "";

    /// <summary><c>PersonalChannelSingleConnection</c>: a user's other connections are closed with 3504.</summary>
    public bool HasSinglePersonalConnection { get; init; }

    /// <summary>How names of channels are made.</summary>
    public ChannelSyntax Syntax { get; init; } = ChannelSyntax.Default;

    /// <summary>Takes over what a reload changes.</summary>
    public void ApplySettings(ClientSettings fresh)
    {
        AllowAnonymous = fresh.AllowAnonymous;
        DisallowAnonymousTokens = fresh.DisallowAnonymousTokens;
        UserConnectionLimit = fresh.UserConnectionLimit;
        TellsTime = fresh.TellsTime;
    }

    /// <summary>The personal channel of a user; null if there is none.</summary>
    public string? PersonalChannelOf(string user) =>
        !HasPersonalChannels || user.Length == 0 ? null
        : PersonalChannelNamespace.Length == 0 ? $"{Syntax.UserBoundary}{user}"
        : $"{PersonalChannelNamespace}{Syntax.NamespaceBoundary}{Syntax.UserBoundary}{user}";
}
