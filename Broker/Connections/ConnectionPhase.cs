namespace ClawEvents.Broker.Connections;

/// <summary>Where a connection stands in its life. It only ever moves forward.</summary>
internal enum ConnectionPhase
{
    /// <summary>Upgraded; the first command has to be <c>connect</c>, soon.</summary>
    AwaitingConnect,

    /// <summary>A <c>connect</c> was answered with an error: nothing is answered any more, the client closes or becomes stale.</summary>
    Refused,

    Connected,

    /// <summary>The close frame is queued; what the client still sends is passed over until it answers or goes.</summary>
    Closing,

    Closed,
}
