using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Redis;
using Microsoft.Extensions.Configuration;

namespace ClawEvents.Broker.Tests.Configuration;

/// <summary>Faults of wrong settings.</summary>
internal sealed class BrokerOptionsFaultTests
{
    [TestCase("PORT", "65536")]
    [TestCase("PORT", "-1")]
    [TestCase("PORT", "http")]
    [TestCase("PORT", "80 ")]
    [TestCase("PORT", "99999999999999")]
    [TestCase("CLAW_HOST", "example.com")]
    [TestCase("CLAW_HOST", "999.0.0.1")]
    [TestCase("CLAW_DEV_MODE", "yes")]
    [TestCase("CLAW_DEV_MODE", "1")]
    [TestCase("JWT_SECRET", "too short")]
    [TestCase("MOLTBOOK_API_BASE", "ftp://profiles.example")]
    [TestCase("CLAWKEY_API_BASE", "ftp://keys.example")]
    [TestCase("CLAWKEY_API_BASE", "keys.example")]
    [TestCase("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317")]
    [TestCase("CLAWKEY_API_BASE", "/keys")]
    [TestCase("CLAWKEY_API_BASE", "https://keys.example?a=b")]
    [TestCase("CLAWKEY_API_BASE", "https://keys.example#a")]
    [TestCase("MaxMessageBytes", "1023")]
    [TestCase("MaxMessageBytes", "1048577")]
    [TestCase("MaxPayloadBytes", "0")]
    [TestCase("MaxRequestBytes", "10")]
    [TestCase("MaxChannelBytes", "256")]
    [TestCase("MaxChannelBytes", "15")]
    [TestCase("MaxSubscriptionsPerConnection", "0")]
    [TestCase("MaxQueuedBytes", "1.5")]
    [TestCase("MaxRecoveredPublications", "-1")]
    [TestCase("MaxRecoveredPublications", "1000001")]
    [TestCase("PublishesPerSecond", "-1")]
    [TestCase("PublishesPerSecond", "1000001")]
    [TestCase("PingSeconds", "3601")]
    [TestCase("InternalPort", "-1")]
    [TestCase("InternalHost", "here")]
    [TestCase("ServerApiExternal", "on")]
    [TestCase("TlsExternalOnly", "on")]
    [TestCase("Metrics", "yes")]
    [TestCase("MetricsPath", "metrics")]
    [TestCase("MetricsPath", "/met rics")]
    [TestCase("HealthPath", "/{health}")]
    [TestCase("HealthPath", "/")]
    [TestCase("AccessLog", "all")]
    [TestCase("MaxHistoryPublications", "0")]
    [TestCase("ConnectSeconds", "0")]
    [TestCase("AllowShortSecrets", "yes")]
    [TestCase("HttpStream", "on")]
    [TestCase("WebSocketPath", "ws")]
    [TestCase("SsePath", "/connection/websocket")]
    [TestCase("WebSocketCompressionMinBytes", "-1")]
    [TestCase("WebSocketCompressionLevel", "0")]
    [TestCase("UniWebSocketCompressionLevel", "10")]
    [TestCase("MaxConnections", "-1")]
    [TestCase("ConnectionsPerSecond", "0.5")]
    [TestCase("ShutdownSeconds", "0")]
    [TestCase("Logging:LogLevel:Default", "loud")]
    [TestCase("TokenSecret", "too short")]
    [TestCase("TokenPreviousSecretValidUntil", "tomorrow")]
    [TestCase("TokenPreviousSecretValidUntil", "-1")]
    [TestCase("TokenIssuerRegex", "(")]
    [TestCase("TokenAudienceRegex", "(a)\\1")]
    [TestCase("TokenJwksUrl", "ftp://id.example.com/keys")]
    [TestCase("TokenJwksUrl", "https://id.example.com/{{realm}}/keys")]
    [TestCase("SkipTokenSignatures", "1")]
    [TestCase("AllowUnboundProfileLogin", "yes")]
    [TestCase("TokenUserPrefix", "app:")]
    [TestCase("TokenUserPrefix", "app:shop-")]
    [TestCase("PongSeconds", "0")]
    [TestCase("PongSeconds", "25")]
    public void A_wrong_setting_is_one_fault_with_its_name_and_a_valid_example(string name, string value)
    {
        var fault = FaultsOf((name, value)).Single();

        var start = fault.IndexOf($"Example: {name}=", StringComparison.Ordinal);
        var example = fault[(start + $"Example: {name}=".Length)..].Replace("$(openssl rand -hex 32)", new string('a', 64), StringComparison.Ordinal);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(fault, Does.StartWith($"{name}: "));
            Assert.That(start, Is.Positive);
            Assert.That(FaultsOf((name, example)), Is.Empty);
        }
    }

    [TestCase("localhost:6379")]
    [TestCase("http://localhost:6379")]
    [TestCase("redis://")]
    [TestCase("redis://localhost:0")]
    [TestCase("redis://localhost:70000")]
    [TestCase("redis://localhost/db")]
    [TestCase("redis://localhost/-1")]
    [TestCase("redis://localhost/0/1")]
    [TestCase("redis://localhost/10000")]
    [TestCase("redis://localhost?db=1")]
    [TestCase("redis://hush@localhost")]
    [TestCase("redis://:@localhost")]
    [TestCase("redis://hush@localhost")]
    public void An_invalid_address_of_redis_is_a_fault_that_does_not_show_it(string url)
    {
        var fault = FaultsOf(("REDIS_URL", url), ("JWT_SECRET", new string('a', 64))).Single();

        Assert.That(fault, Is.EqualTo($"REDIS_URL: {RedisAddress.Rule}. Example: REDIS_URL=redis://localhost:6379"));
    }

    [Test]
    public void A_secret_is_required_with_redis()
    {
        Assert.That(FaultsOf(("REDIS_URL", "redis://localhost")).Single(), Does.StartWith("JWT_SECRET: it is required with REDIS_URL"));
    }

    [TestCase("UniSseConnectAnswers:0:code", "109")]
    [TestCase("UniHttpStreamConnectAnswers:0:to:status_code", "401")]
    public void An_answer_to_a_failed_connect_needs_a_code_and_a_status(string name, string value) =>
        Assert.That(FaultsOf((name, value)).Single(), Does.StartWith($"{name.Split(':')[0]}:0: it needs the code of an error or a disconnect"));

    [Test]
    public void A_group_of_any_text_in_the_address_of_keys_has_to_be_meant()
    {
        (string Name, string Value)[] settings = [("TokenJwksUrl", "https://id.example.com/{{realm}}/keys"), ("TokenIssuerRegex", "^https://id/(?P<realm>[a-z]+)$")];

        Assert.That(FaultsOf(settings).Single(), Does.StartWith("TokenJwksUrl: the group 'realm' matches any text of a form: "));
        Assert.That(FaultsOf([.. settings, ("TokenJwksAnyValue", "true")]), Is.Empty);
        Assert.That(FaultsOf(settings[0], ("TokenIssuerRegex", "^https://id/(?P<realm>one|two)$")), Is.Empty);
    }

    [TestCase("TlsCertificateFile")]
    [TestCase("TlsKeyFile")]
    public void A_missing_file_is_a_fault(string name)
    {
        var faults = FaultsOf((name, "/nowhere/tls.pem"));

        Assert.That(faults, Has.One.StartsWith($"{name}: ").And.One.Contains("/nowhere/tls.pem"));
    }

    [TestCase("TlsCertificateFile", "TlsKeyFile")]
    [TestCase("TlsKeyFile", "TlsCertificateFile")]
    public void A_certificate_and_its_key_come_together(string given, string missing)
    {
        var existing = typeof(BrokerOptionsFaultTests).Assembly.Location;

        var fault = FaultsOf((given, existing)).Single();

        Assert.That(fault, Does.StartWith($"{missing}: ").And.Contains(given));
    }

    [TestCase("hush\nhush")]
    public void The_text_of_a_key_in_place_of_its_path_is_not_shown(string text)
    {
        var fault = FaultsOf(("TlsKeyFile", text), ("TlsCertificateFile", typeof(BrokerOptionsFaultTests).Assembly.Location)).Single();

        Assert.That(fault, Does.StartWith("TlsKeyFile: it is neither the path of a PEM file nor PEM").And.Not.Contain("hush"));
    }

    [Test]
    public void The_example_of_an_unknown_option_is_a_setting_that_can_be_used()
    {
        var faults = FaultsOf(("Namespaces:0:name", "chat"), ("Namespaces:0:presense", "true"), ("Proxies:b:endpoint", "http://x"), ("Proxies:b:tls", "true"));

        Assert.That(faults, Is.EqualTo(new[]
        {
            "Proxies:b:tls: unknown option. Example: Proxies:b:timeout=1s",
            "Namespaces:0:presense: unknown option; did you mean presence? Example: Namespaces:0:history_size=100",
        }));
    }

    [Test]
    public void All_wrong_settings_are_reported_together()
    {
        var faults = FaultsOf(("PORT", "x"), ("CLAW_HOST", "y"), ("MaxQueuedBytes", "z"));

        Assert.That(faults, Has.Count.EqualTo(3));
    }

    [Test]
    public void The_value_of_a_secret_is_never_shown()
    {
        var faults = FaultsOf(("JWT_SECRET", "hush-hush"), ("CENTRIFUGO_API_KEY", "hush-hush"), ("PORT", "x"));

        Assert.That(faults, Has.Count.EqualTo(2));
        Assert.That(faults, Has.None.Contains("hush"));
    }

    [TestCase("31 bytes are one too few: ......", true)]
    [TestCase("31 bytes are one too few: .....", false)]
    [TestCase("sixteen é: éééééééééé", true)]
    public void The_least_length_of_the_secret_is_counted_in_bytes(string secret, bool isEnough)
    {
        Assert.That(FaultsOf(("JWT_SECRET", secret)), Has.Count.EqualTo(isEnough ? 0 : 1));
    }

    [Test]
    public void The_least_ping_interval_that_is_accepted_can_be_used()
    {
        var fault = FaultsOf(("PingSeconds", "1"));

        Assert.That(fault, Is.Empty.Or.One.StartsWith("PingSeconds: "));
    }

    [TestCase("https://{a,b.example")]
    [TestCase("https://a}.example")]
    [TestCase("https://[a.example")]
    [TestCase("https://[].example")]
    public void An_invalid_origin_pattern_is_a_fault(string pattern)
    {
        var faults = FaultsOf(("AllowedOrigins", pattern));

        Assert.That(faults, Has.One.StartsWith("AllowedOrigins: "));
    }

    private static IReadOnlyList<string> FaultsOf(params (string Name, string Value)[] settings)
    {
        var reader = new BrokerOptionsReader(new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create<string, string?>(setting.Name, setting.Value)))
            .Build());
        reader.Read();
        return reader.Faults;
    }
}
