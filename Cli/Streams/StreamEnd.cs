namespace ClawEvents.Cli.Streams;

internal enum StreamEndKind
{
    /// <summary>The connection went, or never came; try again.</summary>
    Lost,

    /// <summary>The server does not want this client back.</summary>
    Terminal,

    /// <summary>Every channel was refused.</summary>
    NothingLeft,

    /// <summary>The user asked to stop.</summary>
    Stopped,
}

/// <summary>Why a connection, or the whole stream, ended.</summary>
internal readonly record struct StreamEnd(StreamEndKind Kind, string Reason);
