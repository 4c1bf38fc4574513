namespace ClawEvents.Broker.Configuration;

/// <summary>Translates the proxy settings of a Centrifugo to ours: of version 5, with or without granular mode, or 6.</summary>
/// <param name="source">Centrifugo's settings.</param>
/// <param name="settings">Receives our settings; those of the namespaces are in it already.</param>
/// <param name="known">Receives the paths of the translated settings.</param>
/// <remarks>A back end without a name gets the name of its path in version 6.</remarks>
internal sealed class CentrifugoProxies(IConfiguration source, Dictionary<string, string?> settings, HashSet<string> known)
{
    private const string Connect = "client.proxy.connect";
    private const string Refresh = "client.proxy.refresh";
    private const string Rpc = "rpc.proxy";
    private const string ChannelPrefix = "channel.proxy.";

    /// <summary>Options of version 6, by their names in version 5 for all back ends; the last part is our name.</summary>
    private static readonly Dictionary<string, string> CommonOptions = new(StringComparer.Ordinal)
    {
        ["proxy_http_headers"] = "http_headers",
        ["proxy_static_http_headers"] = "static_headers",
        ["proxy_binary_encoding"] = "binary_encoding",
        ["proxy_include_connection_meta"] = "include_connection_meta",
        ["proxy_http_status_code_transforms"] = "status_to_code_transforms",
        ["proxy_grpc_credentials_key"] = "grpc_credentials_key",
        ["proxy_grpc_credentials_value"] = "grpc_credentials_value",
    };

    /// <summary>Options of one back end with another name here.</summary>
    private static readonly Dictionary<string, string> OptionNames = new(StringComparer.Ordinal)
    {
        ["http:static_headers"] = "static_headers",
        ["http:status_to_code_transforms"] = "status_to_code_transforms",
        ["grpc:static_metadata"] = "static_headers",
        ["grpc:credentials_key"] = "grpc_credentials_key",
        ["grpc:credentials_value"] = "grpc_credentials_value",
        ["grpc:compression"] = "grpc_compression",
        ["static_http_headers"] = "static_headers",
        ["http_status_code_transforms"] = "status_to_code_transforms",
    };

    /// <summary>Options of its TLS, with the ends of their names here.</summary>
    private static readonly (string Theirs, string Ours)[] TlsOptions =
    [
        ("enabled", ""), ("server_ca_pem", "_server_ca_file"), ("cert_pem", "_cert_file"), ("key_pem", "_key_file"), ("server_name", "_server_name"), ("insecure_skip_verify", "_insecure_skip_verify"),
    ];

    /// <summary>The events, by their names in version 5, with the path of their back end in version 6.</summary>
    private static readonly Dictionary<string, string> Events = new(StringComparer.Ordinal)
    {
        ["connect"] = Connect,
        ["refresh"] = Refresh,
        ["rpc"] = Rpc,
        ["subscribe"] = $"{ChannelPrefix}subscribe",
        ["subscribe_stream"] = $"{ChannelPrefix}subscribe_stream",
        ["publish"] = $"{ChannelPrefix}publish",
        ["sub_refresh"] = $"{ChannelPrefix}sub_refresh",
        ["map_publish"] = $"{ChannelPrefix}map_publish",
        ["map_remove"] = $"{ChannelPrefix}map_remove",
        ["shared_poll_refresh"] = $"{ChannelPrefix}shared_poll_refresh",
    };

    /// <summary>The events that a namespace switches on, each with the start of its options' names.</summary>
    private static readonly (string Kind, string Option)[] NamespaceOptions =
    [
        ("subscribe", "subscribe_proxy"), ("subscribe_stream", "subscribe_stream_proxy"), ("publish", "publish_proxy"), ("sub_refresh", "sub_refresh_proxy"), ("map_publish", "map:publish_proxy"), ("map_remove", "map:remove_proxy"),
    ];

    private static readonly string[] PlainOptions = ["enabled", "endpoint", "timeout", "http_headers", "emulated_headers", "binary_encoding", "include_connection_meta"];

