using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>The setting MaxConnections, for both kinds of connection.</summary>
[Checklist(16)]
[TestFixtureSource(typeof(TestTransports), nameof(TestTransports.All))]
public sealed class TooManyConnectionsTests(TestTransport transport) : RunningBrokerTests(transport: transport)
{
    private protected override BrokerOptions Change(BrokerOptions options) => options with { Connections = options.Connections with { MaxConnections = 2 } };

    [Test]
    public async Task One_connection_too_many_is_refused_until_another_one_ends([Values] bool isReused)
    {
        var first = await Broker.UpgradeAsync(isReused: isReused);
        await Broker.UpgradeAsync(isReused: !isReused);

        Assert.That(await AnswerAsync(), Does.StartWith("HTTP/1.1 503 Service Unavailable\r\n"));
        await first.DisposeAsync();
        await Eventually.IsTrueAsync(async () => (await AnswerAsync()).StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal));
    }

    [Test]
    public async Task Simultaneous_connections_are_accepted_up_to_the_limit()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => AnswerAsync()));

        Assert.That(answers.Count(answer => answer.StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal)), Is.EqualTo(2));
        Assert.That(answers.Count(answer => answer.StartsWith("HTTP/1.1 503 ", StringComparison.Ordinal)), Is.EqualTo(28));
    }

    [Test]
    public async Task A_malformed_request_takes_no_place()
    {
        for (var i = 0; i < 5; i++)
        {
            var stranger = await Broker.OpenAsync();
            await stranger.SendAsync(Broker.UpgradeRequest("Origin: https://elsewhere.example\r\n"));
            Assert.That(await stranger.ReadHeadAsync(), Does.StartWith("HTTP/1.1 403 "));
        }

        await Broker.UpgradeAsync();
        await Broker.UpgradeAsync();
    }

    [Test]
    public async Task HTTP_works_when_all_places_are_taken()
    {
        await Broker.UpgradeAsync();
        await Broker.UpgradeAsync();

        Assert.That((await Broker.SendAsync(HttpMethod.Get, "/health", null)).Status, Is.EqualTo(200));
    }

    private async Task<string> AnswerAsync()
    {
        var client = await Broker.OpenAsync();
        await client.SendAsync(Broker.UpgradeRequest());
        return await client.ReadHeadAsync();
    }
}

/// <summary>The setting ConnectionsPerSecond.</summary>
[Checklist(16)]
[TestFixtureSource(typeof(TestTransports), nameof(TestTransports.All))]
public sealed class TooQuickConnectionsTests(TestTransport transport) : RunningBrokerTests(transport: transport)
{
    private protected override TimeProvider Time { get; } = new RunningClock();

    private protected override BrokerOptions Change(BrokerOptions options) => options with { Connections = options.Connections with { ConnectionsPerSecond = 3 } };

    [Test]
    public async Task Connections_over_the_rate_are_refused_before_the_upgrade()
    {
        for (var i = 0; i < 3; i++)
        {
            await Broker.UpgradeAsync();
        }

        var client = await Broker.OpenAsync();
        await client.SendAsync(Broker.UpgradeRequest());

        Assert.That(await client.ReadHeadAsync(), Does.StartWith("HTTP/1.1 503 "));
    }
}
