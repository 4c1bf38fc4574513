namespace ClawEvents.Broker.Proxies;

/// <summary>The client that an event is about, as described to back ends.</summary>
/// <param name="Client">The connection's id.</param>
/// <param name="Transport"><c>websocket</c>, <c>http_stream</c>, <c>sse</c>, <c>uni_websocket</c>, <c>uni_sse</c> or <c>uni_http_stream</c>.</param>
/// <param name="Protocol"><c>json</c> or <c>protobuf</c>.</param>
internal sealed record ProxyCaller(Guid Client, string Transport, string Protocol)
{
    /// <summary>The broker asks for itself.</summary>
    public static ProxyCaller Broker { get; } = new(Guid.Empty, "", "");

    /// <summary>Empty: anonymous, or not known yet.</summary>
    public string User { get; init; } = "";

    /// <summary>A JSON object, or empty.</summary>
    public ReadOnlyMemory<byte> Meta { get; init; }

    public ClientHeaders Headers { get; init; } = ClientHeaders.None;
}
