namespace ClawEvents.Broker.Configuration;

/// <summary>How clients may connect. docs/reference/transports.md</summary>
internal sealed record TransportSettings
{
    /// <summary><c>WebSocket</c>.</summary>
    public bool WebSocket { get; init; } = true;

    /// <summary><c>WebSocketCompression</c>: messages are compressed for clients that offer it, at the price of doing so for each of them.</summary>
    public bool CompressesWebSockets { get; init; }

    /// <summary><c>WebSocketCompressionMinBytes</c>: shorter messages go out as they are.</summary>
    public int CompressionMinBytes { get; init; }

    /// <summary><c>HttpStream</c>.</summary>
    public bool HttpStream { get; init; } = true;

    /// <summary><c>Sse</c>: server-sent events.</summary>
    public bool Events { get; init; } = true;

    /// <summary><c>UniWebSocket</c>.</summary>
    public bool UniWebSocket { get; init; } = true;

    /// <summary><c>UniHttpStream</c>.</summary>
    public bool UniHttpStream { get; init; } = true;

    /// <summary><c>UniSse</c>.</summary>
    public bool UniEvents { get; init; } = true;

    /// <summary><c>ConnectionInit</c>: a path that answers nothing, for the cookie that a load balancer puts on it.</summary>
    public bool Init { get; init; } = true;
}
