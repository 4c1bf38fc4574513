namespace ClawEvents.Broker.Protocol;

/// <summary>The requests of the client protocol, in the order that decides when one command carries several.</summary>
internal enum CommandKind : byte
{
    /// <summary>An empty command: the answer to a server ping.</summary>
    Pong,
    Connect,
    Subscribe,
    Unsubscribe,
    Publish,
    Presence,
    PresenceStats,
    History,
    Rpc,
    Send,
    Refresh,
    SubRefresh,
}

/// <summary>One command of a client, its values still the bytes of the message they came in.</summary>
/// <remarks>Valid only as long as that message: the memory goes back to its pool when the message has been handled.</remarks>
internal readonly record struct Command(CommandKind Kind, uint Id)
{
    /// <summary>UTF-8; empty when absent.</summary>
    public ReadOnlyMemory<byte> Channel { get; init; }

    /// <summary>UTF-8; empty when absent.</summary>
    public ReadOnlyMemory<byte> Token { get; init; }

    /// <summary>The payload's JSON text as the client spelt it; null when absent, which is not the same as a JSON null.</summary>
    public ReadOnlyMemory<byte>? Data { get; init; }

    /// <summary>The delta type asked for; empty when absent.</summary>
    public ReadOnlyMemory<byte> Delta { get; init; }

    /// <summary>The client wants its missed publications back.</summary>
    public bool Recover { get; init; }
}
