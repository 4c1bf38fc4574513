using System.Text;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>A subscriber that does not read is disconnected, and nobody else notices.</summary>
[TestFixtureSource(typeof(TestTransports), nameof(TestTransports.All))]
public sealed class SlowSubscriberTests(TestTransport transport) : RunningBrokerTests(transport: transport)
{
    private const int Publications = 400;
    private const int PublicationBytes = 64 * 1024;

    private protected override BrokerOptions Change(BrokerOptions options) => options with { Connections = options.Connections with { MaxQueuedBytes = 256 * 1024 } };

    [TestCase(false)]
    [TestCase(true)]
    public async Task A_subscriber_that_does_not_read_is_disconnected_with_3008_and_no_other(bool isReused)
    {
        var slow = await Broker.ConnectAsync(receiveBuffer: 4096, isReused: isReused);
        await slow.SubscribeAsync("public.a");
        var healthy = await Broker.ConnectAsync();
        await healthy.SubscribeAsync("public.a");

        await PublishAsync(healthy);

        // It was disconnected while it slept; then it wakes and reads what its transport held by then.
        Assert.That(await Broker.CountClientsAsync(), Is.EqualTo(1));
        var (received, close) = await ReadUntilCloseAsync(slow);
        Assert.That(received, Is.EqualTo(Enumerable.Range(0, received.Count)), "Publications arrived in order and without a gap.");
        Assert.That(received, Has.Count.LessThan(Publications));
        Assert.That(close, Is.EqualTo((3008, "slow")).Or.Null, "The close frame, unless the transport was closed first.");
    }

    [Test]
    public async Task A_slow_subscriber_that_wakes_in_time_gets_the_close_code()
    {
        var slow = await Broker.ConnectAsync(receiveBuffer: 4096);
        await slow.SubscribeAsync("public.a");
        var healthy = await Broker.ConnectAsync();
        await healthy.SubscribeAsync("public.a");

        for (var number = 0; await Broker.CountClientsAsync() == 2; number++)
        {
            Assert.That(number, Is.LessThan(Publications), "It should have been disconnected by now.");
            await PublishOneAsync(healthy, number);
        }

        Assert.That((await ReadUntilCloseAsync(slow)).Close, Is.EqualTo((3008, "slow")));
    }

    [Test]
    public async Task A_client_that_does_not_read_its_replies_is_not_read_either_and_loses_none()
    {
        // More than the systems of both ends hold, and far more than may wait in the queue.
        const int pings = 40_000;
        var slow = await Broker.ConnectAsync(receiveBuffer: 4096);
        var sending = slow.SendAsync([.. Enumerable.Repeat(RunningFrame.Masked(RunningFrame.Ping, new byte[125]), pings)]);

        var clientsBefore = await Broker.CountClientsAsync();
        var pongs = 0;
        while (pongs < pings && await slow.ReadFrameAsync() is { First: RunningFrame.Pong })
        {
            pongs++;
        }

        await sending;
        Assert.That((clientsBefore, pongs), Is.EqualTo((1, pings)));
    }

    private async Task PublishAsync(RunningWebSocket healthy)
    {
        for (var number = 0; number < Publications; number++)
        {
            await PublishOneAsync(healthy, number);
        }
    }

    // In lockstep with the healthy one, which never falls behind.
    private async Task PublishOneAsync(RunningWebSocket healthy, int number)
    {
        var data = $"[{number},\"{new string('x', PublicationBytes)}\"]";
        await Broker.PublishAsync("public.a", data);
        Assert.That(await healthy.ReadPublicationAsync(), Is.EqualTo(data));
    }

    private static async Task<(List<int> Received, (int, string)? Close)> ReadUntilCloseAsync(RunningWebSocket slow)
    {
        var received = new List<int>();
        while (await slow.ReadFrameAsync() is { } frame)
        {
            if (frame.First == RunningFrame.Close)
            {
                return (received, ((frame.Payload[0] << 8) | frame.Payload[1], Encoding.UTF8.GetString(frame.Payload.AsSpan(2))));
            }

            var start = frame.PayloadText.IndexOf('[', StringComparison.Ordinal) + 1;
            received.Add(int.Parse(frame.PayloadText.AsSpan(start, frame.PayloadText.IndexOf(',', start) - start), System.Globalization.CultureInfo.InvariantCulture));
        }

        return (received, null);
    }
}
