using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>A node that is drained by its operator, and serves again.</summary>
[TestFixtureSource(typeof(TestTransports), nameof(TestTransports.All))]
public sealed class DrainTests(TestTransport transport) : RunningBrokerTests(transport: transport)
{
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(1);

    private readonly ManualTimeProvider _clock = new();

    private protected override TimeProvider Time => _clock;

    private protected override BrokerOptions Change(BrokerOptions options) => options with
    {
        Listeners = options.Listeners with { DrainDelay = Delay },
        Connections = options.Connections with { PingInterval = TimeSpan.Zero },
    };

    [Test]
    public async Task A_node_is_not_ready_then_accepts_nobody_and_sends_all_away_while_requests_are_served()
    {
        var client = await Broker.ConnectAsync();
        await using var stream = await RunningStream.ConnectAsync(Broker);
        Assert.That((await GetAsync("/health/ready")).Body, Is.EqualTo((await GetAsync("/health")).Body));

        Assert.That((await DrainAsync(HttpMethod.Post)).Body, Does.StartWith("""{"ok":true,"phase":"leaving","ready":false,"remaining":2,"sent":0,"delay_seconds":1,"drain_seconds":0}"""));
        var ready = await GetAsync("/health/ready");
        var late = await Broker.ConnectAsync();
        await PassDelayAsync();

        Assert.That((ready.Status, ready.Body), Is.EqualTo((503, """{"ok":false,"draining":true,"store":{"type":"sqlite","ok":true},"bus":{"ok":true}}""")));
        Assert.That(await client.ReadCloseAsync(), Is.EqualTo((3001, "shutdown")));
        Assert.That(await late.ReadCloseAsync(), Is.EqualTo((3001, "shutdown")));
        Assert.That(await stream.ReadMessageAsync(), Is.EqualTo("""{"push":{"disconnect":{"code":3001,"reason":"shutdown"}}}"""));
        Assert.That(await RefusedAsync(isReused: false), Does.StartWith("HTTP/1.1 503 ").And.Match("\r\nRetry-After: [1-5]\r\n"));
        Assert.That(await RefusedAsync(isReused: true), Does.StartWith("HTTP/1.1 503 ").And.Match("\r\nRetry-After: [1-5]\r\n"));
        Assert.That((await Broker.PostAsync("/connection/sse", """{"id":1,"connect":{}}""")).Status, Is.EqualTo(503));
        Assert.That((await GetAsync("/health")).Status, Is.EqualTo(200));
        Assert.That((await GetAsync("/health/live")).Body, Is.EqualTo("""{"ok":true}"""));
        await Broker.PublishAsync("public.a", "1");
        await client.DisposeAsync();
        await late.DisposeAsync();
        await Eventually.IsTrueAsync(
            async () =>
            {
                // The response of a stream ends a moment later.
                _clock.Advance(TimeSpan.FromMilliseconds(100));
                return (await DrainAsync(HttpMethod.Get)).Body.StartsWith("""{"ok":true,"phase":"drained","ready":false,"remaining":0,"sent":3,""", StringComparison.Ordinal);
            },
            "not all have gone");
    }

    [Test]
    public async Task A_node_whose_drain_was_cancelled_serves_again()
    {
        await DrainAsync(HttpMethod.Post);
        await PassDelayAsync();
        await Eventually.IsTrueAsync(async () => (await DrainAsync(HttpMethod.Get)).Body.Contains("drained", StringComparison.Ordinal));

        Assert.That((await DrainAsync(HttpMethod.Delete)).Body, Does.StartWith("""{"ok":true,"phase":"serving","ready":true,"""));

        await Broker.ConnectAsync();
        Assert.That((await GetAsync("/health/ready")).Status, Is.EqualTo(200));
    }

    [Test]
    public async Task Only_callers_with_the_server_key_drain_a_node([Values("GET", "POST", "DELETE")] string method)
    {
        var token = await Broker.RegisterAsync("alice");

        Assert.That((await Broker.SendAsync(new HttpMethod(method), "/api/drain", null)).Status, Is.EqualTo(401));
        Assert.That((await Broker.SendAsync(new HttpMethod(method), "/api/drain", null, ("X-API-Key", "another"))).Status, Is.EqualTo(401));
        Assert.That((await Broker.SendAsync(new HttpMethod(method), "/api/drain", null, ("Authorization", $"Bearer {token}"))).Status, Is.EqualTo(401));
        Assert.That((await GetAsync("/health/ready")).Status, Is.EqualTo(200));
    }

    // The clock may have moved before the drain began to wait.
    private Task<TimeSpan> PassDelayAsync() => Eventually.IsTrueAsync(async () =>
    {
        _clock.Advance(Delay);
        return !(await DrainAsync(HttpMethod.Get)).Body.Contains("leaving", StringComparison.Ordinal);
    });

    private Task<RunningAnswer> GetAsync(string path) => Broker.SendAsync(HttpMethod.Get, path, null);

    private Task<RunningAnswer> DrainAsync(HttpMethod method) => Broker.SendAsync(method, "/api/drain", null, ("X-API-Key", RunningBroker.Key));

    // On a connection that served a request before, which a drained node answers and closes: so the request for HTTP is another one here.
    private async Task<string> RefusedAsync(bool isReused)
    {
        var client = await Broker.OpenAsync();
        await client.SendAsync(isReused
            ? Broker.UpgradeRequest().Replace("/connection/websocket", "/connection/uni_websocket", StringComparison.Ordinal)
            : Broker.UpgradeRequest());
        return await client.ReadHeadAsync();
    }
}
