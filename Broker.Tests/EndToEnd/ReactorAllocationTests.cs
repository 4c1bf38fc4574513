using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Transport;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>Budgets of what a reactor's thread allocates, over real sockets: the garbage of connections is memory that idle ones seem to need.</summary>
[Platform("Linux")]
internal sealed class ReactorAllocationTests
{
    private const string Channel = "public.crowd";
    private const int Clients = 100;

    [Test]
    public async Task A_connect_and_subscribe_costs_at_most_1200_bytes_of_which_half_stay()
    {
        await using var broker = await StartAsync();

        var least = await MeasureAsync(broker, rounds: 8, async () =>
        {
            for (var i = 0; i < Clients; i++)
            {
                await (await broker.ConnectAsync()).SubscribeAsync(Channel);
            }
        });

        // Measured: 800 bytes, in optimized code.
        Assert.That(least / Clients, Is.LessThanOrEqualTo(1200));
    }

    [Test]
    public async Task A_publication_costs_a_reactor_the_same_memory_for_one_subscriber_and_for_a_hundred()
    {
        const int publications = 50;
        await using var broker = await StartAsync();
        var first = await broker.ConnectAsync();
        await first.SubscribeAsync(Channel);

        var forOne = await MeasureAsync(broker, rounds: 8, () => PublishAsync(broker, publications, first));
        var others = new List<RunningWebSocket>();
        for (var i = 0; i < Clients; i++)
        {
            others.Add(await broker.ConnectAsync());
            await others[^1].SubscribeAsync(Channel);
        }

        var forMany = await MeasureAsync(broker, rounds: 8, () => PublishAsync(broker, publications, [first, .. others]));

        // Less than a byte for each delivery.
        Assert.That(forMany, Is.LessThanOrEqualTo(forOne + (publications * Clients)));
    }

    private static Task<RunningBroker> StartAsync() =>
        RunningBroker.StartAsync(options => options with
        {
            Listeners = options.Listeners with { Transport = TestTransports.KindOf(TestTransport.Reactors), Reactors = 1 },
        });

    private static async Task PublishAsync(RunningBroker broker, int publications, params RunningWebSocket[] subscribers)
    {
        for (var i = 0; i < publications; i++)
        {
            await broker.PublishAsync(Channel, $"{i}");
            foreach (var subscriber in subscribers)
            {
                Assert.That(await subscriber.ReadPublicationAsync(), Is.EqualTo($"{i}"));
            }
        }
    }

    // The fewest bytes of several rounds: in the first ones the runtime has not yet optimized the code.
    private static async Task<long> MeasureAsync(RunningBroker broker, int rounds, Func<Task> round)
    {
        var least = long.MaxValue;
        for (var i = 0; i < rounds; i++)
        {
            var before = await AllocatedAsync(broker);
            await round();
            least = Math.Min(least, await AllocatedAsync(broker) - before);
        }

        return least;
    }

    private static async Task<long> AllocatedAsync(RunningBroker broker)
    {
        var answer = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        broker.Get<ReactorPool>().Start()[0].Post(() => answer.SetResult(GC.GetAllocatedBytesForCurrentThread()));
        return await answer.Task.WaitAsync(RunningBroker.Patience);
    }
}
