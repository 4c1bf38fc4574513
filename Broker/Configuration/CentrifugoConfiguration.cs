namespace ClawEvents.Broker.Configuration;

/// <summary>Translates the configuration of a Centrifugo to our settings: a file of version 5 or 6, environment variables, flags.</summary>
/// <remarks>docs/reference/centrifugo-settings.md. Settings that exist here are translated; the others are in <see cref="Leftovers"/>.</remarks>
internal sealed class CentrifugoConfiguration
{
    private const string NamespacesKey = "channel.namespaces";
    private const string FlatNamespacesKey = "namespaces";
    private const string WithoutNamespaceKey = "channel.without_namespace";

    /// <summary>Options of a namespace with another name in version 5, or with another spelling here.</summary>
    private static readonly Dictionary<string, string> FlatOptions = new(StringComparer.OrdinalIgnoreCase)
    {
        ["proxy_subscribe"] = "subscribe_proxy_enabled",
        ["proxy_subscribe_stream"] = "subscribe_stream_proxy_enabled",
        ["proxy_subscribe_stream_bidirectional"] = "subscribe_stream_proxy_bidirectional",
        ["proxy_publish"] = "publish_proxy_enabled",
        ["proxy_sub_refresh"] = "sub_refresh_proxy_enabled",
    };

    /// <summary>Default options of namespaces that do not set them.</summary>
    private static readonly (string Key, string FlatKey, string Option)[] Defaults =
    [
        ("channel.history_meta_ttl", "global_history_meta_ttl", "history_meta_ttl"),
        ("channel.publication_data_format", "channel_publication_data_format", "publication_data_format"),
    ];

    /// <summary>Settings that, with this value, remove some of our settings.</summary>
    private static readonly Switch[] Switches =
    [
        new("http_api.disabled", "api_disable", true, ["CENTRIFUGO_API_KEY", "ServerApiInsecure"]),
        new("http_server.tls.enabled", "tls", false, NamesOfTls("")) { IsOfTls = true },
        new("http_server.internal_tls.enabled", "internal_tls", false, NamesOfTls("Internal")),
        new("grpc_api.tls.enabled", "grpc_api_tls", false, NamesOfTls("GrpcApi")) { IsOfTls = true },
        new("uni_grpc.tls.enabled", "uni_grpc_tls", false, NamesOfTls("UniGrpc")) { IsOfTls = true },
    ];

    // At the top of a file of version 6.
    private static readonly string[] PlainKeys = ["pid_file", "enable_unreleased_features"];

    // At the top of a file of version 5 only.
    private static readonly string[] ListsOfVersion5 = ["namespaces", "rpc_namespaces", "allowed_origins"];

    private static readonly string[] OptionalTransports = ["HttpStream", "Sse", "UniWebSocket", "UniHttpStream", "UniSse", "ConnectionInit"];

