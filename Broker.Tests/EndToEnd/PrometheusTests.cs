using ClawEvents.Broker.Proxies;
using ClawEvents.Broker.Tests.Docs;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>A real Prometheus reads a broker that has something to tell.</summary>
internal sealed class PrometheusTests
{
    // What this test does not bring about: faults of the bus.
    private static readonly string[] Silent = ["clawevents_bus_dropped_total", "clawevents_orders_missed_total"];

    [Test]
    public async Task Every_query_of_the_dashboard_has_an_answer_and_every_alert_can_be_asked()
    {
        await using var database = RedisDatabase.Take();
        await using var backEnd = await RunningBackEnd.StartAsync();
        await using var broker = await StartBrokerAsync(database, backEnd);
        await BringAboutAsync(broker);
        await using var prometheus = await RunningPrometheus.StartAsync(broker.InternalUrl);

        using (Assert.EnterMultipleScope())
        {
            foreach (var (title, query) in OperatorQueries.OfDashboard.Where(panel => !Silent.Any(name => panel.Query.Contains(name, StringComparison.Ordinal))))
            {
                await Eventually.GetAsync(() => prometheus.CountAsync(query), count => count > 0, $"{title}: {query}");
            }

            foreach (var (title, query) in OperatorQueries.OfAlerts)
            {
                Assert.That(await prometheus.CountAsync(query), Is.Not.Negative, title);
            }
        }

        Assert.That(await prometheus.AlertsAsync(), Is.EquivalentTo(OperatorQueries.OfAlerts.Select(alert => alert.Title)), "Prometheus has loaded all alerts");
    }

    private static Task<RunningBroker> StartBrokerAsync(RedisDatabase database, RunningBackEnd backEnd) => RunningBroker.StartAsync(options => options with
    {
        Listeners = options.Listeners with { InternalPort = 0 },
        Telemetry = options.Telemetry with { ShowsMetrics = true },
        Identity = new() { JwtSecret = TestToken.Secret },
        State = new() { Redis = [database.Address] },
        Publishing = options.Publishing with { PublishesPerSecond = 1 },
        Proxies = new ProxyOptions(new Dictionary<string, ProxySettings> { ["backend"] = backEnd.Settings() }) { Rpc = new() { WithoutNamespace = backEnd.Settings() } },
        Namespaces = TestNamespaces.Of(("kept", TestNamespaces.History with { ForceRecovery = true })),
    });

    // Something of everything that the dashboard shows.
    private static async Task BringAboutAsync(RunningBroker broker)
    {
        var alice = await broker.RegisterAsync("alice");
        var client = await broker.ConnectAsync(alice);
        await client.SubscribeAsync("public.a");
        await client.AskAsync("""{"id":3,"publish":{"channel":"public.a","data":1}}""");
        await client.AskAsync("""{"id":4,"publish":{"channel":"public.a","data":1}}""");
        await client.AskAsync("""{"id":5,"rpc":{"method":"a","data":1}}""");
        await client.AskAsync("""{"id":6,"subscribe":{"channel":"kept:a","recover":true,"offset":7,"epoch":"none"}}""");
        await client.AskAsync("""{"id":7,"subscribe":{"channel":"nowhere:a"}}""");
        await broker.PostAsync("/api/publish", """{"channel":"public.a","payload":1}""", "wrong");
        await broker.Http.GetAsync(new Uri("/connection/websocket", UriKind.Relative));
        await broker.SendAsync(HttpMethod.Post, new Uri(broker.InternalUrl, "/api/unsubscribe").ToString(), """{"user":"alice","channel":"public.a"}""".Utf8(), ("X-API-Key", RunningBroker.Key));
        await broker.SendAsync(HttpMethod.Post, new Uri(broker.InternalUrl, "/api/disconnect").ToString(), """{"user":"alice"}""".Utf8(), ("X-API-Key", RunningBroker.Key));
        await client.ReadCloseAsync();
        await client.DisposeAsync();
        await broker.ConnectAsync(alice);
    }
}
