using System.Net;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Identity.Tokens;
using Microsoft.Extensions.Configuration;

namespace ClawEvents.Broker.Tests.Configuration;

internal sealed class BrokerOptionsReaderTests
{
    [Test]
    public void Without_settings_everything_has_its_default()
    {
        var options = Read(out var faults);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(faults, Is.Empty);
            Assert.That(options, Is.EqualTo(new BrokerOptions { Connections = new() { AllowedOrigins = options.Connections.AllowedOrigins }, Namespaces = options.Namespaces, Identity = new() { ClientTokens = options.Identity.ClientTokens } }));
            Assert.That(options.Connections.AllowedOrigins, Is.Empty);
            Assert.That(options.Identity.ClientTokens, Is.EqualTo(new TokenSettings { IncludesOwnSecret = true }));
            Assert.That((options.Listeners.Port, options.Listeners.Host), Is.EqualTo((8080, "localhost")));
            Assert.That((options.Identity.JwtSecret, options.Api.ServerApiKey, options.Api.DevMode), Is.EqualTo(((string?)null, (string?)null, false)));
            Assert.That((options.Connections.MaxMessageBytes, options.Publishing.MaxPayloadBytes, options.Publishing.PublishesPerSecond), Is.EqualTo((65536, 16384, 5)));
            Assert.That((options.Connections.PingInterval, options.Connections.PongTimeout), Is.EqualTo((TimeSpan.FromSeconds(25), TimeSpan.FromSeconds(8))));
        }
    }

    [Test]
    public void Every_setting_is_read()
    {
        var options = Read(
            out var faults,
            ("PORT", "0"), ("CLAW_HOST", "*"), ("CLAW_DEV_MODE", "true"), ("JWT_SECRET", "0123456789abcdef0123456789abcdef"),
            ("CENTRIFUGO_API_KEY", "key"), ("CLAW_DATA_DIR", "/data"), ("AllowedOrigins", "https://a.example; https://*.b.example  *"),
            ("MaxMessageBytes", "2048"), ("MaxPayloadBytes", "100"), ("MaxRequestBytes", "4096"), ("MaxChannelBytes", "64"),
            ("MaxSubscriptionsPerConnection", "3"), ("MaxQueuedBytes", "5000"), ("MaxRecoveredPublications", "0"), ("MaxHistoryPublications", "20"), ("ConnectSeconds", "3"), ("PublishesPerSecond", "7"), ("PingSeconds", "30"), ("PongSeconds", "10"),
            ("InternalPort", "0"), ("InternalHost", "127.0.0.1"), ("ServerApiExternal", "true"), ("TlsExternalOnly", "true"), ("Metrics", "true"),
            ("MetricsPath", "/a/b/"), ("HealthPath", "/well"), ("AccessLog", "true"), ("MaxConnections", "9"), ("ConnectionsPerSecond", "8"), ("ShutdownSeconds", "7"));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(faults, Is.Empty);
            Assert.That((options.Listeners.Port, options.Listeners.Host, ListenerOptions.AddressOf(options.Listeners.Host), options.Api.DevMode), Is.EqualTo((0, "*", IPAddress.IPv6Any, true)));
            Assert.That((options.Identity.JwtSecret, options.Api.ServerApiKey, options.State.DataFolder), Is.EqualTo(("0123456789abcdef0123456789abcdef", "key", "/data")));
            Assert.That(options.Connections.AllowedOrigins, Is.EqualTo(new[] { "https://a.example", "https://*.b.example", "*" }));
            Assert.That((options.Connections.MaxMessageBytes, options.Publishing.MaxPayloadBytes, options.Listeners.MaxRequestBytes), Is.EqualTo((2048, 100, 4096)));
            Assert.That((options.MaxChannelBytes, options.Connections.MaxSubscriptionsPerConnection, options.Connections.MaxQueuedBytes, options.Connections.MaxRecoveredPublications), Is.EqualTo((64, 3, 5000, 0)));
            Assert.That((options.Publishing.PublishesPerSecond, options.Connections.PingInterval, options.Connections.PongTimeout), Is.EqualTo((7, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(10))));
            Assert.That(options.Listeners.InternalPort, Is.EqualTo(0));
            Assert.That(options.Listeners.InternalHost, Is.EqualTo("127.0.0.1"));
            Assert.That(options.Api.IsServerApiExternal, Is.EqualTo(true));
            Assert.That(options.Listeners.IsTlsExternalOnly, Is.EqualTo(true));
            Assert.That(options.Telemetry.ShowsMetrics, Is.EqualTo(true));
            Assert.That((options.Connections.MaxHistoryPublications, options.Connections.ConnectTimeout.TotalSeconds), Is.EqualTo((20, 3)));
            Assert.That(options.Telemetry.MetricsPath, Is.EqualTo("/a/b"));
            Assert.That(options.Api.HealthPath, Is.EqualTo("/well"));
            Assert.That(options.Listeners.AccessLog, Is.EqualTo(true));
            Assert.That(options.Connections.MaxConnections, Is.EqualTo(9));
            Assert.That(options.Connections.ConnectionsPerSecond, Is.EqualTo(8));
            Assert.That(options.Listeners.ShutdownTimeout, Is.EqualTo(TimeSpan.FromSeconds(7)));
        }
    }

    [Test]
    public void An_empty_setting_counts_as_missing()
    {
        var options = Read(out var faults, ("PORT", ""), ("JWT_SECRET", ""), ("CLAW_DEV_MODE", ""), ("CLAW_HOST", ""), ("TlsKeyFile", ""));

        Assert.That(faults, Is.Empty);
        Assert.That((options.Listeners.Port, options.Identity.JwtSecret, options.Listeners.UsesTls), Is.EqualTo((8080, (string?)null, false)));
    }

    [TestCase("", "", false)]
    [TestCase("https://keys.example/base/", "", true)]
    [TestCase("https://clawkey.org", "", true)]
    [TestCase("", "key", false)]
    [TestCase("https://keys.example", "key", false)]
    public void An_ambiguous_sign_in_uses_an_SSH_key_if_only_that_is_configured(string clawkey, string moltbookKey, bool isSsh)
    {
        var options = Read(out var faults, ("CLAWKEY_API_BASE", clawkey), ("MOLTBOOK_API_KEY", moltbookKey));

        Assert.That(faults, Is.Empty);
        Assert.That(options.Identity.PrefersSshKeys, Is.EqualTo(isSsh));
    }

    [Test]
    public void A_login_by_profile_needs_a_verifier_unless_the_operator_says_otherwise()
    {
        Assert.That(Read(out _).Identity.AllowUnboundProfileLogin, Is.False);
        Assert.That(Read(out _, ("AllowUnboundProfileLogin", "true")).Identity.AllowUnboundProfileLogin, Is.True);
    }

    [Test]
    public void Each_kind_of_token_has_its_own_prefix_for_the_names_of_others()
    {
        var identity = Read(
            out var faults, ("TokenUserPrefix", "partner-"), ("SeparateSubscriptionTokens", "true"), ("SubscriptionTokenUserPrefix", "other-")).Identity;

        Assert.That(faults, Is.Empty);
        Assert.That((identity.ClientTokens.UserPrefix, identity.SubscriptionTokens.UserPrefix), Is.EqualTo(("partner-", "other-")));
    }

    [Test]
    public void The_base_of_the_public_keys_has_no_trailing_slash()
    {
        Assert.That(Read(out _, ("CLAWKEY_API_BASE", "https://keys.example/base/")).Identity.ClawkeyApiBase, Is.EqualTo(new Uri("https://keys.example/base")));
        Assert.That(Read(out _).Identity.ClawkeyApiBase, Is.Null);
    }

    [TestCase("", "", false)]
    [TestCase("", "development", true)]
    [TestCase("", "production", false)]
    [TestCase("", "Development", false)]
    [TestCase("true", "production", true)]
    [TestCase("false", "development", false)]
    public void Development_mode_has_its_own_setting_that_overrides_that_of_claw_events(string own, string nodes, bool isOn)
    {
        var options = Read(out var faults, ("CLAW_DEV_MODE", own), ("NODE_ENV", nodes));

        Assert.That(faults, Is.Empty);
        Assert.That(options.Api.DevMode, Is.EqualTo(isOn));
    }

    [TestCase("localhost", null)]
    [TestCase("127.0.0.1", "127.0.0.1")]
    [TestCase("0.0.0.0", "0.0.0.0")]
    [TestCase("::1", "::1")]
    [TestCase("*", "::")]
    public void The_host_is_localhost_an_address_or_every_interface(string host, string? address)
    {
        var options = Read(out var faults, ("CLAW_HOST", host));

        Assert.That(faults, Is.Empty);
        Assert.That(ListenerOptions.AddressOf(options.Listeners.Host)?.ToString(), Is.EqualTo(address));
    }

    [TestCase("10.0.0.0/8 unix", true, 1)]
    [TestCase("unix", true, 0)]
    [TestCase("10.0.0.1", false, 1)]
    public void Trusted_proxies_are_networks_and_the_far_end_of_a_Unix_socket(string text, bool trustsUnixSocket, int networks)
    {
        var options = Read(out var faults, ("TrustedProxies", text));

        Assert.That(faults, Is.Empty);
        Assert.That((options.Listeners.TrustsUnixSocket, options.Listeners.TrustedProxies.Count), Is.EqualTo((trustsUnixSocket, networks)));
    }

    [TestCase("5", 4)]
    [TestCase("2", 1)]
    [TestCase("60", 8)]
    public void The_default_wait_for_a_pong_is_shorter_than_the_ping_interval(string ping, int pong)
    {
        var options = Read(out var faults, ("PingSeconds", ping));

        Assert.That(faults, Is.Empty);
        Assert.That(options.Connections.PongTimeout, Is.EqualTo(TimeSpan.FromSeconds(pong)));
    }

    private static BrokerOptions Read(out IReadOnlyList<string> faults, params (string Name, string Value)[] settings)
    {
        var reader = new BrokerOptionsReader(new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create<string, string?>(setting.Name, setting.Value)))
            .Build());
        var options = reader.Read();
        faults = reader.Faults;
        return options;
    }
}
