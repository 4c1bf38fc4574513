using ClawEvents.Broker.Proxies;

namespace ClawEvents.Broker.Configuration;

/// <summary>Reads <c>Proxies</c> and the settings that refer to them: <c>ConnectProxy</c>, <c>RefreshProxy</c>, <c>Rpc…</c>. docs/reference/proxies.md</summary>
/// <param name="fault">Receives each fault: the full key, what is wrong, an example. It never contains headers, which may hold secrets.</param>
internal sealed class ProxiesReader(IConfiguration configuration, Action<string, string, string> fault)
{
    /// <summary>The back end of a namespace that does not name one.</summary>
    public const string DefaultName = "default";

    private readonly SettingValues _values = new(fault);
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
        var rpc = new RpcOptions { WithoutNamespace = Find("RpcProxy"), Namespaces = RpcNamespaces(), PingMethod = Text("RpcPingMethod"), Boundary = new ChannelSyntaxReader(configuration, fault).Part("RpcNamespaceBoundary", ":") };
        return _byName.Count == 0 && !rpc.IsOn ? ProxyOptions.None : new ProxyOptions(_byName) { Connect = connect, Refresh = refresh, Rpc = rpc };
    }

    /// <summary>The back end that a setting names.</summary>
    /// <param name="setting">Its key, for faults.</param>
    /// <param name="name">Its value.</param>
    /// <returns>Null if there is none with that name.</returns>
    public ProxySettings? Find(string setting, string name)
    {
        if (_byName.TryGetValue(name, out var proxy))
        {
            return proxy;
        }

        fault(setting, $"there is no back end '{name}' in Proxies", _byName.Keys.FirstOrDefault() ?? "backend");
        return null;
    }

    /// <summary>The back end that an option of a namespace names, where <c>OPTION_enabled</c> switches it on.</summary>
    /// <param name="option">The start of both names.</param>
    /// <returns>Its name; null if it is off, or if there is none.</returns>
    public string? FindSwitchedOn(IConfigurationSection section, string option) =>
        section.GetSection($"{option}_enabled") is var enabled && enabled.Exists() && _values.Flag(enabled)
            ? Find($"{section.Path}:{option}_name", section[$"{option}_name"] ?? DefaultName)?.Name
            : null;

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
