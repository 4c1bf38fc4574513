namespace ClawEvents.Broker.Protocol;

/// <summary>The reply to a connect.</summary>
/// <param name="Client">The connection's id, unique per connection (UUID, version 4).</param>
/// <param name="Version">Free text; the broker's name and version.</param>
/// <param name="TimeToLiveSeconds">Seconds until the client needs a new token; 0 when it needs none.</param>
/// <param name="PingSeconds">Seconds between pings; 0 when the broker does not send pings of the protocol.</param>
internal readonly record struct ConnectResult(Guid Client, string Version, long TimeToLiveSeconds, int PingSeconds)
{
    /// <summary>The client has to answer pings. Not on unidirectional transports, where it cannot.</summary>
    public bool Pong { get; init; }

    /// <summary>For the application; empty: none. JSON, or any bytes for Protobuf clients.</summary>
    public ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>Subscriptions that the broker made; null: none.</summary>
    public IReadOnlyList<ServerSubscription>? Subscriptions { get; init; }

    /// <summary>Set on emulation and unidirectional transports.</summary>
    public string? Session { get; init; }

    /// <summary>Set on emulation transports: the node that <see cref="EmulationRequest"/>s are for.</summary>
    public string? Node { get; init; }

    /// <summary>Milliseconds since 1970; 0: left out.</summary>
    public long Time { get; init; }
}

/// <summary>A subscription that the broker made, not the client.</summary>
internal readonly record struct ServerSubscription(Channels.ChannelName Channel, SubscribeResult Result);
