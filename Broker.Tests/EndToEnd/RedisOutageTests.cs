using System.Diagnostics;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>A broker whose Redis becomes unavailable and comes back.</summary>
public sealed class RedisOutageTests
{
    private const string Lock = """{"channel":"agent.alice.x"}""";
    private const string Sick = """{"ok":false,"store":{"type":"redis","ok":false},"bus":{"ok":false}}""";
    private const string Well = """{"ok":true,"store":{"type":"redis","ok":true},"bus":{"ok":true}}""";

    // Twice the limit of one answer, plus some time for a busy machine.
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);

    private RunningRedis _redis = null!;
    private RunningBroker _broker = null!;

    [SetUp]
    public async Task Start()
    {
        _redis = await RunningRedis.StartAsync();
        _broker = await RunningBroker.StartAsync(options => options with { State = options.State with { Redis = [_redis.Address()] }, Publishing = options.Publishing with { PublishesPerSecond = 1_000_000 } });
    }

    [TearDown]
    public async Task Stop()
    {
        await _broker.DisposeAsync();
        await _redis.DisposeAsync();
        Assert.That(_broker.Errors, Is.Empty, "An unavailable Redis is not a fault of the broker.");
    }

    [Test]
    public async Task A_Redis_killed_under_load_causes_503_until_it_is_back()
    {
        var token = await _broker.RegisterAsync("alice");
        using var stop = new CancellationTokenSource();
        var load = Enumerable.Range(0, 8).Select(_ => PublishUntilAsync(token, stop.Token)).ToArray();
        await AwaitAsync("/api/publish", """{"channel":"public.x"}""", token, 200);

        await _redis.KillAsync();
        await AwaitAsync("/api/publish", """{"channel":"public.x"}""", token, 503);
        var sick = await _broker.SendAsync(HttpMethod.Get, "/health", null);
        var refused = await _broker.PostAsync("/auth/dev-register", """{"username":"alice"}""");
        await _redis.StartAgainAsync();
        await AwaitHealthAsync(Well);

        // That Redis has lost its data.
        token = await _broker.RegisterAsync("alice");
        await AwaitAsync("/api/lock", Lock, token, 200);
        await stop.CancelAsync();
        var statuses = (await Task.WhenAll(load)).SelectMany(one => one).ToHashSet();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(sick, Is.EqualTo(RunningAnswer.Json(503, Sick)));
            Assert.That(refused, Is.EqualTo(RunningAnswer.Json(503, """{"error":"store unavailable, try again later"}""")));
            Assert.That(statuses, Is.SupersetOf(new[] { 200, 503 }).And.SubsetOf(new[] { 200, 401, 503 }), "401: the key went with the old Redis");
        }
    }

    [Test]
    public async Task A_silent_Redis_causes_503_within_bounds_until_it_continues()
    {
        var token = await _broker.RegisterAsync("alice");
        await AwaitAsync("/api/lock", Lock, token, 200);

        await _redis.StopAsync();
        var longest = TimeSpan.Zero;
        for (var i = 0; i < 4; i++)
        {
            var begun = Stopwatch.GetTimestamp();
            var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => _broker.PostAsync("/api/unlock", Lock, token)));
            longest = TimeSpan.FromTicks(Math.Max(longest.Ticks, Stopwatch.GetElapsedTime(begun).Ticks));
            Assert.That(answers.Select(answer => answer.Status), Is.All.EqualTo(503));
        }

        var sick = await _broker.SendAsync(HttpMethod.Get, "/health", null);
        await _redis.ContinueAsync();
        await AwaitHealthAsync(Well);

        Assert.That(longest, Is.LessThan(Bound));
        Assert.That(sick, Is.EqualTo(RunningAnswer.Json(503, Sick)));
        await AwaitAsync("/api/lock", Lock, token, 200);
        await TestContext.Out.WriteLineAsync($"the longest of 200 requests took {longest.TotalMilliseconds:F0} ms");
    }

    [Test]
    public async Task A_connection_gets_a_temporary_error_and_works_when_Redis_is_back()
    {
        var client = await _broker.ConnectAsync();
        await _redis.KillAsync();

        var refused = await client.AskAsync("""{"id":2,"subscribe":{"channel":"agent.alice.x"}}""");
        await _redis.StartAgainAsync();
        await AwaitHealthAsync(Well);
        var subscribed = await client.AskAsync("""{"id":3,"subscribe":{"channel":"agent.alice.x"}}""");

        Assert.That(refused, Is.EqualTo("""{"id":2,"error":{"code":100,"message":"store unavailable","temporary":true}}"""));
        Assert.That(subscribed, Is.EqualTo("""{"id":3,"subscribe":{}}"""));
    }

    [Test]
    public async Task A_broker_starts_without_Redis_and_works_when_Redis_starts()
    {
        await _redis.KillAsync();
        await using var broker = await RunningBroker.StartAsync(options => options with { State = options.State with { Redis = [_redis.Address()] } });

        var sick = await broker.SendAsync(HttpMethod.Get, "/health", null);
        await _redis.StartAgainAsync();
        await AwaitHealthAsync(Well, broker);

        Assert.That(sick, Is.EqualTo(RunningAnswer.Json(503, Sick)));
        Assert.That(await broker.RegisterAsync("alice"), Is.Not.Empty);
        Assert.That((await broker.SendAsync(HttpMethod.Get, "/api/advertise/list", null)).Status, Is.EqualTo(200));
        Assert.That(broker.Errors, Is.Empty);
    }

    private async Task<List<int>> PublishUntilAsync(string token, CancellationToken stop)
    {
        var statuses = new List<int>();
        while (!stop.IsCancellationRequested)
        {
            statuses.Add((await _broker.PostAsync("/api/publish", """{"channel":"public.x"}""", token)).Status);
        }

        return statuses;
    }

    private async Task AwaitAsync(string path, string body, string token, int status)
    {
        var begun = Stopwatch.GetTimestamp();
        while ((await _broker.PostAsync(path, body, token)).Status != status)
        {
            Assert.That(Stopwatch.GetElapsedTime(begun), Is.LessThan(RunningBroker.Patience), $"{path} never answers {status}");
        }
    }

    private async Task AwaitHealthAsync(string health, RunningBroker? broker = null)
    {
        var begun = Stopwatch.GetTimestamp();
        while ((await (broker ?? _broker).SendAsync(HttpMethod.Get, "/health", null)).Body != health)
        {
            Assert.That(Stopwatch.GetElapsedTime(begun), Is.LessThan(RunningBroker.Patience), $"/health never says {health}");
        }
    }
}
