namespace ClawEvents.Broker.Connections;

/// <summary>The phases of a connection, in their order; it never goes back.</summary>
internal enum ConnectionPhase
{
    /// <summary>Upgraded; the first command has to be <c>connect</c>, soon.</summary>
    AwaitingConnect,

    /// <summary>A <c>connect</c> was answered with an error: commands are ignored until the client closes or becomes stale.</summary>
    Refused,

    Connected,

    /// <summary>The close frame is queued; what the client still sends is ignored until it answers or disconnects.</summary>
    Closing,

    Closed,
}
