namespace ClawEvents.Broker.Configuration;

/// <summary>Who may connect without a token of ours, how often, and what a connection is subscribed to by itself. docs/reference/settings.md</summary>
internal sealed record ClientSettings
{
    /// <summary><c>AllowAnonymous</c>: a client that brings nothing is anonymous; otherwise its connect is a bad request (3501).</summary>
    public bool AllowAnonymous { get; init; } = true;

    /// <summary><c>DisallowAnonymousTokens</c>: a token without a user is refused (3507).</summary>
    public bool DisallowAnonymousTokens { get; init; }

    /// <summary><c>UserIdHeader</c>: a header of the client's request that names its user; null: none. Whoever stands in front has to set it, or take it away.</summary>
    public string? UserIdHeader { get; init; }

    /// <summary><c>UserConnectionLimit</c>: how many connections to this node a user may have; one more is closed with 3504. 0: any number.</summary>
    public int UserConnectionLimit { get; init; }

    /// <summary><c>ConnectTellsTime</c>: the connect reply has the broker's time.</summary>
    public bool TellsTime { get; init; }

    /// <summary><c>PersonalChannels</c>: every client with a user is subscribed to a channel of its user.</summary>
    public bool HasPersonalChannels { get; init; }

    /// <summary><c>PersonalChannelNamespace</c>; empty: these channels have none.</summary>
    public string PersonalChannelNamespace { get; init; } = "";

    /// <summary><c>PersonalChannelSingleConnection</c>: a user's other connections are closed with 3504.</summary>
    public bool HasSinglePersonalConnection { get; init; }

    /// <summary>The personal channel of a user; null: there is none.</summary>
    public string? PersonalChannelOf(string user) =>
        !HasPersonalChannels || user.Length == 0 ? null : PersonalChannelNamespace.Length == 0 ? $"#{user}" : $"{PersonalChannelNamespace}:#{user}";
}
