namespace ClawEvents.Broker.Configuration;

/// <summary>The transports of clients. docs/reference/transports.md</summary>
internal sealed record TransportSettings
{
    /// <summary><c>WebSocket</c>.</summary>
    public bool WebSocket { get; init; } = true;

    /// <summary><c>WebSocketCompression</c>: messages are compressed for clients that offer it, at the cost of compressing for each of them.</summary>
    public bool CompressesWebSockets { get; init; }

    /// <summary><c>WebSocketCompressionMinBytes</c>: shorter messages are not compressed.</summary>
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

    public TransportPaths Paths { get; init; } = new();

    /// <summary><c>ConnectionInit</c>: a path with an empty answer, to which a load balancer can add its cookie.</summary>
    public bool Init { get; init; } = true;
}
