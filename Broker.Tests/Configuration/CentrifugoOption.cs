using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Configuration;

/// <summary>An option of Centrifugo 6.9, as its public types name it; <c>[]</c> follows the name of a list.</summary>
/// <param name="Kind">flag, number, duration, text, pem, list or map.</param>
internal sealed partial record CentrifugoOption(string Name, string Kind)
{
    // Options whose value decides whether anything changes.
    private static readonly (string Ending, JsonNode Value)[] Values =
    [
        ("map_broker.type", "redis"), ("broker.type", "redis"), ("engine.type", "redis"), ("presence_manager.type", "redis"), ("controller.type", "postgres"), ("consumers[].type", "redis_stream"), ("consumers[].enabled", true),
        ("subscription_type", "map"), ("log.level", "warn"), ("publication_data_format", "json"), ("force_recovery_mode", "cache"), ("deliver_policy", "all"),
        (".name", "other"), ("cluster_address", new JsonArray("a.example:7")), ("sentinel_address", new JsonArray("a.example:7")), ("redis.address", new JsonArray("a.example:7")),
        ("allowed_delta_types", new JsonArray("fossil")), ("handler_prefix", "/other"), ("error_mode", "transport"), (".endpoint", "https://other.example"), ("_boundary", "/"), ("_separator", ";"),
    ];

    /// <summary>All of them, in the order of their names.</summary>
    public static IReadOnlyList<CentrifugoOption> All { get; } =
    [
        .. from line in File.ReadLines(Path.Combine(RunningProcess.SolutionFolder, "Broker.Tests/Configuration/centrifugo-6.9-settings.txt"))
           let parts = line.Split(' ')
           select new CentrifugoOption(parts[0], parts[1]),
    ];

    /// <summary>Whether Centrifugo itself makes no use of it: one type describes the TLS of servers and of clients, and no command goes to its client for replicas.</summary>
    public bool IsIdle => IsOfServerTls ? ClientSide().IsMatch(Name) : Name.EndsWith("tls.client_ca_pem", StringComparison.Ordinal) || Name.EndsWith("replica_client.enabled", StringComparison.Ordinal);

    /// <summary>A value other than the default.</summary>
    public JsonNode Value => Values.FirstOrDefault(one => Name.EndsWith(one.Ending, StringComparison.Ordinal)).Value?.DeepClone() ?? Kind switch
    {
        "flag" => true,
        "number" => 7,
        "duration" => "7s",
        "pem" => "/other.pem",
        "list" => new JsonArray("x7"),
        "map" => new JsonObject { ["x7"] = "y" },
        _ => "x7",
    };

    /// <summary>What has to be said beside it, so that it means anything.</summary>
    public IEnumerable<(string Path, JsonNode Value)> Context => Needed().Where(one => one.Path != Name);

    private bool IsOfServerTls => ServerTls().IsMatch(Name);

    private IEnumerable<(string Path, JsonNode Value)> Needed()
    {
        if (Proxy().Match(Name) is { Success: true } proxy)
        {
            yield return ($"{proxy.Value}endpoint", Name.Contains(".grpc", StringComparison.Ordinal) ? "grpc://b.example:1" : "https://b.example");
            yield return (proxy.Value == "proxies[]." ? "proxies[].name" : $"{proxy.Value}timeout", "1s");
        }

        if (Name.Contains("namespaces[]", StringComparison.Ordinal))
        {
            yield return ($"{Name[..(Name.IndexOf(']', StringComparison.Ordinal) + 1)]}.name", "chat");
        }

        if (Consumer().Match(Name) is { Success: true } consumer)
        {
            yield return ("consumers[].name", "jobs");
            yield return ("consumers[].enabled", true);
            yield return ("consumers[].type", consumer.Groups[1].Value is { } section && Name.Count('.') > 1 ? section : "postgresql");
        }

        if (Engine().Match(Name) is { Success: true } engine)
        {
            yield return ($"{engine.Groups[1]}.enabled", true);
            yield return ($"{engine.Groups[1]}.type", engine.Groups[2].Value);
        }

        if (Name.Contains(".sentinel_", StringComparison.Ordinal))
        {
            yield return ($"{Name[..Name.IndexOf("sentinel_", StringComparison.Ordinal)]}sentinel_address", new JsonArray("s.example:1"));
        }

        // A user's name alone opens no door.
        if (Name.EndsWith("redis.user", StringComparison.Ordinal) || Name.EndsWith("redis_stream.user", StringComparison.Ordinal))
        {
            yield return (Name.Replace(".user", ".password", StringComparison.Ordinal), "secret");
        }

        foreach (var one in Siblings())
        {
            yield return one;
        }
    }

