namespace ClawEvents.Broker.Configuration;

/// <summary>Turns what a Centrifugo is configured with into our settings: a file of version 5 or 6, its environment variables, its flags.</summary>
/// <remarks>docs/reference/centrifugo-settings.md. What exists here is taken over; what does not is named in <see cref="Ignored"/>.</remarks>
internal sealed class CentrifugoConfiguration
{
    private const string NamespacesKey = "channel.namespaces";
    private const string FlatNamespacesKey = "namespaces";
    private const string WithoutNamespaceKey = "channel.without_namespace";

    /// <summary>Options of a namespace that are called otherwise in version 5, and those that are written otherwise here.</summary>
    private static readonly Dictionary<string, string> FlatOptions = new(StringComparer.OrdinalIgnoreCase)
    {
        ["proxy_subscribe"] = "subscribe_proxy_enabled",
        ["proxy_publish"] = "publish_proxy_enabled",
        ["proxy_sub_refresh"] = "sub_refresh_proxy_enabled",
    };

    /// <summary>Options of every namespace that has none of its own.</summary>
    private static readonly (string Key, string FlatKey, string Option)[] Defaults =
    [
        ("channel.history_meta_ttl", "global_history_meta_ttl", "history_meta_ttl"),
        ("channel.publication_data_format", "channel_publication_data_format", "publication_data_format"),
    ];

    /// <summary>What takes back some of our settings when it has this value.</summary>
    private static readonly (string Key, string FlatKey, bool Value, string[] Names)[] Switches =
    [
        ("http_api.disabled", "api_disable", true, ["CENTRIFUGO_API_KEY", "ServerApiInsecure"]),
        ("http_server.tls.enabled", "tls", false, ["TlsCertificateFile", "TlsKeyFile"]),
    ];

    private readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);
    private readonly IConfiguration _source;

    private CentrifugoConfiguration(IConfiguration source) => _source = source;

    /// <summary>Keys of version 6, each with that of version 5, besides <see cref="CentrifugoSetting"/>.</summary>
    public static IEnumerable<(string Key, string FlatKey)> Keys =>
        Defaults.Select(option => (option.Key, option.FlatKey)).Concat(Switches.Select(one => (one.Key, one.FlatKey)));

    /// <summary>Our settings.</summary>
    public Dictionary<string, string?> Settings { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Keys of the file, variables and flags that mean nothing here.</summary>
    public List<string> Ignored { get; } = [];

    /// <param name="file">JSON, YAML or TOML; null: there is none.</param>
    /// <param name="variables">The environment; wins over the file.</param>
    /// <param name="flags">Of the program; win over both.</param>
    /// <exception cref="FormatException">The file is not what its ending says, or has a key twice.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static CentrifugoConfiguration Read(string? file, IReadOnlyDictionary<string, string> variables, CentrifugoFlags flags)
    {
        var builder = new ConfigurationBuilder();
        if (file is not null)
        {
            builder.AddJsonStream(ConfigurationFile.Read(file));
        }

        var environment = new CentrifugoVariables(variables);
        builder.AddInMemoryCollection(environment.Values);
        builder.AddInMemoryCollection(flags.Values.Select(flag => KeyValuePair.Create<string, string?>(PathOf(flag.Key), flag.Value)));
        var translation = new CentrifugoConfiguration(builder.Build());
        translation.Translate(environment.Namespaces, isFile: file is not null);
        translation.Ignored.AddRange([.. environment.Ignored, .. flags.Ignored]);
        return translation;
    }

    private void Translate(IConfigurationSection? namespaces, bool isFile)
    {
        foreach (var setting in CentrifugoSetting.All)
        {
            if ((Take(setting.Key) ?? Take(setting.FlatKey)) is { } value)
            {
                Settings[setting.Name] = setting.Convert(value);
            }
        }

        foreach (var one in Switches.Where(one => bool.TryParse(Take(one.Key) ?? Take(one.FlatKey), out var value) && value == one.Value))
        {
            Array.ForEach(one.Names, name => Settings.Remove(name));
        }

        if (isFile)
        {
            // Who had a Centrifugo has not let in strangers unless he said so.
            Settings.TryAdd("AllowAnonymous", "false");
        }

        TakeFlatOptions();
        TakeOptions(_source.GetSection(PathOf(WithoutNamespaceKey)), "WithoutNamespace");
        TakeNamespaces(namespaces ?? Existing(NamespacesKey) ?? Existing(FlatNamespacesKey));
        TakeDefaults();
        new CentrifugoProxies(_source, Settings, _known).Translate();
        Ignored.AddRange(_source.AsEnumerable().Where(pair => pair.Value is not null && !_known.Contains(pair.Key)).Select(pair => pair.Key.Replace(':', '.')).Order(StringComparer.Ordinal));
    }

    private IConfigurationSection? Existing(string key) => _source.GetSection(PathOf(key)) is var section && section.Exists() ? section : null;

    private void TakeNamespaces(IConfigurationSection? namespaces)
    {
        foreach (var section in namespaces?.GetChildren() ?? [])
        {
            var name = $"Namespaces:{section.Key}";
            Settings[$"{name}:name"] = section["name"];
            _known.Add($"{section.Path}:name");
            TakeOptions(section, name);
        }
    }

    private void TakeOptions(IConfigurationSection section, string name)
    {
        foreach (var option in section.GetChildren())
        {
            TakeOption(option, $"{name}:{FlatOptions.GetValueOrDefault(option.Key, option.Key)}");
        }
    }

    // For what has any option, or a name, so that it is there.
    private void TakeDefaults()
    {
        var namespaces = Settings.Keys.Where(CentrifugoProxies.IsOfNamespace).Select(key => key[..key.LastIndexOf(':')]).Distinct().ToList();
        foreach (var (key, flatKey, option) in Defaults)
        {
            if ((Take(key) ?? Take(flatKey)) is { } value)
            {
                namespaces.ForEach(name => Settings.TryAdd($"{name}:{option}", value));
            }
        }
    }

    // In version 5 the options of channels without a namespace lie at the top.
    private void TakeFlatOptions()
    {
        foreach (var option in ChannelOptionsReader.Names.Concat(FlatOptions.Keys).Select(_source.GetSection).Where(option => option.Exists()))
        {
            TakeOption(option, $"WithoutNamespace:{FlatOptions.GetValueOrDefault(option.Key, option.Key)}");
        }
    }

    private void TakeOption(IConfigurationSection option, string name)
    {
        if (ChannelOptionsReader.Names.Contains(name[(name.LastIndexOf(':') + 1)..], StringComparer.OrdinalIgnoreCase))
        {
            Settings[name] = ReadValue(option);
        }
    }

    private string? Take(string key) => Existing(key) is { } section ? ReadValue(section) : null;

    // A list becomes one text, its parts between blanks: our settings know no lists.
    private string ReadValue(IConfigurationSection section)
    {
        _known.Add(section.Path);
        foreach (var part in section.GetChildren())
        {
            _known.Add(part.Path);
        }

        return section.Value ?? string.Join(' ', section.GetChildren().Select(part => part.Value));
    }

    private static string PathOf(string key) => key.Replace('.', ':');
}
