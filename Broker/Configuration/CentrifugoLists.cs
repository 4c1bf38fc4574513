namespace ClawEvents.Broker.Configuration;

/// <summary>Translates what several settings of a Centrifugo say together.</summary>
/// <param name="source">Centrifugo's settings.</param>
/// <param name="settings">Receives ours.</param>
/// <param name="known">Receives the paths of the translated settings.</param>
internal sealed class CentrifugoLists(IConfiguration source, Dictionary<string, string?> settings, HashSet<string> known)
{
    // Of version 6, and of version 5.
    private static readonly string[] UniDisconnects = ["client.connect_code_to_unidirectional_disconnect", "client_connect_code_to_unidirectional_disconnect"];

    private static readonly (string Place, string FlatPlace, string Name)[] ConnectAnswers =
    [
        ("uni_sse:connect_code_to_http_response", "uni_sse_connect_code_to_http_response", "UniSseConnectAnswers"),
        ("uni_http_stream:connect_code_to_http_response", "uni_http_stream_connect_code_to_http_response", "UniHttpStreamConnectAnswers"),
    ];

    private const string AutoCert = "http_server.tls_autocert";
    private const string FlatAutoCert = "tls_autocert";

    // The others are read where they are needed.
    private static readonly (string Theirs, string? Ours)[] Acme =
    [
        ("enabled", null), ("host_whitelist", "AcmeHosts"), ("cache_dir", "AcmeFolder"), ("email", "AcmeEmail"), ("server_name", "AcmeServerName"), ("http", null), ("http_addr", null),
    ];

    private const string Swagger = "swagger";
    private const string SwaggerPath = "/swagger";
    private const string OpenTelemetry = "opentelemetry";
    private const string Collector = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private const string Graphite = "graphite";

    // Those that the file does not name are Centrifugo's own.
    private static readonly (string Theirs, string Ours, string Usual)[] GraphiteOptions =
    [
        ("host", "GraphiteHost", "localhost"), ("port", "GraphitePort", "2003"), ("prefix", "GraphitePrefix", "centrifugo"), ("interval", "GraphiteSeconds", "10s"), ("tags", "GraphiteTags", "false"),
    ];

    /// <summary>The settings that may come as environment variables or flags, each with its key of version 5.</summary>
    public static IEnumerable<(string Key, string FlatKey)> Keys =>
    [
        .. Acme.Select(option => ($"{AutoCert}.{option.Theirs}", option.Theirs == "enabled" ? "tls_autocert" : $"tls_autocert_{option.Theirs}")),
        ("swagger.enabled", "swagger"), ("swagger.handler_prefix", "swagger_handler_prefix"), ("opentelemetry.enabled", "opentelemetry"),
        (Graphite + ".enabled", Graphite), .. GraphiteOptions.Select(option => ($"{Graphite}.{option.Theirs}", $"{Graphite}_{option.Theirs}")),
    ];

    public void Translate()
    {
        foreach (var place in UniDisconnects)
        {
            TranslateTransforms(source.GetSection(place.Replace('.', ':')), "UniDisconnects");
        }

        foreach (var (place, flatPlace, name) in ConnectAnswers)
        {
            TranslateAnswers(source.GetSection(place), name);
            TranslateAnswers(source.GetSection(flatPlace), name);
        }

        TranslateAcme(name => name == "enabled" ? Text(FlatAutoCert) : Text($"{FlatAutoCert}_{name}"));
        TranslateAcme(name => Text($"{AutoCert}.{name}".Replace('.', ':')));
        if (IsOn(Swagger))
        {
            settings["ApiPagePath"] = Text($"{Swagger}:handler_prefix") ?? Text($"{Swagger}_handler_prefix") ?? SwaggerPath;
        }

        if (IsOn(Graphite))
        {
            TranslateGraphite();
        }

        // Centrifugo's own default; a variable stands above it.
        if (IsOn(OpenTelemetry))
        {
            settings[Collector] = "http://localhost:4318";
        }
    }

    private void TranslateGraphite()
    {
        foreach (var (theirs, ours, usual) in GraphiteOptions)
        {
            var value = Text($"{Graphite}:{theirs}") ?? Text($"{Graphite}_{theirs}") ?? usual;
            settings[ours] = theirs switch { "interval" => CentrifugoSetting.ToSeconds(value), "tags" => value.ToLowerInvariant(), _ => value };
        }
    }

    // Without a list of hosts, anybody who asks for a name would have a certificate asked for: the settings stay untranslated.
    private void TranslateAcme(Func<string, string?> find)
    {
        if (!bool.TryParse(find("enabled"), out var isOn) || !isOn)
        {
            return;
        }

        if ((find("host_whitelist") ?? find("server_name")) is null)
        {
            known.ExceptWith([FlatAutoCert, $"{AutoCert}.enabled".Replace('.', ':')]);
            return;
        }

        settings["AcmeHosts"] = find("host_whitelist") ?? find("server_name");
        foreach (var (theirs, ours) in Acme.Where(option => option.Ours is not null))
        {
            if (find(theirs) is { } value)
            {
                settings[ours!] = value;
            }
        }

        if (bool.TryParse(find("http"), out var isOverHttp) && isOverHttp)
        {
            var address = find("http_addr") ?? ":80";
            var colon = address.LastIndexOf(':');
            settings["AcmeHttpPort"] = address[(colon + 1)..];
            if (colon > 0)
            {
                settings["AcmeHttpHost"] = address[..colon].Trim('[', ']');
            }
        }
    }

    // Centrifugo answers all other codes with 500.
    private void TranslateAnswers(IConfigurationSection section, string name)
    {
        if (TranslateTransforms(section, name))
        {
            var last = $"{name}:{section.GetSection("transforms").GetChildren().Count()}";
            settings[$"{last}:code"] = "0";
            settings[$"{last}:to:status_code"] = "500";
            settings[$"{last}:to:body"] = "Internal Server Error";
        }
    }

    // False when it is not switched on.
    private bool TranslateTransforms(IConfigurationSection section, string name)
    {
        known.Add($"{section.Path}:enabled");
        if (!bool.TryParse(section["enabled"], out var isOn) || !isOn)
        {
            return false;
        }

        var transforms = section.GetSection("transforms");
        foreach (var (path, value) in transforms.AsEnumerable().Where(pair => pair.Value is not null))
        {
            known.Add(path);
            settings[$"{name}{path[transforms.Path.Length..]}"] = value;
        }

        return true;
    }

    // A switch of version 5 has the name of the section of version 6.
    private bool IsOn(string section) => bool.TryParse(Text($"{section}:enabled") ?? Text(section), out var isOn) && isOn;

    // A list becomes one text.
    private string? Text(string path)
    {
        var section = source.GetSection(path);
        var parts = section.GetChildren().Where(part => part.Value is not null && int.TryParse(part.Key, out _)).ToList();
        var value = section.Value ?? (parts.Count > 0 ? string.Join(' ', parts.Select(part => part.Value)) : null);
        if (value is not null)
        {
            known.UnionWith(parts.Select(part => part.Path).Append(path));
        }

        return value is { Length: > 0 } ? value : null;
    }
}