    /// <summary>The settings that may come as environment variables, with dots.</summary>
    public static IEnumerable<string> Keys =>
        Events.Values.SelectMany(place => PlainOptions.Select(option => $"{place}.{option}"))
            .Concat(Events.Keys.SelectMany(kind => new[] { $"proxy_{kind}_endpoint", $"proxy_{kind}_timeout" }))
            .Concat(["proxy_http_headers", "proxy_binary_encoding", "proxy_include_connection_meta", "granular_proxy_mode", "connect_proxy_name", "refresh_proxy_name", "rpc_proxy_name"])
            .Concat(["rpc.without_namespace.proxy_enabled", "rpc.without_namespace.proxy_name", "rpc.ping.enabled", "rpc.ping.method", "rpc_ping", "rpc_ping_method"]);

    /// <summary>In granular mode, version 5 asks every named back end; there are no switches.</summary>
    private bool IsGranular => IsOn("granular_proxy_mode");

    public void Translate()
    {
        foreach (var (kind, place) in Events)
        {
            TranslateBackEnd(kind, place);
        }

        foreach (var section in source.GetSection("proxies").GetChildren())
        {
            Know(section.GetSection("name"));
            TranslateOptions(section, section["name"] ?? "");
        }

        Name("ConnectProxy", Text("connect_proxy_name") ?? (IsOn($"{Connect}.enabled") || Has("proxy_connect_endpoint") ? Connect : null));
        Name("RefreshProxy", Text("refresh_proxy_name") ?? (IsOn($"{Refresh}.enabled") || Has("proxy_refresh_endpoint") ? Refresh : null));
        TranslateRpc();
        foreach (var options in settings.Keys.Where(IsOfNamespace).Select(NamespaceOf).Distinct().ToList())
        {
            TranslateNamespace(options);
            TranslatePoll(options);
        }
    }

    /// <summary>Whether a setting of ours is an option of a namespace, or of the channels without one.</summary>
    public static bool IsOfNamespace(string key) =>
        key.StartsWith("Namespaces:", StringComparison.Ordinal) || key.StartsWith("WithoutNamespace:", StringComparison.Ordinal);

    /// <summary>The namespace that a setting of <see cref="IsOfNamespace"/> is of: <c>Namespaces:0</c> or <c>WithoutNamespace</c>.</summary>
    public static string NamespaceOf(string key)
    {
        var first = key.IndexOf(':', StringComparison.Ordinal);
        return key.StartsWith("Without", StringComparison.Ordinal) ? key[..first] : key[..key.IndexOf(':', first + 1)];
    }

    private void TranslateBackEnd(string kind, string place)
    {
        Know(SectionOf($"{place}.enabled"));
        TranslateOptions(SectionOf(place), place);
        if (Copy(SectionOf($"proxy_{kind}_endpoint"), $"Proxies:{place}:endpoint"))
        {
            Copy(SectionOf($"proxy_{kind}_timeout"), $"Proxies:{place}:timeout");
            foreach (var (common, option) in CommonOptions)
            {
                Copy(SectionOf(common), $"Proxies:{place}:{option}");
            }
        }
    }

    // Ignored without an endpoint: files of version 6 list all of them, used or not.
    private void TranslateOptions(IConfigurationSection section, string name)
    {
        if (section["endpoint"] is not { Length: > 0 })
        {
            Know(section.GetSection("endpoint"));
            return;
        }

        foreach (var option in ProxySettingsReader.Names)
        {
            Copy(section.GetSection(option), $"Proxies:{name}:{option}");
        }

        foreach (var (theirs, ours) in OptionNames)
        {
            Copy(section.GetSection(theirs), $"Proxies:{name}:{ours}");
        }

        CopyMetadata(section, name);
        foreach (var (transport, (theirs, ours)) in from transport in (string[])["http", "grpc"] from option in TlsOptions select (transport, option))
        {
            Copy(section.GetSection($"{transport}:tls:{theirs}"), $"Proxies:{name}:{transport}_tls{ours}");
        }
    }

