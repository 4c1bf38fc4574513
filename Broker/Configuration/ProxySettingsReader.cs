using System.Buffers;
using System.Collections.Frozen;
using ClawEvents.Broker.Http;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Proxies;

namespace ClawEvents.Broker.Configuration;

/// <summary>Reads one back end: Centrifugo's names and values. docs/reference/proxies.md</summary>
/// <inheritdoc cref="ProxiesReader"/>
internal sealed class ProxySettingsReader(Action<string, string, string> fault)
{
    private const string EndpointExample = "https://example.com/centrifugo";

    // RFC 9110, section 5.6.2.
    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private readonly SettingValues _values = new(fault);

    private delegate ProxySettings Change(ProxySettingsReader reader, ProxySettings proxy, IConfigurationSection value);

    private static readonly FrozenDictionary<string, Change> Changes = new Dictionary<string, Change>(StringComparer.OrdinalIgnoreCase)
    {
        ["endpoint"] = (_, proxy, _) => proxy,
        ["timeout"] = (reader, proxy, value) => proxy with { Timeout = reader.Timeout(value, proxy.Timeout) },
        ["http_headers"] = (reader, proxy, value) => proxy with { Headers = reader.HeaderNames(value) },
        ["emulated_headers"] = (reader, proxy, value) => proxy with { EmulatedHeaders = reader.HeaderNames(value) },
        ["static_headers"] = (reader, proxy, value) => proxy with { StaticHeaders = reader.StaticHeaders(value) },
        ["binary_encoding"] = (reader, proxy, value) => proxy with { UsesBase64 = reader._values.Flag(value) },
        ["include_connection_meta"] = (reader, proxy, value) => proxy with { IncludesMeta = reader._values.Flag(value) },

        // Several options make one value: see Read.
        ["grpc_credentials_key"] = Keep,
        ["grpc_credentials_value"] = Keep,
        ["grpc_compression"] = (reader, proxy, value) => proxy with { Compresses = reader._values.Flag(value) },
        ["grpc_tls"] = Keep,
        ["grpc_tls_server_ca_file"] = Keep,
        ["grpc_tls_cert_file"] = Keep,
        ["grpc_tls_key_file"] = Keep,
        ["grpc_tls_server_name"] = Keep,
        ["grpc_tls_insecure_skip_verify"] = Keep,
        ["http_tls"] = Keep,
        ["http_tls_server_ca_file"] = Keep,
        ["http_tls_cert_file"] = Keep,
        ["http_tls_key_file"] = Keep,
        ["http_tls_server_name"] = Keep,
        ["http_tls_insecure_skip_verify"] = Keep,
        ["status_to_code_transforms"] = (reader, proxy, value) => proxy with { Transforms = reader.Transforms(value) },
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>The names of the options.</summary>
    public static IReadOnlyCollection<string> Names => Changes.Keys;

    /// <param name="section">One key for each option; its own key is the name.</param>
    /// <returns>Null if it has no usable endpoint.</returns>
    public ProxySettings? Read(IConfigurationSection section)
    {
        if (Endpoint(section) is not { } endpoint)
        {
            return null;
        }

        var proxy = new ProxySettings(section.Key, endpoint);
        foreach (var value in section.GetChildren())
        {
            if (Changes.TryGetValue(value.Key, out var change))
            {
                proxy = change(this, proxy, value);
            }
            else
            {
                _values.Unknown(value, Names, $"{section.Path}:timeout=1s");
            }
        }

        return proxy with { Tls = Tls(section, proxy.IsGrpc ? "grpc_tls" : "http_tls"), GrpcCredentials = Credentials(section) };
    }

    private static ProxySettings Keep(ProxySettingsReader reader, ProxySettings proxy, IConfigurationSection value) => proxy;

    /// <param name="prefix">The switch, with which the names of the other options begin.</param>
    private ClientTls? Tls(IConfigurationSection section, string prefix)
    {
        if (section.GetSection(prefix) is not { Value: not null } flag || !_values.Flag(flag))
        {
            return null;
        }

        var (certificate, key) = (Pem(section, $"{prefix}_cert_file"), Pem(section, $"{prefix}_key_file"));
        if ((certificate is null) != (key is null))
        {
            fault($"{section.Path}:{prefix}_cert_file", $"it needs {prefix}_key_file, and the other way round", "/etc/clawevents/client.pem");
        }

        var skips = section.GetSection($"{prefix}_insecure_skip_verify") is { Value: not null } insecure && _values.Flag(insecure);
        return new(Pem(section, $"{prefix}_server_ca_file"), certificate, key, section[$"{prefix}_server_name"] is { Length: > 0 } name ? name : null, skips);
    }

    private string? Pem(IConfigurationSection section, string option)
    {
        if (section[option] is not { Length: > 0 } path)
        {
            return null;
        }

        TlsFiles.Check($"{section.Path}:{option}", path, fault);
        return path;
    }

    // The message must not contain the value: it is a secret.
    private KeyValuePair<string, string>? Credentials(IConfigurationSection section)
    {
        var (key, value) = (section["grpc_credentials_key"] ?? "", section["grpc_credentials_value"] ?? "");
        if (key.Length == 0)
        {
            return null;
        }

        if (!GrpcChannels.IsKey(key.ToLowerInvariant()))
        {
            fault($"{section.Path}:grpc_credentials_key", $"'{key}' is not a name of metadata: letters, digits, and any of - _ .", "authorization");
            return null;
        }

        return IsHeaderValue(section.GetSection("grpc_credentials_value")) ? KeyValuePair.Create(key.ToLowerInvariant(), value) : null;
    }

    private Uri? Endpoint(IConfigurationSection section)
    {
        var text = section["endpoint"] ?? "";
        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp || IsOfGrpc(address)))
        {
            return address;
        }

