using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Transport;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>Subscribers of one channel on several reactors and over pipes, while several publish at once and connections come and go.</summary>
[Platform("Linux")]
internal sealed class FanOutTests
{
    private const string Channel = "public.crowd";

    [Test]
    public async Task All_subscribers_get_what_several_publish_at_once_in_one_order_on_every_reactor_and_over_pipes()
    {
        const int publishers = 4;
        const int each = 60;
        await using var broker = await StartAsync(reactors: 3);
        var clients = new List<RunningWebSocket>();
        for (var i = 0; i < 16; i++)
        {
            // Every fourth one comes through HTTP, and is served over a pipe.
            clients.Add(await broker.ConnectAsync(isReused: i % 4 == 3));
            await clients[^1].SubscribeAsync(Channel);
        }

        var reading = Task.WhenAll(clients.Select(client => ReadAsync(client, publishers * each)));
        await Task.WhenAll(Enumerable.Range(0, publishers).Select(publisher => PublishManyAsync(broker, publisher, each)));
        var received = await reading;

        Assert.That(ReactorsOf(broker), Is.GreaterThan(1), "the subscribers of this run are on one reactor");
        Assert.That(received[0], Is.Unique);
        Assert.That(received, Has.All.EqualTo(received[0]));
        for (var publisher = 0; publisher < publishers; publisher++)
        {
            var own = received[0].Where(data => data / 1000 == publisher);
            Assert.That(own, Is.EqualTo(Enumerable.Range(publisher * 1000, each)), "each publisher waits for its answer, so its own are in order");
        }
    }

    [Test]
    public async Task A_descriptor_that_comes_back_gets_nothing_of_the_connection_that_had_it_before()
    {
        const int rounds = 300;
        await using var broker = await StartAsync(reactors: 2);
        using var over = new CancellationTokenSource();
        var flood = Task.WhenAll(PublishUntilAsync(broker, "public.before", "\"before\"", over.Token), PublishUntilAsync(broker, "public.after", "\"after\"", over.Token));

        for (var round = 0; round < rounds; round++)
        {
            // The system gives the lowest free number: mostly that of the connection which was reset just now.
            await using (var before = await RunningWebSocket.OpenAsync(broker.Url))
            {
                await SubscribeAsync(before, broker.Url, "public.before");
                Assert.That(await before.ReadPublicationAsync(), Is.EqualTo("\"before\""));
                before.Reset();
            }

            await using var after = await RunningWebSocket.OpenAsync(broker.Url);
            await SubscribeAsync(after, broker.Url, "public.after");
            Assert.That(await after.ReadPublicationAsync(), Is.EqualTo("\"after\""));
            Assert.That(await after.ReadPublicationAsync(), Is.EqualTo("\"after\""));
        }

        await over.CancelAsync();
        await flood;
        Assert.That(broker.Errors, Is.Empty);
    }

    private static Task<RunningBroker> StartAsync(int reactors) =>
        RunningBroker.StartAsync(options => options with
        {
            Listeners = options.Listeners with { Transport = TestTransports.KindOf(TestTransport.Reactors), Reactors = reactors },
        });

    private static int ReactorsOf(RunningBroker broker) =>
        broker.Get<ChannelHub>().SubscriptionsOf(TestChannel.Named(Channel)).Select(subscription => subscription.Subscriber.Reactor).OfType<Reactor>().Distinct().Count();

    // Publisher 2 publishes 2000, 2001, ...
    private static async Task PublishManyAsync(RunningBroker broker, int publisher, int count)
    {
        for (var i = 0; i < count; i++)
        {
            await broker.PublishAsync(Channel, $"{(publisher * 1000) + i}");
        }
    }

    private static async Task PublishUntilAsync(RunningBroker broker, string channel, string data, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            await broker.PublishAsync(channel, data);
        }
    }

    private static async Task<int[]> ReadAsync(RunningWebSocket client, int count)
    {
        var received = new int[count];
        for (var i = 0; i < count; i++)
        {
            received[i] = int.Parse(await client.ReadPublicationAsync());
        }

        return received;
    }

    private static async Task SubscribeAsync(RunningWebSocket client, Uri url, string channel)
    {
        await client.UpgradeAsync(url);
        await client.AskAsync("""{"id":1,"connect":{}}""");
        await client.SubscribeAsync(channel);
    }
}
