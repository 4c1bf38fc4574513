using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Configuration;

[Checklist(175)]
internal sealed partial class CentrifugoConfigurationTests
{
    private const string Version5 = """
        {
          "port": 9000, "address": "", "api_key": "the-key", "allowed_origins": ["https://a.example", "https://b.example"],
          "token_hmac_secret_key": "0123456789abcdef0123456789abcdef", "ping_interval": "30s", "pong_timeout": "10s", "client_channel_limit": 5,
          "client_queue_max_size": 5000, "client_recovery_max_publication_limit": 700, "client_insecure": true, "channel_max_length": 100, "websocket_message_size_limit": 2048,
          "tls": true, "tls_cert": "/tls.pem", "tls_key": "/key.pem", "global_history_meta_ttl": "48h",
          "presence": true, "allow_subscribe_for_client": true,
          "namespaces": [{"name": "chat", "history_size": 10, "history_ttl": "60s"}],
          "debug": true, "debug_handler_prefix": "secret"
        }
        """;

    private const string Version6 = """
        {
          "http_server": {"port": 9000, "address": "", "tls": {"enabled": true, "cert_pem": "/tls.pem", "key_pem": "/key.pem"}}, "http_api": {"key": "the-key"},
          "client": {
            "allowed_origins": ["https://a.example", "https://b.example"], "token": {"hmac_secret_key": "0123456789abcdef0123456789abcdef"},
            "ping_interval": "30s", "pong_timeout": "10s", "channel_limit": 5, "queue_max_size": 5000, "recovery_max_publication_limit": 700, "insecure": true
          },
          "channel": {
            "max_length": 100, "history_meta_ttl": "48h", "without_namespace": {"presence": true, "allow_subscribe_for_client": true},
            "namespaces": [{"name": "chat", "history_size": 10, "history_ttl": "60s"}]
          },
          "websocket": {"message_size_limit": 2048}, // a comment
          "debug": {"enabled": true, "handler_prefix": "secret"}
        }
        """;

    private const string Version5Yaml = """
        # a comment
        port: 9000
        address: ""
        api_key: the-key
        allowed_origins: ["https://a.example", "https://b.example"]
        token_hmac_secret_key: 0123456789abcdef0123456789abcdef
        ping_interval: 30s
        pong_timeout: 10s
        client_channel_limit: 5
        client_queue_max_size: 5000
        client_recovery_max_publication_limit: 700
        client_insecure: true
        channel_max_length: 100
        websocket_message_size_limit: 2048
        tls: true
        tls_cert: /tls.pem
        tls_key: /key.pem
        global_history_meta_ttl: 48h
        presence: true
        allow_subscribe_for_client: true
        namespaces:
        - name: chat
          history_size: 10
          history_ttl: 60s
        debug: true
        debug_handler_prefix: secret
        """;

    private const string Version6Yaml = """
        ---
        http_server: {port: 9000, address: '', tls: {enabled: true, cert_pem: /tls.pem, key_pem: /key.pem}}
        http_api:
          key: the-key
        client:
          allowed_origins:
            - https://a.example
            - https://b.example
          token: {hmac_secret_key: "0123456789abcdef0123456789abcdef"}
          ping_interval: 30s
          pong_timeout: 10s
          channel_limit: 5
          queue_max_size: 5000
          recovery_max_publication_limit: 700
          insecure: True
        channel:
          max_length: 100
          history_meta_ttl: 48h
          without_namespace: {presence: true, allow_subscribe_for_client: true}
          namespaces:
            - {name: chat, history_size: 10, history_ttl: 60s}
        websocket:
          message_size_limit: 2048
        debug: {enabled: true, handler_prefix: secret}
        """;

    private const string Version6Toml = """
        # a comment
        [http_server]
        port = 9000
        address = ""
        tls = { enabled = true, cert_pem = "/tls.pem", key_pem = '/key.pem' }

        [http_api]
        key = "the-key"

        [client]
        allowed_origins = ["https://a.example", "https://b.example"]
        token.hmac_secret_key = "0123456789abcdef0123456789abcdef"
        ping_interval = "30s"
        pong_timeout = "10s"
        channel_limit = 5
        queue_max_size = 5_000
        recovery_max_publication_limit = 700
        insecure = true

        [channel]
        max_length = 100
        history_meta_ttl = "48h"

        [channel.without_namespace]
        presence = true
        allow_subscribe_for_client = true

        [[channel.namespaces]]
        name = "chat"
        history_size = 10
        history_ttl = "60s"

        [websocket]
        message_size_limit = 2048

        [debug]
        enabled = true
        handler_prefix = "secret"
        """;

