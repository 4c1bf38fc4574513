using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>The setting AllowedOrigins, for both kinds of connection.</summary>
[TestFixtureSource(typeof(TestTransports), nameof(TestTransports.All))]
public sealed class AllowedOriginsTests(TestTransport transport) : RunningBrokerTests(transport: transport)
{
    private protected override BrokerOptions Change(BrokerOptions options) => options with { Connections = options.Connections with { AllowedOrigins = ["https://*.example", "http://here:1"] } };

    [Test]
    public async Task A_page_may_connect_if_its_origin_matches(
        [Values("https://a.example 101", "HTTPS://A.EXAMPLE 101", "http://here:1 101", "http://here:2 403", "https://a.example.org 403")] string originAndStatus,
        [Values] bool isReused)
    {
        var (origin, status) = (originAndStatus.Split(' ')[0], originAndStatus.Split(' ')[1]);
        var client = await Broker.OpenAsync();
        if (isReused)
        {
            await client.SendAsync("HEAD /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
            await client.ReadHeadAsync();
        }

        await client.SendAsync(Broker.UpgradeRequest($"Origin: {origin}\r\n"));

        Assert.That(await client.ReadHeadAsync(), Does.StartWith($"HTTP/1.1 {status} "));
    }

    [Test]
    public async Task With_a_list_the_brokers_own_host_must_be_on_it()
    {
        var client = await Broker.OpenAsync();

        await client.SendAsync(Broker.UpgradeRequest($"Origin: http://{Broker.Url.Authority}\r\n"));

        Assert.That(await client.ReadHeadAsync(), Does.StartWith("HTTP/1.1 403 "));
    }
}