    private IEnumerable<(string Path, JsonNode Value)> Siblings()
    {
        if (Tls().Match(Name) is { Success: true } tls)
        {
            yield return ($"{tls.Value}enabled", true);
            yield return ($"{tls.Value}cert_pem", "/a.pem");
            yield return ($"{tls.Value}key_pem", "/a.key");
            if (tls.Value == "http_server.internal_tls.")
            {
                yield return ("http_server.internal_port", "9000");
            }
        }

        if (Name.Contains("transforms[].", StringComparison.Ordinal))
        {
            var list = Name[..(Name.IndexOf("[]", StringComparison.Ordinal) + 3)];
            yield return ($"{list}code", 1);
        }

        foreach (var (start, path, value) in Switches)
        {
            if (Name.StartsWith(start, StringComparison.Ordinal))
            {
                yield return (path, value.DeepClone());
            }
        }

        if (Name.EndsWith("_proxy_name", StringComparison.Ordinal) || Name.EndsWith("_proxy_bidirectional", StringComparison.Ordinal))
        {
            yield return ($"{Name[..Name.LastIndexOf('_')]}_enabled", true);
        }
    }

    private static readonly (string Start, string Path, JsonNode Value)[] Switches =
    [
        ("http_api.disabled", "http_api.key", "k"), ("channel.history_meta_ttl", "channel.without_namespace.presence", true), ("channel.publication_data_format", "channel.without_namespace.presence", true),
        ("broker.type", "broker.enabled", true), ("broker.enabled", "broker.type", "redis"), ("presence_manager.type", "presence_manager.enabled", true), ("presence_manager.enabled", "presence_manager.type", "redis"), ("controller.type", "controller.enabled", true),
        ("client.connect_code_to_unidirectional_disconnect.enabled", "client.connect_code_to_unidirectional_disconnect.transforms[].to.code", 4001), ("rpc.ping.method", "rpc.ping.enabled", true), ("rpc.without_namespace.", "rpc.without_namespace.proxy_enabled", true),
        ("rpc.namespaces[].", "rpc.namespaces[].proxy_enabled", true), ("http_server.tls_autocert.", "http_server.tls_autocert.enabled", true), ("http_server.tls_autocert.", "http_server.tls_autocert.host_whitelist", new JsonArray("a.example")), ("http_server.tls_autocert.http_addr", "http_server.tls_autocert.http", true),
        ("client.subscribe_to_user_personal_channel.", "client.subscribe_to_user_personal_channel.enabled", true), ("graphite.", "graphite.enabled", true), ("swagger.", "swagger.enabled", true),
        ("opentelemetry.", "opentelemetry.enabled", true), ("webtransport.", "webtransport.enabled", true), ("debug.", "debug.enabled", true),
        ("client.connect_code_to_unidirectional_disconnect.", "client.connect_code_to_unidirectional_disconnect.enabled", true),
        ("uni_sse.connect_code_to_http_response.", "uni_sse.connect_code_to_http_response.enabled", true),
        ("uni_http_stream.connect_code_to_http_response.", "uni_http_stream.connect_code_to_http_response.enabled", true),
        ("client.subscription_token.", "client.subscription_token.enabled", true),
    ];

    [GeneratedRegex(@"\A(client\.proxy\.\w+|channel\.proxy\.\w+|rpc\.proxy|proxies\[\])\.", RegexOptions.CultureInvariant)]
    private static partial Regex Proxy();

    [GeneratedRegex(@"\Aconsumers\[\]\.(\w+)", RegexOptions.CultureInvariant)]
    private static partial Regex Consumer();

    [GeneratedRegex(@"\A(engine|broker|presence_manager|map_broker|controller)\.(redis|nats|postgres|redisnats)\.", RegexOptions.CultureInvariant)]
    private static partial Regex Engine();

    [GeneratedRegex(@"\A.*tls\.(?=\w+\z)", RegexOptions.CultureInvariant)]
    private static partial Regex Tls();

    [GeneratedRegex(@"\A(http_server\.(internal_)?tls|grpc_api\.tls|uni_grpc\.tls)\.", RegexOptions.CultureInvariant)]
    private static partial Regex ServerTls();

    [GeneratedRegex(@"\.(server_ca_pem|insecure_skip_verify|server_name)\z", RegexOptions.CultureInvariant)]
    private static partial Regex ClientSide();
}
