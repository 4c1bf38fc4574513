using System.Text;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>Clients that keep the broker waiting. The limits are as short as the broker's timer wheel allows.</summary>
[TestFixtureSource(typeof(TestTransports), nameof(TestTransports.All))]
public sealed class TimeLimitsTests(TestTransport transport) : RunningBrokerTests(transport: transport)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    private protected override BrokerOptions Change(BrokerOptions options) => options with
    {
        Connections = options.Connections with { UpgradeTimeout = Limit, ConnectTimeout = Limit, CloseTimeout = Limit, PingInterval = Limit * 2, PongTimeout = Limit },
    };

    [TestCase(40)]
    [TestCase(100)]
    public async Task An_incomplete_head_ends_the_connection_after_a_time(int bytes)
    {
        var client = await Broker.OpenAsync();

        await client.SendAsync(Broker.UpgradeRequest()[..bytes]);

        Assert.That(Encoding.ASCII.GetString(await client.ReadToEndAsync()), Does.StartWith("HTTP/1.1 408 "));
    }

    [Test]
    public async Task A_client_that_never_connects_is_stale()
    {
        var client = await Broker.UpgradeAsync();

        Assert.That(await client.ReadCloseAsync(), Is.EqualTo((3502, "stale")));
    }

    [Test]
    public async Task A_client_that_only_pings_is_stale()
    {
        var client = await Broker.UpgradeAsync();
        await client.SendAsync(RunningFrame.Masked(RunningFrame.Ping, "x"u8));
        Assert.That((await client.ReadFrameAsync())?.First, Is.EqualTo(RunningFrame.Pong));

        Assert.That(await client.ReadCloseAsync(), Is.EqualTo((3502, "stale")));
    }

    [Test]
    public async Task A_client_that_does_not_answer_a_close_is_disconnected()
    {
        var client = await Broker.UpgradeAsync();
        await client.SendTextAsync("no json");

        Assert.That(await client.ReadCloseAsync(), Is.EqualTo((3501, "bad request")));
        Assert.That(await client.ReadToEndAsync(), Is.Empty);
    }

    [Test]
    [Checklist(54)]
    public async Task A_client_that_answers_no_ping_is_closed()
    {
        var client = await Broker.ConnectAsync();

        Assert.That((await client.ReadFrameAsync())?.PayloadText, Is.EqualTo("{}"));
        Assert.That(await client.ReadCloseAsync(), Is.EqualTo((3012, "no pong")));
    }

    [Test]
    [Checklist(52)]
    public async Task A_client_that_answers_each_ping_stays()
    {
        var client = await Broker.ConnectAsync();
        for (var ping = 0; ping < 3; ping++)
        {
            Assert.That((await client.ReadFrameAsync())?.PayloadText, Is.EqualTo("{}"));
            await client.SendTextAsync("{}");
        }

        await client.SubscribeAsync("public.a");
    }

    [Test]
    [Checklist(53)]
    public async Task A_second_pong_for_one_ping_is_a_bad_request()
    {
        var client = await Broker.ConnectAsync();
        Assert.That((await client.ReadFrameAsync())?.PayloadText, Is.EqualTo("{}"));

        await client.SendTextAsync("{}\n{}");

        Assert.That(await client.ReadCloseAsync(), Is.EqualTo((3501, "bad request")));
    }

    [Test]
    public async Task The_connect_reply_has_the_ping_interval()
    {
        var client = await Broker.UpgradeAsync();

        Assert.That(await client.AskAsync("""{"id":1,"connect":{}}"""), Does.EndWith(""","ping":2,"pong":true}}"""));
    }
}
