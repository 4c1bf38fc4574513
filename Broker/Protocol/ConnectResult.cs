namespace ClawEvents.Broker.Protocol;

/// <summary>What the broker tells a client that connected.</summary>
/// <param name="Client">The connection's id, unique per connection (UUID, version 4).</param>
/// <param name="Version">Free text; the broker's name and version.</param>
/// <param name="TimeToLiveSeconds">Seconds until the client has to bring a new token; 0 when it does not have to.</param>
/// <param name="PingSeconds">How often the broker pings; 0 when it does not ping in the protocol's own manner.</param>
internal readonly record struct ConnectResult(Guid Client, string Version, long TimeToLiveSeconds, int PingSeconds)
{
    /// <summary>The client has to answer pings. Not on unidirectional transports, where it cannot.</summary>
    public bool Pong { get; init; }

    /// <summary>For the application; empty: none. JSON, or any bytes for Protobuf clients.</summary>
    public ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>What the broker subscribed the client to; null: nothing.</summary>
    public IReadOnlyList<ServerSubscription>? Subscriptions { get; init; }

    /// <summary>Set on emulation and unidirectional transports.</summary>
    public string? Session { get; init; }

    /// <summary>Set on emulation transports: where <see cref="EmulationRequest"/>s have to get to.</summary>
    public string? Node { get; init; }

    /// <summary>Milliseconds since 1970; 0: not told.</summary>
    public long Time { get; init; }
}

/// <summary>A subscription that the broker made, not the client.</summary>
internal readonly record struct ServerSubscription(Channels.ChannelName Channel, SubscribeResult Result);
