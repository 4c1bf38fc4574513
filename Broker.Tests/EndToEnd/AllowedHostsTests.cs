using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>In development mode anybody gets a token, so a page whose name was pointed at this machine must not be taken for a page of the broker's own.</summary>
[TestFixtureSource(typeof(TestTransports), nameof(TestTransports.All))]
public sealed class AllowedHostsTests(TestTransport transport) : RunningBrokerTests(transport: transport)
{
    private protected override BrokerOptions Change(BrokerOptions options) => options with { Listeners = options.Listeners with { AllowedHosts = ["*.dev.example"] } };

    [TestCase("evil.example", "403")]
    [TestCase("localhost.evil.example:8080", "403")]
    [TestCase("localhost:8080", "101")]
    [TestCase("127.0.0.1", "101")]
    [TestCase("broker.dev.example", "101")]
    public async Task An_upgrade_is_accepted_for_the_brokers_own_names_only(string host, string status)
    {
        var (plain, reused) = (await Broker.OpenAsync(), await Broker.OpenAsync());
        await reused.SendAsync("HEAD /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
        await reused.ReadHeadAsync();

        var request = Broker.UpgradeRequest($"Origin: http://{host}\r\n").Replace($"Host: {Broker.Url.Authority}", $"Host: {host}", StringComparison.Ordinal);
        await plain.SendAsync(request);
        await reused.SendAsync(request);

        Assert.That(await plain.ReadHeadAsync(), Does.StartWith($"HTTP/1.1 {status} "));
        Assert.That(await reused.ReadHeadAsync(), Does.StartWith($"HTTP/1.1 {status} "));
    }

    [TestCase("GET", "/health")]
    [TestCase("POST", "/auth/dev-register")]
    [TestCase("POST", "/api/publish")]
    [TestCase("GET", "/connection/sse")]
    [TestCase("POST", "/connection/http_stream")]
    [TestCase("POST", "/emulation")]
    [TestCase("GET", "/")]
    [TestCase("GET", "/SKILL.md")]
    [TestCase("GET", "/web/server.json")]
    [TestCase("GET", "/unknown")]
    public async Task Every_path_refuses_another_name(string method, string path)
    {
        var answer = await Broker.SendAsync(new(method), path, method == "GET" ? null : "{}"u8.ToArray(), ("Host", "evil.example:8080"));

        Assert.That((answer.Status, answer.Body), Is.EqualTo((403, """{"error":"Forbidden: the broker may not be reached by this name; see the setting AllowedHosts"}""")));
    }
}