        fault($"{section.Path}:endpoint", $"'{text}' is not an absolute http or https address, nor grpc://HOST:PORT", EndpointExample);
        return null;
    }

    private static bool IsOfGrpc(Uri address) =>
        address is { Scheme: ProxySettings.GrpcScheme, Host.Length: > 0, Port: > 0, PathAndQuery: "/" or "", UserInfo: "" };

    private TimeSpan Timeout(IConfigurationSection value, TimeSpan fallback)
    {
        var most = TimeSpan.FromMinutes(1);
        var timeout = _values.Duration(value, fallback);
        if (timeout > TimeSpan.Zero && timeout <= most)
        {
            return timeout;
        }

        fault(value.Path, $"'{value.Value}' is not a duration above 0 and up to {most.TotalSeconds} s", "1s");
        return fallback;
    }

    private string[] HeaderNames(IConfigurationSection value) => [.. SettingValues.List(value).Where(name => IsHeaderName(value.Path, name))];

    private Dictionary<string, string> StaticHeaders(IConfigurationSection value) =>
        value.GetChildren().Where(header => IsHeaderName(value.Path, header.Key) && IsHeaderValue(header))
            .ToDictionary(header => header.Key, header => header.Value ?? "", StringComparer.OrdinalIgnoreCase);

    private bool IsHeaderName(string setting, string name)
    {
        var isName = name.Length > 0 && !name.AsSpan().ContainsAnyExcept(NameCharacters);
        if (!isName)
        {
            fault(setting, $"'{name}' is not a header name", "Cookie");
        }

        return isName;
    }

    private bool IsHeaderValue(IConfigurationSection header)
    {
        var isValue = !(header.Value ?? "").AsSpan().ContainsAnyExceptInRange(' ', '~');
        if (!isValue)
        {
            fault(header.Path, "its value contains a character that is not allowed in a header", "text");
        }

        return isValue;
    }

    private Dictionary<int, StatusTransform> Transforms(IConfigurationSection value)
    {
        var transforms = new Dictionary<int, StatusTransform>();
        foreach (var section in value.GetChildren())
        {
            var status = _values.Number(section.GetSection("status_code"), most: 599);
            if (Error(section.GetSection("to_error")) is { } error)
            {
                transforms[status] = new(error, null);
            }
            else if (Disconnect(section.GetSection("to_disconnect")) is { } disconnect)
            {
                transforms[status] = new(null, disconnect);
            }
            else
            {
                fault(section.Path, "it needs to_error with a code above 0, or to_disconnect with a code from 3000 to 4999", $"{section.Path}:to_error:code=403");
            }
        }

        return transforms;
    }

    private ErrorCode? Error(IConfigurationSection section) => section.Exists()
        ? ErrorCode.Custom(
            _values.Number(section.GetSection("code"), int.MaxValue),
            section["message"] ?? "",
            section.GetSection("temporary") is var temporary && temporary.Exists() && _values.Flag(temporary))
        : null;

    private DisconnectCode? Disconnect(IConfigurationSection section) => section.Exists()
        ? DisconnectCode.Custom(_values.Number(section.GetSection("code"), int.MaxValue), section["reason"] ?? "")
        : null;
}
