namespace ClawEvents.Broker.Configuration;

/// <summary>Where the transports answer. Each begins with a slash, and no two are the same.</summary>
internal sealed record TransportPaths
{
    /// <summary><c>WebSocketPath</c>.</summary>
    public string WebSocket { get; init; } = "/connection/websocket";

    /// <summary><c>HttpStreamPath</c>.</summary>
    public string HttpStream { get; init; } = "/connection/http_stream";

    /// <summary><c>SsePath</c>.</summary>
    public string Events { get; init; } = "/connection/sse";

    /// <summary><c>UniWebSocketPath</c>.</summary>
    public string UniWebSocket { get; init; } = "/connection/uni_websocket";

    /// <summary><c>UniHttpStreamPath</c>.</summary>
    public string UniHttpStream { get; init; } = "/connection/uni_http_stream";

    /// <summary><c>UniSsePath</c>.</summary>
    public string UniEvents { get; init; } = "/connection/uni_sse";

    /// <summary><c>ConnectionInitPath</c>.</summary>
    public string Init { get; init; } = "/connection/init";

    /// <summary><c>EmulationPath</c>: the commands of clients whose connection is a stream.</summary>
    public string Emulation { get; init; } = "/emulation";

    /// <summary>All of them, with their settings.</summary>
    public IEnumerable<(string Setting, string Path)> All =>
    [
        ("WebSocketPath", WebSocket), ("HttpStreamPath", HttpStream), ("SsePath", Events), ("UniWebSocketPath", UniWebSocket),
        ("UniHttpStreamPath", UniHttpStream), ("UniSsePath", UniEvents), ("ConnectionInitPath", Init), ("EmulationPath", Emulation),
    ];
}
