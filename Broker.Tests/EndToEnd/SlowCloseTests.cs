using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>The end of a client that has not read yet what the broker has for it (RFC 6455, sections 5.5.1 and 7.1.6).</summary>
[TestFixtureSource(typeof(TestTransports), nameof(TestTransports.All))]
public sealed class SlowCloseTests(TestTransport transport) : RunningBrokerTests(transport: transport)
{
    // Their answers are more than the systems of both ends hold for a connection.
    private const int Pings = 40_000;

    private protected override BrokerOptions Change(BrokerOptions options) => options with { Connections = options.Connections with { MaxQueuedBytes = 64 * 1024 * 1024 } };

    [TestCase(false)]
    [TestCase(true)]
    public async Task A_client_that_closes_while_it_is_behind_gets_the_close_frame(bool isReused)
    {
        var client = await Broker.UpgradeAsync(receiveBuffer: 4096, isReused);
        var ping = RunningFrame.Masked(RunningFrame.Ping, new byte[125]);

        var sending = client.SendAsync([.. Enumerable.Repeat(ping, Pings), RunningFrame.Closing(1001)]);

        Assert.That(await client.ReadCloseAsync(), Is.EqualTo((1001, "")));
        await sending;
    }
}
