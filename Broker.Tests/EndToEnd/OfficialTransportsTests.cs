using System.Globalization;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>The official JavaScript client over every bidirectional transport.</summary>
[Checklist(138, 139, 140, 141, 142)]
public sealed class OfficialTransportsTests : RunningBrokerTests
{
    private protected override BrokerOptions Change(BrokerOptions options) =>
        options with { Connections = options.Connections with { PingInterval = TimeSpan.FromSeconds(2), PongTimeout = TimeSpan.FromSeconds(1) } };

    [OneTimeSetUp]
    public static Task InstallClient() => OfficialClient.InstallAsync();

    [TestCase("websocket", "json")]
    [TestCase("websocket", "protobuf")]
    [TestCase("http_stream", "json")]
    [TestCase("http_stream", "protobuf")]
    [TestCase("sse", "json")]
    public Task The_client_connects_subscribes_publishes_stays_and_learns_of_its_end(string transport, string encoding) =>
        OfficialClient.AssertTransportAsync(Broker.Url.Port.ToString(CultureInfo.InvariantCulture), transport, encoding);

    [TestCase("/connection/sse")]
    [TestCase("/connection/uni_sse")]
    public async Task The_first_event_arrives_when_a_proxy_sends_it_in_one_chunk_with_the_beginning(string path)
    {
        await using var script = RunningProcess.Start("node", ["events.mjs", Broker.Url.Port.ToString(CultureInfo.InvariantCulture), path], OfficialClient.Folder);

        Assert.That(await script.ReadLineAsync(), Does.Contain("connect"), await script.ReadErrorsAsync());
    }
}
