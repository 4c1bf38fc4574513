namespace ClawEvents.Broker.Proxies;

/// <summary>An event of a client, or a question of the broker itself, in the terms of the request body: fields that are empty or null are left out.</summary>
internal sealed record ProxyEvent(ProxyEventKind Kind)
{
    public string Channel { get; init; } = "";

    /// <summary>Of a map.</summary>
    public string Key { get; init; } = "";

    /// <summary>The method of an rpc.</summary>
    public string Method { get; init; } = "";

    /// <summary>The client's payload: JSON of a JSON client, any bytes of a Protobuf client; null or empty: none.</summary>
    public ReadOnlyMemory<byte>? Data { get; init; }

    /// <summary>The name that a connecting client gives itself.</summary>
    public string Name { get; init; } = "";

    /// <inheritdoc cref="Name"/>
    public string Version { get; init; } = "";

    /// <summary>Server-side subscriptions that a connecting client knows from before.</summary>
    public IReadOnlyList<string> Channels { get; init; } = [];

    /// <summary>The keys of a shared poll whose values are asked for.</summary>
    public IReadOnlyList<AskedKey> Items { get; init; } = [];
}

/// <summary>A key whose value is asked for.</summary>
/// <param name="Version">Of the value that the broker has; 0: none, or the broker counts no versions.</param>
internal readonly record struct AskedKey(string Key, ulong Version);

internal enum ProxyEventKind : byte
{
    Connect,
    Refresh,
    Subscribe,
    SubscribeStream,
    Publish,
    SubRefresh,
    Rpc,
    MapPublish,
    MapRemove,

    /// <summary>No client's: the broker asks for the values of a shared poll.</summary>
    SharedPollRefresh,
}

internal static class ProxyEventKinds
{
    /// <summary>The event's name in the log and the metrics.</summary>
    public static string Word(this ProxyEventKind kind) => kind switch
    {
        ProxyEventKind.Connect => "connect",
        ProxyEventKind.Refresh => "refresh",
        ProxyEventKind.Subscribe => "subscribe",
        ProxyEventKind.SubscribeStream => "subscribe_stream",
        ProxyEventKind.Publish => "publish",
        ProxyEventKind.SubRefresh => "sub_refresh",
        ProxyEventKind.MapPublish => "map_publish",
        ProxyEventKind.MapRemove => "map_remove",
        ProxyEventKind.SharedPollRefresh => "shared_poll_refresh",
        _ => "rpc",
    };
}