    private static readonly Dictionary<string, string?> Ours = new()
    {
        ["PORT"] = "9000",
        ["CLAW_HOST"] = "*",
        ["AllowAnonymous"] = "false",
        ["HttpStream"] = "false",
        ["Sse"] = "false",
        ["UniWebSocket"] = "false",
        ["UniHttpStream"] = "false",
        ["UniSse"] = "false",
        ["ConnectionInit"] = "false",
        ["CENTRIFUGO_API_KEY"] = "the-key",
        ["AllowedOrigins"] = "https://a.example https://b.example",
        ["JWT_SECRET"] = "0123456789abcdef0123456789abcdef",
        ["PingSeconds"] = "30",
        ["PongSeconds"] = "10",
        ["MaxSubscriptionsPerConnection"] = "5",
        ["MaxQueuedBytes"] = "5000",
        ["MaxRecoveredPublications"] = "700",
        ["ClientInsecure"] = "true",
        ["MaxChannelBytes"] = "100",
        ["MaxMessageBytes"] = "2048",
        ["TlsCertificateFile"] = "/tls.pem",
        ["TlsKeyFile"] = "/key.pem",
        ["WithoutNamespace:presence"] = "True",
        ["WithoutNamespace:allow_subscribe_for_client"] = "True",
        ["WithoutNamespace:history_meta_ttl"] = "48h",
        ["Namespaces:0:name"] = "chat",
        ["Namespaces:0:history_size"] = "10",
        ["Namespaces:0:history_ttl"] = "60s",
        ["Namespaces:0:history_meta_ttl"] = "48h",
    };

    private static readonly Dictionary<string, string> NoVariables = [];
    private static readonly CentrifugoFlags NoFlags = new([]);

