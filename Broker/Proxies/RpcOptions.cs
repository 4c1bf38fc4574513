namespace ClawEvents.Broker.Proxies;

/// <summary>Who answers the rpc commands of clients. Immutable.</summary>
internal sealed record RpcOptions
{
    /// <summary>What parts a method's namespace from its name.</summary>
    public const char Boundary = ':';

    /// <summary>For methods without a namespace; null: there are none.</summary>
    public ProxySettings? WithoutNamespace { get; init; }

    /// <summary>By namespace, which is what stands before the first <see cref="Boundary"/> of a method.</summary>
    public IReadOnlyDictionary<string, ProxySettings> Namespaces { get; init; } = new Dictionary<string, ProxySettings>();

    /// <summary>A method that the broker itself answers with nothing, for clients that measure the way to it; null: none.</summary>
    public string? PingMethod { get; init; }

    /// <summary>Whether any method is answered; if none is, rpc is not available (108) and otherwise unknown methods are not found (104).</summary>
    public bool IsOn => WithoutNamespace is not null || Namespaces.Count > 0 || PingMethod is not null;

    /// <returns>Null when nobody answers the method.</returns>
    public ProxySettings? Find(string method)
    {
        var boundary = method.IndexOf(Boundary, StringComparison.Ordinal);
        return boundary < 0 ? WithoutNamespace : Namespaces.GetValueOrDefault(method[..boundary]);
    }
}