    // Of clients over gRPC, whose metadata are headers here.
    private void CopyMetadata(IConfigurationSection section, string name)
    {
        var metadata = section.GetSection("grpc_metadata");
        if (SettingValues.List(metadata) is { Length: > 0 } keys)
        {
            var target = $"Proxies:{name}:http_headers";
            var all = SettingValues.List(section.GetSection("http_headers")).Union(keys, StringComparer.OrdinalIgnoreCase);
            settings.Keys.Where(key => key.StartsWith($"{target}:", StringComparison.Ordinal)).ToList().ForEach(key => settings.Remove(key));
            settings[target] = string.Join(' ', all);
            known.UnionWith(metadata.AsEnumerable().Select(pair => pair.Key));
        }
    }

    private void TranslateRpc()
    {
        Name("RpcProxy", Text("rpc_proxy_name") ?? (Has("proxy_rpc_endpoint") ? Rpc : RpcNameOf(SectionOf("rpc.without_namespace"))));
        Name("RpcPingMethod", IsOn("rpc.ping.enabled") ? Text("rpc.ping.method") ?? "ping" : IsOn("rpc_ping") ? Text("rpc_ping_method") ?? "ping" : null);
        foreach (var section in source.GetSection("rpc:namespaces").GetChildren().Concat(source.GetSection("rpc_namespaces").GetChildren()))
        {
            Know(section.GetSection("name"));
            Name($"RpcNamespaces:{section["name"]}", RpcNameOf(section));
        }
    }

    // Version 5 has one back end for all, or (granular) one per namespace; version 6 has a switch and a name.
    private string? RpcNameOf(IConfigurationSection section)
    {
        Know(section.GetSection("proxy_enabled"), section.GetSection("proxy_name"), section.GetSection("rpc_proxy_name"));
        return section["rpc_proxy_name"] is { Length: > 0 } granular ? granular
            : IsTrue(section["proxy_enabled"]) ? NameOr(section["proxy_name"], Rpc)
            : section.Exists() && Has("proxy_rpc_endpoint") && !IsGranular ? Rpc
            : null;
    }

    private void TranslateNamespace(string options)
    {
        foreach (var (kind, option) in NamespaceOptions)
        {
            var (enabled, name) = ($"{options}:{option}_enabled", $"{options}:{option}_name");
            var named = settings.GetValueOrDefault(name);
            if (IsGranular && !string.IsNullOrEmpty(named))
            {
                settings[enabled] = "true";
            }

            if (IsTrue(settings.GetValueOrDefault(enabled)))
            {
                settings[name] = NameOr(named, $"{ChannelPrefix}{kind}");
            }
        }
    }

    // A namespace of shared polls always asks, so there is no switch.
    private void TranslatePoll(string options)
    {
        if (settings.GetValueOrDefault($"{options}:subscription_type") is "shared_poll")
        {
            settings[$"{options}:shared_poll:proxy_name"] = NameOr(settings.GetValueOrDefault($"{options}:shared_poll:proxy_name"), $"{ChannelPrefix}shared_poll_refresh");
        }
    }

    private static string NameOr(string? name, string place) => name is null or "" or ProxiesReader.DefaultName ? place : name;

    private static bool IsTrue(string? value) => bool.TryParse(value, out var flag) && flag;

    private bool IsOn(string key) => IsTrue(Text(key));

    private bool Has(string key) => Text(key) is not null;

    private string? Text(string key)
    {
        var section = SectionOf(key);
        Know(section);
        return section.Value is { Length: > 0 } value ? value : null;
    }

    private void Name(string setting, string? name)
    {
        if (name is not null)
        {
            settings[setting] = name;
        }
    }

    private bool Copy(IConfigurationSection section, string target)
    {
        foreach (var (path, value) in section.AsEnumerable().Where(pair => pair.Value is { Length: > 0 }))
        {
            settings[$"{target}{path[section.Path.Length..]}"] = value;
            known.Add(path);
        }

        return section.Exists();
    }

    private void Know(params ReadOnlySpan<IConfigurationSection> sections)
    {
        foreach (var section in sections)
        {
            known.Add(section.Path);
        }
    }

    private IConfigurationSection SectionOf(string key) => source.GetSection(key.Replace('.', ':'));
}