    private readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);
    private readonly IConfiguration _source;

    private CentrifugoConfiguration(IConfiguration source) => _source = source;

    /// <summary>Keys of version 6, each with its key of version 5, in addition to <see cref="CentrifugoSetting"/>.</summary>
    public static IEnumerable<(string Key, string FlatKey)> Keys =>
        Defaults.Select(option => (option.Key, option.FlatKey)).Concat(Switches.Select(one => (one.Key, one.FlatKey))).Concat(CentrifugoLists.Keys);

    /// <summary>Our settings.</summary>
    public Dictionary<string, string?> Settings { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Settings of the file, the variables and the flags that were not translated.</summary>
    public List<CentrifugoLeftover> Leftovers { get; } = [];

    /// <summary>The values of all settings, translated or not, by <see cref="CentrifugoLeftover.Key"/>.</summary>
    public Dictionary<string, string> All { get; } = new(StringComparer.Ordinal);

    /// <param name="file">JSON, YAML or TOML; null if there is none.</param>
    /// <param name="variables">The environment; overrides the file.</param>
    /// <param name="flags">Override both.</param>
    /// <exception cref="FormatException">The file is not in the format of its extension, or has a duplicate key.</exception>
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
        translation.Translate(environment, isFile: file is not null);
        translation.Leftovers.AddRange([.. environment.Leftovers, .. flags.Leftovers]);
        translation.Leftovers.ForEach(setting => translation.All[setting.Key] = setting.Value);
        return translation;
    }

    private void Translate(CentrifugoVariables environment, bool isFile)
    {
        var namespaces = environment.Namespaces;
        foreach (var setting in CentrifugoSetting.All)
        {
            if ((ReadExisting(setting.Key) ?? ReadFlat(setting)) is { } value)
            {
                Settings[setting.Name] = setting.Convert(value);
            }
        }

        foreach (var one in Switches.Where(one => bool.TryParse(ReadExisting(one.Key) ?? ReadExisting(one.FlatKey), out var value) && value == one.Value))
        {
            Array.ForEach(one.Names, name => Settings.Remove(name));
        }

        // Centrifugo speaks TLS only where this says so, whatever certificates there are. Which of the two is meant is for the author to say (CentrifugoDanger).
        foreach (var one in Switches.Where(one => one.IsOfTls && Existing(one.Key) is null && Existing(one.FlatKey) is null))
        {
            LeaveUntranslated(one.Names);
        }

        // A certificate of the internal port alone means nothing: it has that of the public one.
        if (!(bool.TryParse(ReadExisting("http_server.internal_tls.enabled") ?? ReadExisting("internal_tls"), out var isInternalTls) && isInternalTls))
        {
            Array.ForEach(NamesOfTls("Internal"), name => Settings.Remove(name));
        }

        if (isFile)
        {
            // Unlike this broker, Centrifugo rejects anonymous clients unless configured otherwise.
            Settings.TryAdd("AllowAnonymous", "false");

            // Nor does it open a door that the file does not name.
            Array.ForEach(OptionalTransports, name => Settings.TryAdd(name, "false"));
        }

        TranslateFlatOptions();
        TranslateOptions(_source.GetSection(PathOf(WithoutNamespaceKey)), "WithoutNamespace");
        TranslateNamespaces(namespaces ?? Existing(NamespacesKey) ?? Existing(FlatNamespacesKey));
        TranslateDefaults();
        new CentrifugoProxies(_source, Settings, _known).Translate();
        new CentrifugoRedis(_source, Settings, _known).Translate();
        new CentrifugoLists(_source, Settings, _known).Translate();
        var consumers = new CentrifugoConsumers(Settings, _known, IsVersion5);
        consumers.Translate(_source, environment);
        foreach (var (path, value) in _source.AsEnumerable().Where(pair => pair.Value is not null))
        {
            All[CentrifugoLeftover.KeyOf(path)] = value!;
        }

        consumers.Off.ForEach(path => All[CentrifugoLeftover.KeyOf($"{path}:enabled")] = "false");

        AddLeftovers(_source.AsEnumerable(), "");
        AddLeftovers(namespaces?.AsEnumerable() ?? [], "channel.");
    }

    private void AddLeftovers(IEnumerable<KeyValuePair<string, string?>> settings, string prefix) => Leftovers.AddRange(settings
        .Where(pair => pair.Value is not null && !_known.Contains(pair.Key))
        .Select(pair => new CentrifugoLeftover(prefix + pair.Key.Replace(':', '.'), pair.Value!))
        .OrderBy(setting => setting.Name, StringComparer.Ordinal));

    // Nearly everything in a file of version 6 is in a section.
    private bool IsVersion5 => _source.GetChildren().Any(child => (child.Value is not null && !PlainKeys.Contains(child.Key)) || ListsOfVersion5.Contains(child.Key));

    private static string[] NamesOfTls(string prefix) => [$"{prefix}TlsCertificateFile", $"{prefix}TlsKeyFile", $"{prefix}TlsClientAuthorityFile"];

    private void LeaveUntranslated(string[] names)
    {
        foreach (var setting in CentrifugoSetting.All.Where(setting => names.Contains(setting.Name)))
        {
            Settings.Remove(setting.Name);
            _known.ExceptWith([PathOf(setting.Key), PathOf(setting.FlatKey)]);
        }
    }

    private IConfigurationSection? Existing(string key) => _source.GetSection(PathOf(key)) is var section && section.Exists() ? section : null;

    private void TranslateNamespaces(IConfigurationSection? namespaces)
    {
        foreach (var section in namespaces?.GetChildren() ?? [])
        {
            var name = $"Namespaces:{section.Key}";
            Settings[$"{name}:name"] = section["name"];
            _known.Add($"{section.Path}:name");
            TranslateOptions(section, name);
        }
    }

    private void TranslateOptions(IConfigurationSection section, string name)
    {
        foreach (var option in section.GetChildren())
        {
            TranslateOption(option, $"{name}:{FlatOptions.GetValueOrDefault(option.Key, option.Key)}");
        }
    }

    // Only for namespaces that are configured: those with a name or any option.
    private void TranslateDefaults()
    {
        var namespaces = Settings.Keys.Where(CentrifugoProxies.IsOfNamespace).Select(CentrifugoProxies.NamespaceOf).Distinct().ToList();
        foreach (var (key, flatKey, option) in Defaults)
        {
            if ((ReadExisting(key) ?? ReadExisting(flatKey)) is { } value)
            {
                namespaces.ForEach(name => Settings.TryAdd($"{name}:{option}", value));
            }
        }
    }

    // In version 5 the options of channels without a namespace are at the top level.
    private void TranslateFlatOptions()
    {
        foreach (var option in ChannelOptionsReader.Names.Where(name => !ChannelOptionsReader.IsSection(name)).Concat(FlatOptions.Keys).Select(_source.GetSection).Where(option => option.Exists()))
        {
            TranslateOption(option, $"WithoutNamespace:{FlatOptions.GetValueOrDefault(option.Key, option.Key)}");
        }
    }

    private void TranslateOption(IConfigurationSection option, string name)
    {
        var own = name[(name.LastIndexOf(':') + 1)..];
        var parts = ChannelOptionsReader.NamesIn(own);
        foreach (var part in option.GetChildren().Where(part => parts.Contains(part.Key, StringComparer.OrdinalIgnoreCase)))
        {
            Settings[$"{name}:{part.Key}"] = ReadValue(part);
        }

        if (ChannelOptionsReader.Names.Contains(own, StringComparer.OrdinalIgnoreCase) && !ChannelOptionsReader.IsSection(own))
        {
            Settings[name] = ReadValue(option);
        }
    }

    // A switch of version 5 may have the name of a section of version 6.
    private string? ReadFlat(CentrifugoSetting setting) =>
        setting.IsFlag && _source[PathOf(setting.FlatKey)] is null ? null : ReadExisting(setting.FlatKey);

    private string? ReadExisting(string key) => Existing(key) is { } section ? ReadValue(section) : null;

    // A list becomes one text, separated by spaces: our settings have no lists.
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

    /// <param name="Names">Ours, which this value removes.</param>
    private sealed record Switch(string Key, string FlatKey, bool Value, string[] Names)
    {
        /// <summary>Without it, too, ours are removed.</summary>
        public bool IsOfTls { get; init; }
    }
}
