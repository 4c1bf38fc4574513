namespace ClawEvents.Broker.Protocol.Commands;

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
