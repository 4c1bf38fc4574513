namespace ClawEvents.Broker.Proxies;

/// <summary>The back ends for rpc commands of clients. Immutable.</summary>
internal sealed record RpcOptions
{
    /// <summary><c>RpcNamespaceBoundary</c>: separates a method's namespace from its name; empty: no method has a namespace.</summary>
    public string Boundary { get; init; } = ":";

    /// <summary>For methods without a namespace; null: they are not answered.</summary>
    public ProxySettings? WithoutNamespace { get; init; }

    /// <summary>By namespace: the part of a method before the first <see cref="Boundary"/>.</summary>
    public IReadOnlyDictionary<string, ProxySettings> Namespaces { get; init; } = new Dictionary<string, ProxySettings>();

    /// <summary>A method that the broker itself answers with an empty result, for clients that measure latency; null: none.</summary>
    public string? PingMethod { get; init; }

    /// <summary>Whether any method is answered. If not, rpc gets 108 (not available); otherwise unknown methods get 104 (not found).</summary>
    public bool IsOn => WithoutNamespace is not null || Namespaces.Count > 0 || PingMethod is not null;

    /// <returns>Null when the method has no back end.</returns>
    public ProxySettings? Find(string method)
    {
        var boundary = Boundary.Length == 0 ? -1 : method.IndexOf(Boundary, StringComparison.Ordinal);
        return boundary < 0 ? WithoutNamespace : Namespaces.GetValueOrDefault(method[..boundary]);
    }
}
