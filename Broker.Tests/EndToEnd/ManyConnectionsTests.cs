using System.Net;
using System.Text;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>As many connections as the files of two processes allow; the broker is a process of its own.</summary>
[NonParallelizable] // It takes both cores and most of the files a process may open.
public sealed class ManyConnectionsTests
{
    private const string Channel = "public.crowd";

    [TestCase(15_000, 100, Category = "Slow")]
    [CancelAfter(300_000)]
    public async Task Every_connection_gets_every_publication_once_and_in_order(int connections, int publications, CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("clawevents-crowd-");
        await using var broker = BrokerProgram.StartBare(
            folder.FullName,
            [],
            ("PORT", "0"), ("CLAW_HOST", "127.0.0.1"), ("CLAW_DATA_DIR", folder.FullName), ("CENTRIFUGO_API_KEY", RunningBroker.Key));
        var url = new Uri((await broker.ReadLineAsync())!.Split(' ').Single(word => word.StartsWith("http", StringComparison.Ordinal)));
        var crowd = Enumerable.Range(0, connections).Select(_ => new RunningListener()).ToList();
        var address = new IPEndPoint(IPAddress.Loopback, url.Port);
        await Parallel.ForEachAsync(
            crowd,
            new ParallelOptions { MaxDegreeOfParallelism = 200, CancellationToken = cancellation },
            async (listener, _) => await listener.SubscribeAsync(address, Channel));

        var receiving = Task.WhenAll(crowd.Select(listener => listener.ReceiveAllAsync(publications)));
        await PublishAsync(url, publications, cancellation);
        await receiving.WaitAsync(cancellation);

        Assert.That(crowd.Select(listener => listener.Received), Is.All.EqualTo(publications));
        crowd.ForEach(listener => listener.Dispose());
        await broker.TerminateAsync();
        Assert.That(await broker.WaitForExitAsync(), Is.Zero);
        folder.Delete(recursive: true);
    }

    private static async Task PublishAsync(Uri url, int publications, CancellationToken cancellation)
    {
        using var http = new HttpClient { BaseAddress = url };
        http.DefaultRequestHeaders.Add("X-API-Key", RunningBroker.Key);
        for (var n = 0; n < publications; n++)
        {
            using var body = new StringContent($"{{\"channel\":\"{Channel}\",\"data\":{{\"n\":{n}}}}}", Encoding.UTF8);
            using var answer = await http.PostAsync(new Uri("/api/publish", UriKind.Relative), body, cancellation);
            Assert.That(await answer.Content.ReadAsStringAsync(cancellation), Is.EqualTo("{\"result\":{}}"));
        }
    }
}
