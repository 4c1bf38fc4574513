using System.Globalization;
using System.Net;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>Two broker processes on one Redis with a crowd on each.</summary>
[NonParallelizable]
public sealed class ManyNodesCrowdTests
{
    private const string Channel = "public.crowd";

    [TestCase(50, 100)]
    [TestCase(1_000, 2_000, Category = "Slow")]
    [CancelAfter(300_000)]
    public async Task Every_publication_reaches_all_clients_on_both_nodes_once_and_in_order(int perNode, int publications, CancellationToken cancellation)
    {
        await using var redis = await RunningRedis.StartAsync();
        await using var here = await NodeProgram.StartAsync(redis.Url());
        await using var there = await NodeProgram.StartAsync(redis.Url());
        var crowd = Enumerable.Range(0, perNode * 2).Select(_ => new RunningListener()).ToList();
        await Parallel.ForEachAsync(
            crowd.Select((listener, i) => (listener, new IPEndPoint(IPAddress.Loopback, (i % 2 == 0 ? here : there).Url.Port))),
            new ParallelOptions { MaxDegreeOfParallelism = 100, CancellationToken = cancellation },
            async (member, _) => await member.listener.SubscribeAsync(member.Item2, Channel));

        var receiving = Task.WhenAll(crowd.Select(listener => listener.ReceiveAllAsync(publications)));
        for (var n = 0; n < publications; n++)
        {
            var answer = await (n % 2 == 0 ? here : there).Http.PublishJsonAsync(Channel, $$"""{"n":{{n}}}""");
            Assert.That(answer.IsAcknowledged, Is.True);
        }

        await receiving.WaitAsync(cancellation);

        await TestContext.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{crowd.Sum(listener => listener.Received)} deliveries"));
        Assert.That(crowd.Select(listener => listener.Received), Is.All.EqualTo(publications));
        crowd.ForEach(listener => listener.Dispose());
    }
}