    [TestCase(Version5, "json", "debug debug_handler_prefix")]
    [TestCase(Version6, "json", "debug.enabled debug.handler_prefix")]
    [TestCase(Version6, "conf", "debug.enabled debug.handler_prefix")]
    [TestCase(Version5Yaml, "yml", "debug debug_handler_prefix")]
    [TestCase(Version6Yaml, "yaml", "debug.enabled debug.handler_prefix")]
    [TestCase(Version6Toml, "TOML", "debug.enabled debug.handler_prefix")]
    public void A_file_of_either_version_becomes_the_same_settings_and_the_rest_is_named(string text, string ending, string ignored)
    {
        using var folder = new TemporaryFolder();

        var centrifugo = CentrifugoConfiguration.Read(Write(folder, text, ending), NoVariables, NoFlags);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(centrifugo.Settings, Is.EquivalentTo(Ours));
            Assert.That(centrifugo.Leftovers.Select(setting => setting.Name), Is.EqualTo(ignored.Split(' ')));
        }
    }

    [TestCase("CENTRIFUGO_HTTP_SERVER_PORT")]
    [TestCase("CENTRIFUGO_PORT")]
    public void A_variable_overrides_the_file(string variable)
    {
        using var folder = new TemporaryFolder();

        var centrifugo = CentrifugoConfiguration.Read(Write(folder, Version6), new Dictionary<string, string> { [variable] = "9001" }, NoFlags);

        Assert.That(centrifugo.Settings["PORT"], Is.EqualTo("9001"));
    }

    [Test]
    public void A_flag_overrides_a_variable()
    {
        var centrifugo = CentrifugoConfiguration.Read(
            null, new Dictionary<string, string> { ["CENTRIFUGO_HTTP_SERVER_PORT"] = "9001", ["CENTRIFUGO_CLIENT_CHANNEL_LIMIT"] = "7" }, new CentrifugoFlags(["--port", "9002"]));

        Assert.That(centrifugo.Settings, Is.EquivalentTo(new Dictionary<string, string?> { ["PORT"] = "9002", ["MaxSubscriptionsPerConnection"] = "7" }));
    }

    [Test]
    public void Settings_for_operators_are_translated()
    {
        using var folder = new TemporaryFolder();
        var file = Write(folder, """
            {
              "http_server": {"internal_port": 9100, "internal_address": "127.0.0.1", "tls_external": true}, "http_api": {"external": true},
              "admin": {"enabled": true, "password": "secret"}, "prometheus": {"enabled": true, "handler_prefix": "/figures"}, "health": {"handler_prefix": "/well"}, "shutdown": {"timeout": "30s"},
              "client": {"connection_limit": 1000, "connection_rate_limit": 50}, "log": {"level": "warn"}
            }
            """);

        var centrifugo = CentrifugoConfiguration.Read(file, NoVariables, NoFlags);

        Assert.That(centrifugo.Leftovers, Is.Empty);
        Assert.That(centrifugo.Settings.Where(pair => pair.Value is not "false"), Is.EquivalentTo(new Dictionary<string, string?>
        {
            ["InternalPort"] = "9100",
            ["InternalHost"] = "127.0.0.1",
            ["TlsExternalOnly"] = "true",
            ["ServerApiExternal"] = "true",
            ["Metrics"] = "true",
            ["MetricsPath"] = "/figures",
            ["Admin"] = "true",
            ["AdminPassword"] = "secret",
            ["HealthPath"] = "/well",
            ["ShutdownSeconds"] = "30",
            ["MaxConnections"] = "1000",
            ["ConnectionsPerSecond"] = "50",
            ["Logging:LogLevel:Default"] = "Warning",
        }));
    }

    [TestCase("""{"channel":{"namespace_boundary":"/","private_prefix":"!","user_boundary":"","user_separator":";"},"rpc":{"namespace_boundary":"."}}""")]
    [TestCase("""{"channel_namespace_boundary":"/","channel_private_prefix":"!","channel_user_boundary":"","channel_user_separator":";","rpc_namespace_boundary":"."}""")]
    public void The_parts_of_names_are_translated_and_an_empty_one_is_none(string json) => AssertSettings(
        json, "NamespaceBoundary=/", "PrivateChannelPrefix=!", "UserBoundary=none", "UserSeparator=;", "RpcNamespaceBoundary=.");

    [TestCase("""{"http_server":{"tls":{"enabled":true,"cert_pem":"/a","key_pem":"/b","client_ca_pem":"/c"},"internal_tls":{"enabled":true,"cert_pem":"/d","key_pem":"/e","client_ca_pem":"/f"}}}""")]
    [TestCase("""{"tls":true,"tls_cert":"/a","tls_key":"/b","tls_client_ca":"/c","internal_tls":true,"internal_tls_cert":"/d","internal_tls_key":"/e","internal_tls_client_ca":"/f"}""")]
    public void TLS_of_both_ports_and_of_their_clients_is_translated(string json) => AssertSettings(
        json, "TlsCertificateFile=/a", "TlsKeyFile=/b", "TlsClientAuthorityFile=/c", "InternalTlsCertificateFile=/d", "InternalTlsKeyFile=/e", "InternalTlsClientAuthorityFile=/f");

    [TestCase("""{"http_server":{"tls_autocert":{"enabled":true,"host_whitelist":["a.example","b.example"],"cache_dir":"/c","email":"e","server_name":"a.example","http":true,"http_addr":"127.0.0.1:8080"}}}""")]
    [TestCase("""{"tls_autocert":true,"tls_autocert_host_whitelist":["a.example","b.example"],"tls_autocert_cache_dir":"/c","tls_autocert_email":"e","tls_autocert_server_name":"a.example","tls_autocert_http":true,"tls_autocert_http_addr":"127.0.0.1:8080"}""")]
    public void Certificates_that_the_broker_gets_itself_are_translated(string json) => AssertSettings(
        json, "AcmeHosts=a.example b.example", "AcmeFolder=/c", "AcmeEmail=e", "AcmeServerName=a.example", "AcmeHttpPort=8080", "AcmeHttpHost=127.0.0.1");

    [TestCase("""{"http_server":{"internal_tls":{"cert_pem":"/d","key_pem":"/e"}}}""")]
    [TestCase("""{"http_server":{"internal_tls":{"enabled":false,"cert_pem":"/d","key_pem":"/e"}}}""")]
    public void TLS_of_the_internal_port_has_to_be_switched_on(string json) => AssertSettings(json);

    [Test]
    public void Limits_and_paths_and_files_are_translated() => AssertSettings(
        """
        {
          "uni_websocket":{"compression":true,"message_size_limit":2048,"disable_disconnect_push":true,"disable_closing_handshake":true},
          "http_stream":{"max_request_body_size":2048},"emulation":{"max_request_body_size":4096},"websocket":{"decompressed_message_size_limit":100000},
          "client":{"presence_update_interval":"30s","channel_position_check_delay":"1m","connect_code_to_unidirectional_disconnect":{"enabled":true,"transforms":[{"code":109,"to":{"code":4001,"reason":"again"}}]}},
          "http_api":{"handler_prefix":"/centrifugo/api"},"admin":{"handler_prefix":"/console","external":true},"swagger":{"enabled":true},"opentelemetry":{"enabled":true},
          "log":{"file":"/tmp/log"},"pid_file":"/tmp/pid","node":{"name":"one"}
        }
        """,
        "UniWebSocketCompression=true",
        "UniWebSocketMaxMessageBytes=2048",
        "UniWebSocketDisconnectPush=false",
        "UniWebSocketClosingHandshake=false",
        "HttpStreamMaxRequestBytes=2048",
        "EmulationMaxRequestBytes=4096",
        "WebSocketDecompressedMaxBytes=100000",
        "PresenceSeconds=30",
        "PositionCheckSeconds=60",
        "UniDisconnects:0:code=109",
        "UniDisconnects:0:to:code=4001",
        "UniDisconnects:0:to:reason=again",
        "ServerApiPath=/centrifugo/api",
        "AdminPath=/console",
        "AdminExternal=true",
        "ApiPagePath=/swagger",
        "OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318",
        "LogFile=/tmp/log",
        "PidFile=/tmp/pid",
        "NodeName=one");

    [TestCase("""{"graphite":{"enabled":true,"host":"g","port":2004,"prefix":"p","interval":"15s","tags":true}}""", "g 2004 p 15 true")]
    [TestCase("""{"graphite":true,"graphite_host":"g","graphite_port":2004,"graphite_prefix":"p","graphite_interval":"1m","graphite_tags":false}""", "g 2004 p 60 false")]
    [TestCase("""{"graphite":{"enabled":true}}""", "localhost 2003 centrifugo 10 false")]
    public void Graphite_is_translated_with_the_defaults_of_a_Centrifugo(string json, string values)
    {
        var parts = values.Split(' ');

        AssertSettings(json, $"GraphiteHost={parts[0]}", $"GraphitePort={parts[1]}", $"GraphitePrefix={parts[2]}", $"GraphiteSeconds={parts[3]}", $"GraphiteTags={parts[4]}");
    }

    [TestCase("""{"websocket":{"write_timeout":"1500ms"},"uni_websocket":{"write_timeout":"2s"}}""")]
    [TestCase("""{"websocket_write_timeout":"1500ms","uni_websocket_write_timeout":"2s"}""")]
    public void Time_limits_of_writes_are_translated(string json) => AssertSettings(json, "WebSocketWriteMilliseconds=1500", "UniWebSocketWriteMilliseconds=2000");

    [Test]
    public void Answers_to_a_connect_that_fails_are_translated_with_500_for_all_others() => AssertSettings(
        """
        {
          "uni_sse":{"connect_code_to_http_response":{"enabled":true,"transforms":[{"code":404,"to":{"status_code":403,"body":"no"}}]}},
          "uni_http_stream":{"connect_code_to_http_response":{"enabled":false}},
          "websocket":{"compression_level":9},"uni_websocket":{"compression_level":2,"compression_min_size":100,"decompressed_message_size_limit":5000}
        }
        """,
        "UniSseConnectAnswers:0:code=404",
        "UniSseConnectAnswers:0:to:status_code=403",
        "UniSseConnectAnswers:0:to:body=no",
        "UniSseConnectAnswers:1:code=0",
        "UniSseConnectAnswers:1:to:status_code=500",
        "UniSseConnectAnswers:1:to:body=Internal Server Error",
        "WebSocketCompressionLevel=9",
        "UniWebSocketCompressionLevel=2",
        "UniWebSocketCompressionMinBytes=100",
        "UniWebSocketDecompressedMaxBytes=5000");

    [TestCase("""{"http_api":{"key":"k","insecure":true,"disabled":true}}""")]
    [TestCase("""{"api_key":"k","api_disable":true}""")]
    [TestCase("""{"http_server":{"tls":{"enabled":false,"cert_pem":"/a","key_pem":"/b"}}}""")]
    [TestCase("""{"tls":false,"tls_cert":"/a","tls_key":"/b"}""")]
    public void Settings_that_are_switched_off_are_not_translated(string json)
    {
        using var folder = new TemporaryFolder();

        var centrifugo = CentrifugoConfiguration.Read(Write(folder, json), NoVariables, NoFlags);

        Assert.That(centrifugo.Leftovers, Is.Empty);
        Assert.That(centrifugo.Settings.Where(pair => pair.Value is not "false"), Is.Empty);
    }

    [Test]
    public void A_variable_can_switch_off_a_setting_of_the_file()
    {
        using var folder = new TemporaryFolder();
        var file = Write(folder, """{"http_api":{"key":"k"},"http_server":{"tls":{"enabled":true,"cert_pem":"/a","key_pem":"/b"}}}""");

        var centrifugo = CentrifugoConfiguration.Read(file, new Dictionary<string, string> { ["CENTRIFUGO_HTTP_API_DISABLED"] = "true" }, NoFlags);

        Assert.That(centrifugo.Leftovers, Is.Empty);
        Assert.That(centrifugo.Settings.Where(pair => pair.Value is not "false").Select(pair => pair.Key), Is.EquivalentTo(new[] { "TlsCertificateFile", "TlsKeyFile" }));
    }

    [Test]
    public void Unknown_variables_and_flags_are_named()
    {
        var centrifugo = CentrifugoConfiguration.Read(
            null, new Dictionary<string, string> { ["CENTRIFUGO_DEBUG_ENABLED"] = "x", ["HOME"] = "/" }, new CentrifugoFlags(["--debug.enabled", "--debug=x"]));

        Assert.That(centrifugo.Leftovers.Select(setting => setting.Name), Is.EqualTo(new[] { "CENTRIFUGO_DEBUG_ENABLED", "--debug.enabled", "--debug" }));
    }

    [Test]
    public void Nothing_is_set_without_a_file_and_variables()
    {
        var centrifugo = CentrifugoConfiguration.Read(null, NoVariables, NoFlags);

        Assert.That(centrifugo.Settings.Count + centrifugo.Leftovers.Count, Is.Zero);
    }

    [TestCase("port: 8000\n", "json", "line 1: invalid JSON")]
    [TestCase("{\n\n\"a\":1\n", "json", "line 4: invalid JSON")]
    [TestCase("a: 1\nb: [\n", "yaml", "line 3: invalid YAML")]
    [TestCase("port = 1\nport = 2\n", "toml", "line 2: invalid TOML")]
    public void A_file_that_does_not_match_its_extension_is_refused_with_its_line(string text, string ending, string fault)
    {
        using var folder = new TemporaryFolder();

        Assert.That(() => CentrifugoConfiguration.Read(Write(folder, text, ending), NoVariables, NoFlags), Throws.TypeOf<FormatException>().With.Message.StartsWith(fault));
    }

    [TestCase("json", """{"port":1,"Port":2}""")]
    [TestCase("yaml", "port: 1\nPort: 2\n")]
    [TestCase("toml", "port = 1\nPort = 2\n")]
    public void A_duplicate_key_is_refused_whatever_its_case(string ending, string text)
    {
        using var folder = new TemporaryFolder();

        Assert.That(() => CentrifugoConfiguration.Read(Write(folder, text, ending), NoVariables, NoFlags), Throws.TypeOf<FormatException>().With.Message.Contains("ort"));
    }

    [Test]
    public void A_variable_that_is_not_JSON_is_refused_with_a_reason() => Assert.That(
        () => CentrifugoConfiguration.Read(null, new Dictionary<string, string> { ["CENTRIFUGO_NAMESPACES"] = "[chat" }, NoFlags),
        Throws.TypeOf<FormatException>().With.Message.Contains("CENTRIFUGO_CHANNEL_NAMESPACES"));

    // Apart from those that any file sets.
    private static void AssertSettings(string json, params string[] expected)
    {
        using var folder = new TemporaryFolder();
        var usual = CentrifugoConfiguration.Read(Write(folder, "{}"), NoVariables, NoFlags).Settings;
        var centrifugo = CentrifugoConfiguration.Read(Write(folder, json), NoVariables, NoFlags);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(centrifugo.Settings.Where(pair => usual.GetValueOrDefault(pair.Key) != pair.Value).Select(pair => $"{pair.Key}={pair.Value}"), Is.EquivalentTo(expected));
            Assert.That(centrifugo.Leftovers, Is.Empty);
        }
    }

    private static string Write(TemporaryFolder folder, string text, string ending = "json")
    {
        var path = Path.Combine(folder.Path, $"config.{ending}");
        File.WriteAllText(path, text);
        return path;
    }
}
