using System.Text;
using System.Text.Json;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>
/// An operator's day, on a broker of its own process with a real Redis: start, load, a lock, a refusal, an outage, a drain. Each step can be seen in the
/// metrics, the log, health and explain. docs/tutorials/operate-a-broker.md
/// </summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class OperatorsWalkTests : IDisposable
{
    private const string Channel = "agent.alice.news";

    private readonly TemporaryFolder _folder = new();
    private readonly StringBuilder _log = new();
    private readonly HttpClient _http = new() { Timeout = RunningBroker.Patience };
    private Uri _url = null!;
    private Uri _internal = null!;

    public void Dispose()
    {
        _http.Dispose();
        _folder.Dispose();
    }

    [Test]
    public async Task Every_step_of_an_operator_is_visible_in_metrics_log_health_and_explain()
    {
        await using var redis = await RunningRedis.StartAsync("--appendonly", "yes");
        await using var broker = await StartAsync(redis);
        var (alice, bob) = (await RegisterAsync("alice"), await RegisterAsync("bob"));
        await using var listener = await ConnectAsync(alice);
        await using var stranger = await ConnectAsync(bob);

        await ShowStartAsync();
        await ShowLoadAsync(listener, stranger, alice);
        await ShowLockAndRefusalAsync(stranger, alice);
        await ShowOutageAsync(redis, alice);
        await ShowDrainAsync(listener);
        await broker.TerminateAsync();
        Assert.That(await broker.WaitForExitAsync(), Is.Zero);
        Assert.That(await broker.ReadErrorsAsync(), Is.Empty);
    }

    private async Task<RunningProcess> StartAsync(RunningRedis redis)
    {
        var broker = BrokerProgram.Start(
            _folder.Path,
            [],
            ("REDIS_URL", redis.Url()), ("JWT_SECRET", TestToken.Secret), ("CENTRIFUGO_API_KEY", RunningBroker.Key), ("CLAW_DEV_MODE", "true"), ("InternalPort", "0"),
            ("PublishesPerSecond", "0"), ("DrainSeconds", "1"), ("Logging__LogLevel__ClawEvents", "Debug"), ("Logging__Console__FormatterName", "json"));
        var line = await broker.ReadLineWithAsync("Started version ");
        _log.AppendLine(line);
        using var started = JsonDocument.Parse(line);
        var values = started.RootElement.GetProperty("State");
        (_url, _internal) = (new Uri(values.GetProperty("Address").GetString()!), new Uri(values.GetProperty("InternalAddress").GetString()!));
        _ = CollectAsync(broker);
        return broker;
    }

    private async Task CollectAsync(RunningProcess broker)
    {
        while (await broker.Output.ReadLineAsync() is { } line)
        {
            lock (_log)
            {
                _log.AppendLine(line);
            }
        }
    }

    private async Task ShowStartAsync()
    {
        Assert.That(await StatusAsync("/health/live"), Is.EqualTo(200));
        Assert.That(await StatusAsync("/health/ready"), Is.EqualTo(200));
        await WhenMetricAsync("clawevents_store_up{} 1", "clawevents_bus_up{} 1", "clawevents_nodes{} 1", "clawevents_connections{} 2", "clawevents_draining{} 0");
    }

    private async Task ShowLoadAsync(RunningWebSocket listener, RunningWebSocket other, string alice)
    {
        await listener.SubscribeAsync(Channel);
        await listener.SubscribeAsync("public.townsquare", id: 3);
        await other.SubscribeAsync("public.townsquare");
        for (var number = 0; number < 20; number++)
        {
            Assert.That(await PostAsync("/api/publish", """{"channel":"public.townsquare","payload":1}""", alice), Is.EqualTo(200));
        }

        await WhenMetricAsync("clawevents_publications_total{namespace=\"public\"} 20", "clawevents_deliveries_total{namespace=\"public\"} 40", "clawevents_subscriptions{} 3");
        Assert.That(await MetricsAsync(), Does.Match(@"clawevents_delivery_latency_seconds_count\{reactor=""\d+""\} [1-9]").And.Match(@"clawevents_redis_duration_seconds_count\{\} [1-9]"));
    }

    private async Task ShowLockAndRefusalAsync(RunningWebSocket bob, string alice)
    {
        Assert.That(await ExplainAsync("bob"), Is.EqualTo((true, "unlocked")));
        Assert.That(await PostAsync("/api/lock", $$"""{"channel":"{{Channel}}"}""", alice), Is.EqualTo(200));

        Assert.That(await ExplainAsync("bob"), Is.EqualTo((false, "locked")));
        Assert.That(await ExplainAsync("alice"), Is.EqualTo((true, "owner")));
        await bob.SendTextAsync($$$"""{"id":9,"subscribe":{"channel":"{{{Channel}}}"}}""");
        Assert.That(await ReadReplyAsync(bob, 9), Does.Contain("permission denied: locked"));
        await WhenMetricAsync("clawevents_denials_total{action=\"subscribe\",rule=\"locked\"} 1", "clawevents_refusals_total{code=\"403\",method=\"subscribe\"} 1");
        await WhenLoggedAsync("Refused a command of ");
    }

    private async Task ShowOutageAsync(RunningRedis redis, string alice)
    {
        await redis.KillAsync();
        await WhenStatusAsync("/health", 503);
        Assert.That(await StatusAsync("/health/ready"), Is.EqualTo(503));
        Assert.That(await StatusAsync("/health/live"), Is.EqualTo(200), "a restart would not help");
        Assert.That(await PostAsync("/api/publish", """{"channel":"public.townsquare","payload":1}""", alice), Is.EqualTo(503));
        await WhenMetricAsync("clawevents_store_up{} 0", "clawevents_bus_up{} 0");
        await WhenLoggedAsync(" is away: ");

        await redis.StartAgainAsync();
        await WhenStatusAsync("/health/ready", 200);
        await WhenMetricAsync("clawevents_store_up{} 1", "clawevents_bus_up{} 1");
        await WhenLoggedAsync(" is back.");
        Assert.That(CountOf("\"LogLevel\":\"Warning\""), Is.EqualTo(1), $"an outage is one warning:\n{Log}");
    }

    private async Task ShowDrainAsync(RunningWebSocket listener)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_internal, "/api/drain")) { Headers = { { "X-API-Key", RunningBroker.Key } } };
        using var response = await _http.SendAsync(request);
        Assert.That((int)response.StatusCode, Is.EqualTo(200));

        Assert.That(await StatusAsync("/health/ready"), Is.EqualTo(503));
        Assert.That(await StatusAsync("/health/live"), Is.EqualTo(200));
        Assert.That((await listener.ReadCloseAsync()).Code, Is.EqualTo(3001));
        await WhenLoggedAsync("Draining: not ready.");
        await WhenLoggedAsync("Drained: ");
        await WhenMetricAsync("clawevents_draining{} 1", "clawevents_disconnects_total{code=\"3001\"} 2");
    }

    // The publications of the load come first.
    private static async Task<string> ReadReplyAsync(RunningWebSocket client, int id)
    {
        string message;
        do
        {
            message = await client.ReadMessageAsync();
        }
        while (!message.Contains($"\"id\":{id}", StringComparison.Ordinal));
        return message;
    }

    private async Task<(bool IsAllowed, string Rule)> ExplainAsync(string user)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_internal, $"/api/explain?channel={Channel}&action=subscribe&user={user}")) { Headers = { { "X-API-Key", RunningBroker.Key } } };
        using var response = await _http.SendAsync(request);
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return (json.RootElement.GetProperty("allowed").GetBoolean(), json.RootElement.GetProperty("rule").GetString()!);
    }

    private async Task<string> RegisterAsync(string agent)
    {
        using var response = await _http.PostAsync(new Uri(_url, "/auth/dev-register"), Json($$"""{"username":"{{agent}}"}"""));
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return json.RootElement.GetProperty("token").GetString()!;
    }

    private async Task<RunningWebSocket> ConnectAsync(string token)
    {
        var client = await RunningWebSocket.OpenAsync(_url);
        await client.UpgradeAsync(_url);
        Assert.That(await client.AskAsync($$$"""{"id":1,"connect":{"token":"{{{token}}}"}}"""), Does.Contain("\"connect\""));
        return client;
    }

    private async Task<int> PostAsync(string path, string body, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_url, path)) { Content = Json(body), Headers = { { "Authorization", $"Bearer {token}" } } };
        using var response = await _http.SendAsync(request);
        return (int)response.StatusCode;
    }

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    private async Task<int> StatusAsync(string path)
    {
        using var response = await _http.GetAsync(new Uri(_url, path));
        return (int)response.StatusCode;
    }

    private Task<TimeSpan> WhenStatusAsync(string path, int status) => Eventually.IsTrueAsync(async () => await StatusAsync(path) == status, $"{path} answers {status}");

    private Task<string> MetricsAsync() => _http.GetStringAsync(new Uri(_internal, "/metrics"));

    private async Task WhenMetricAsync(params string[] lines)
    {
        foreach (var line in lines)
        {
            await Eventually.IsTrueAsync(async () => (await MetricsAsync()).Contains($"\n{line}\n", StringComparison.Ordinal), $"the metrics have {line}");
        }
    }

    private Task<TimeSpan> WhenLoggedAsync(string text) => Eventually.IsTrueAsync(() => CountOf(text) > 0, $"the log has '{text}'");

    private string Log
    {
        get
        {
            lock (_log)
            {
                return _log.ToString();
            }
        }
    }

    private int CountOf(string text) => Log.Split(text).Length - 1;
}
