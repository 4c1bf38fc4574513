using ClawEvents.Broker.Limits;
using ClawEvents.Broker.Proxies;

namespace ClawEvents.Broker.Connections;

/// <summary>The parts of an upgrade request that the broker uses. Null where a header is missing.</summary>
internal readonly record struct UpgradeRequest
{
    /// <summary>The query, with its question mark.</summary>
    public string? Query { get; init; }

    /// <summary>The <c>Host</c> header: host, and port unless it is the scheme's own.</summary>
    public string? Host { get; init; }

    public string? Origin { get; init; }

    /// <summary>The values of all <c>X-Forwarded-For</c> headers, joined by commas.</summary>
    public string? ForwardedFor { get; init; }

    /// <summary>The client's address, past trusted proxies.</summary>
    public AddressKey Client { get; init; }

    /// <summary><c>Connection</c> names <c>upgrade</c> and <c>Upgrade</c> names <c>websocket</c>.</summary>
    public bool WantsWebSocket { get; init; }

    /// <summary><c>Sec-WebSocket-Version</c>.</summary>
    public string? Version { get; init; }

    /// <summary><c>Sec-WebSocket-Key</c>.</summary>
    public string? Key { get; init; }

    /// <summary>The headers that are kept while the connection lives.</summary>
    public ClientHeaders? Headers { get; init; }

    /// <summary>The values of all <c>Sec-WebSocket-Protocol</c> headers, joined by commas.</summary>
    public string? Protocols { get; init; }

    /// <summary>The values of all <c>Sec-WebSocket-Extensions</c> headers, joined by commas.</summary>
    public string? Extensions { get; init; }

    /// <summary>It is a CONNECT of HTTP/2 (RFC 8441), which has no key.</summary>
    public bool IsConnect { get; init; }

    /// <summary>Its client sends nothing after its connect.</summary>
    public bool IsUnidirectional { get; init; }
}
