namespace ClawEvents.Broker.Proxies;

/// <summary>Something a client wants or is due, in the words of the request body: what is empty or null is left out.</summary>
internal sealed record ProxyEvent(ProxyEventKind Kind)
{
    public string Channel { get; init; } = "";

    /// <summary>Of an rpc.</summary>
    public string Method { get; init; } = "";

    /// <summary>The client's payload: JSON of a JSON client, any bytes of a Protobuf client; null or empty: none.</summary>
    public ReadOnlyMemory<byte>? Data { get; init; }

    /// <summary>What a connecting client calls itself.</summary>
    public string Name { get; init; } = "";

    /// <inheritdoc cref="Name"/>
    public string Version { get; init; } = "";

    /// <summary>Server-side subscriptions that a connecting client knows from before.</summary>
    public IReadOnlyList<string> Channels { get; init; } = [];
}

internal enum ProxyEventKind : byte
{
    Connect,
    Refresh,
    Subscribe,
    Publish,
    SubRefresh,
    Rpc,
}

internal static class ProxyEventKinds
{
    /// <summary>As the log and the metrics have it.</summary>
    public static string Word(this ProxyEventKind kind) => kind switch
    {
        ProxyEventKind.Connect => "connect",
        ProxyEventKind.Refresh => "refresh",
        ProxyEventKind.Subscribe => "subscribe",
        ProxyEventKind.Publish => "publish",
        ProxyEventKind.SubRefresh => "sub_refresh",
        _ => "rpc",
    };
}
