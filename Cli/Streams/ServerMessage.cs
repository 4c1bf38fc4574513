namespace ClawEvents.Cli.Streams;

internal enum ServerMessageKind
{
    /// <summary>A reply or push this client has no use for.</summary>
    Other,
    Ping,
    ConnectReply,
    SubscribeReply,
    ErrorReply,
    Publication,
    Unsubscribe,
}

/// <summary>One reply or push. The spans point into the received line: use them before the next receive.</summary>
internal ref struct ServerMessage
{
    public ServerMessageKind Kind;

    /// <summary>Id of the command that a reply answers; 0 for pushes.</summary>
    public uint Id;

    /// <summary>Channel of a push as in the line: a JSON string with its quotes.</summary>
    public ReadOnlySpan<byte> Channel;

    /// <summary>A publication's data: one raw JSON value; empty if there is none.</summary>
    public ReadOnlySpan<byte> Data;

    /// <summary>Code of an error or of an unsubscribe push.</summary>
    public uint Code;

    /// <summary>The error's message or the unsubscribe push's reason.</summary>
    public string? Reason;

    /// <summary>Whether an error says that it may go away by itself.</summary>
    public bool Temporary;

    /// <summary>Seconds between the server's pings; 0 if it sends none.</summary>
    public int PingSeconds;

    /// <summary>Whether pings are to be answered.</summary>
    public bool Pong;
}
