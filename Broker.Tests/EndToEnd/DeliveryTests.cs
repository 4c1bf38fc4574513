using System.Globalization;
using System.Text.Json;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Limits;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>Promises to subscribers: every publication, once, in one order for all, regardless of other subscribers.</summary>
[TestFixtureSource(typeof(TestTransports), nameof(TestTransports.All))]
public sealed class DeliveryTests(TestTransport transport) : RunningBrokerTests(transport: transport)
{
    private const int Publishers = 4;
    private const int Publications = 10_000;

    // The queues hold all of it: this is about order, and a busy machine must not make anybody slow.
    private protected override BrokerOptions Change(BrokerOptions options) =>
        options with
        {
            Publishing = options.Publishing with { PublishesPerSecond = 1_000_000 },
            Addresses = options.Addresses with { AnonymousPublishes = BucketRule.Unlimited },
            Connections = options.Connections with { MaxQueuedBytes = 256 * 1024 * 1024 },
        };

    [Test]
    [Checklist(78)]
    public async Task Concurrent_publications_reach_all_subscribers_once_in_one_order()
    {
        var subscribers = new List<RunningWebSocket>();
        for (var number = 0; number < 5; number++)
        {
            subscribers.Add(await SubscribeAsync());
        }

        var reading = subscribers.ConvertAll(ReadAllAsync);
        await Task.WhenAll(Enumerable.Range(0, Publishers).Select(PublishAllAsync));
        var received = await Task.WhenAll(reading);

        Assert.That(received[0], Is.Unique);
        Assert.That(received[0].Order(), Is.EqualTo(Enumerable.Range(0, Publications)));
        Assert.That(received.Skip(1), Is.All.EqualTo(received[0]));
        for (var publisher = 0; publisher < Publishers; publisher++)
        {
            Assert.That(received[0].Where(number => number % Publishers == publisher), Is.Ordered, "Each publisher's own order is kept.");
        }
    }

    [Test]
    public async Task Subscribers_that_join_and_leave_lose_nothing_and_disturb_nobody()
    {
        var reading = ReadAllAsync(await SubscribeAsync());
        using var stop = new CancellationTokenSource();
        var restless = Enumerable.Range(0, 3).Select(_ => ComeAndGoAsync(stop.Token)).ToArray();

        await Task.WhenAll(Enumerable.Range(0, Publishers).Select(PublishAllAsync));
        var received = await reading;
        await stop.CancelAsync();

        Assert.That(received.Order(), Is.EqualTo(Enumerable.Range(0, Publications)));
        Assert.That(await Task.WhenAll(restless), Is.All.Positive);
    }

    private async Task<RunningWebSocket> SubscribeAsync()
    {
        var client = await Broker.ConnectAsync();
        await client.SubscribeAsync("public.order");
        return client;
    }

    // Publisher n of 4 sends n, n + 4, n + 8, and so on, many to a message.
    private async Task PublishAllAsync(int number)
    {
        var publisher = await Broker.ConnectAsync();
        foreach (var chunk in Enumerable.Range(0, Publications / Publishers).Chunk(100))
        {
            await publisher.SendTextAsync(string.Join('\n', chunk.Select(index =>
                $$$"""{"id":9,"publish":{"data":{{{(index * Publishers) + number}}},"channel":"public.order"}}""")));
            for (var reply = 0; reply < chunk.Length; reply++)
            {
                Assert.That(await publisher.ReadMessageAsync(), Is.EqualTo("""{"id":9,"publish":{}}"""));
            }
        }
    }

    private static async Task<int[]> ReadAllAsync(RunningWebSocket subscriber)
    {
        var received = new int[Publications];
        for (var count = 0; count < received.Length; count++)
        {
            using var data = JsonDocument.Parse(await subscriber.ReadPublicationAsync());
            received[count] = data.RootElement.GetProperty("payload").GetInt32();
        }

        return received;
    }

    // Each stay begins with the reply to the subscribe and ends with the reply to the unsubscribe; in between only publications come.
    private async Task<int> ComeAndGoAsync(CancellationToken stop)
    {
        var client = await Broker.ConnectAsync();
        var stays = 0;
        while (!stop.IsCancellationRequested)
        {
            await client.SubscribeAsync("public.order", id: 5);
            await client.SendTextAsync("""{"id":6,"unsubscribe":{"channel":"public.order"}}""");
            string message;
            while ((message = await client.ReadMessageAsync()) != """{"id":6,"unsubscribe":{}}""")
            {
                Assert.That(message, Does.StartWith("""{"push":{"channel":"public.order","pub":"""), stays.ToString(CultureInfo.InvariantCulture));
            }

            stays++;
        }

        return stays;
    }
}
