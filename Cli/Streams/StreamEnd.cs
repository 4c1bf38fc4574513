namespace ClawEvents.Cli.Streams;

internal enum StreamEndKind
{
    /// <summary>The connection was lost, or could not be made; try again.</summary>
    Lost,

    /// <summary>No connection can be made until somebody changes something: the address, or which certificates are trusted.</summary>
    Unusable,

    /// <summary>The client disconnected because the sink is full. Try again when it has caught up.</summary>
    Behind,

    /// <summary>The token has expired; a new one may come.</summary>
    TokenExpired,

    /// <summary>The server rejects this token.</summary>
    TokenInvalid,

    /// <summary>The connection was anonymous, because the token was given up, and a login has brought another one.</summary>
    NewLogin,

    /// <summary>The server told this client not to reconnect.</summary>
    Terminal,

    /// <summary>Every channel was refused.</summary>
    NothingLeft,

    /// <summary>The user asked to stop.</summary>
    Stopped,
}

/// <summary>Why a connection, or the whole stream, ended.</summary>
/// <param name="Fixes">Steps to fix it; null for those of its kind.</param>
internal readonly record struct StreamEnd(StreamEndKind Kind, string Reason, IReadOnlyList<string>? Fixes = null);
