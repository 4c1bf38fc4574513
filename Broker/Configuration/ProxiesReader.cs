using ClawEvents.Broker.Proxies;

namespace ClawEvents.Broker.Configuration;

/// <summary>Reads <c>Proxies</c> and who is asked about what: <c>ConnectProxy</c>, <c>RefreshProxy</c>, <c>Rpc…</c>. docs/reference/proxies.md</summary>
/// <param name="configuration">The settings.</param>
/// <param name="fault">Told of each wrong one: its whole key, what is wrong, an example. Headers stay out of it: they may hold secrets.</param>
internal sealed class ProxiesReader(IConfiguration configuration, Action<string, string, string> fault)
{
    /// <summary>The back end that a namespace means which names none.</summary>
    public const string DefaultName = "default";

    private readonly Dictionary<string, ProxySettings> _byName = new(StringComparer.OrdinalIgnoreCase);

    public ProxyOptions Read()
    {
        var one = new ProxySettingsReader(fault);
        foreach (var section in configuration.GetSection("Proxies").GetChildren())
        {
            if (one.Read(section) is { } proxy)
            {
                _byName[proxy.Name] = proxy;
            }
        }

        var (connect, refresh) = (Find("ConnectProxy"), Find("RefreshProxy"));
        var rpc = new RpcOptions { WithoutNamespace = Find("RpcProxy"), Namespaces = RpcNamespaces(), PingMethod = Text("RpcPingMethod") };
        return _byName.Count == 0 && !rpc.IsOn ? ProxyOptions.None : new ProxyOptions(_byName) { Connect = connect, Refresh = refresh, Rpc = rpc };
    }

    /// <summary>The back end that a setting names.</summary>
    /// <param name="setting">Its key, for the message of a fault.</param>
    /// <param name="name">Its value.</param>
    /// <returns>Null when there is none of that name.</returns>
    public ProxySettings? Find(string setting, string name)
    {
        if (_byName.TryGetValue(name, out var proxy))
        {
            return proxy;
        }

        fault(setting, $"there is no back end '{name}' in Proxies", _byName.Keys.FirstOrDefault() ?? "backend");
        return null;
    }

    private ProxySettings? Find(string setting) => Text(setting) is { } name ? Find(setting, name) : null;

    private string? Text(string setting) => configuration[setting] is { Length: > 0 } value ? value : null;

    private Dictionary<string, ProxySettings> RpcNamespaces()
    {
        var namespaces = new Dictionary<string, ProxySettings>(StringComparer.Ordinal);
        foreach (var section in configuration.GetSection("RpcNamespaces").GetChildren())
        {
            if (Find(section.Path, section.Value ?? "") is { } proxy)
            {
                namespaces[section.Key] = proxy;
            }
        }

        return namespaces;
    }
}
