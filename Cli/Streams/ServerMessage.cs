namespace ClawEvents.Cli.Streams;

internal enum ServerMessageKind
{
    /// <summary>A reply or push that this client ignores.</summary>
    Other,
    Ping,
    ConnectReply,
    SubscribeReply,
    ErrorReply,
    Publication,
    HistoryReply,
    Unsubscribe,

    /// <summary>The connection's token expires later than before: the answer to a new token, or the server's own decision.</summary>
    Refresh,
}

/// <summary>One reply or push. The spans point into the received line: use them before the next receive.</summary>
internal ref struct ServerMessage
{
    public ServerMessageKind Kind;

    /// <summary>Id of the command that a reply answers; 0 for pushes.</summary>
    public uint Id;

    /// <summary>A publication; of any other push only its channel.</summary>
    public Publication Publication;

    /// <summary>The content of a subscribe reply; of a history reply its position and publications.</summary>
    public SubscribeResult Subscribed;

    /// <summary>Code of an error or of an unsubscribe push.</summary>
    public uint Code;

    /// <summary>The error's message or the unsubscribe push's reason.</summary>
    public string? Reason;

    /// <summary>Whether the server marks an error as temporary.</summary>
    public bool Temporary;

    /// <summary>Seconds between the server's pings; 0 if it sends none.</summary>
    public int PingSeconds;

    /// <summary>Whether pings are to be answered.</summary>
    public bool Pong;

    /// <summary>Seconds until the server closes the connection unless it gets a new token; 0 if it does not.</summary>
    public uint TokenSeconds;
}
