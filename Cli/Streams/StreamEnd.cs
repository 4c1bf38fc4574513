namespace ClawEvents.Cli.Streams;

internal enum StreamEndKind
{
    /// <summary>The connection went, or never came; try again.</summary>
    Lost,

    /// <summary>We left: more waits for the sink than it keeps. Try again when it has caught up.</summary>
    Behind,

    /// <summary>The token's time is over; a new one may come.</summary>
    TokenExpired,

    /// <summary>The server does not take this token.</summary>
    TokenInvalid,

    /// <summary>The server does not want this client back.</summary>
    Terminal,

    /// <summary>Every channel was refused.</summary>
    NothingLeft,

    /// <summary>The user asked to stop.</summary>
    Stopped,
}

/// <summary>Why a connection, or the whole stream, ended.</summary>
internal readonly record struct StreamEnd(StreamEndKind Kind, string Reason);
