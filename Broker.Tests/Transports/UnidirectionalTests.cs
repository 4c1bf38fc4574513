using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.Transports;

/// <summary>Connections on which only the broker sends: bare pushes, and a connect in the request.</summary>
[Checklist(148)]
public sealed class UnidirectionalTests : RunningBrokerTests
{
    private const string Push = """^\{"connect":\{"client":"[0-9a-f-]{36}","version":"[^"]+",("subs":\{"public\.a":\{\}\},)?"ping":2,"session":"[0-9a-f]{32}"\}\}$""";

    private protected override BrokerOptions Change(BrokerOptions options) =>
        options with { Connections = options.Connections with { PingInterval = TimeSpan.FromSeconds(2), PongTimeout = TimeSpan.FromSeconds(1) } };

    [Test]
    public async Task An_HTTP_stream_has_bare_pushes_and_pings_that_need_no_answer()
    {
        await using var stream = await RunningStream.OpenAsync(Broker, HttpMethod.Post, "/connection/uni_http_stream", """{"subs":{"public.a":{}}}""".Utf8());

        Assert.That(await stream.ReadLineAsync(), Does.Match(Push));
        await Broker.PublishAsync("public.a", "1");
        Assert.That(await stream.ReadMessageAsync(), Is.EqualTo("""{"channel":"public.a","pub":{"data":1}}"""));
        for (var i = 0; i < 3; i++)
        {
            Assert.That(await stream.ReadLineAsync(), Is.EqualTo("{}"));
        }
    }

    [TestCase("GET", "/connection/uni_sse", null)]
    [TestCase("GET", "/connection/uni_sse?cf_connect=%7B%7D", null)]
    [TestCase("GET", "/connection/uni_sse?cf_connect=%7B%22subs%22%3A%7B%22public.a%22%3A%7B%7D%7D%7D", null)]
    [TestCase("POST", "/connection/uni_sse", """{"subs":{"public.a":{}}}""")]
    [TestCase("POST", "/connection/uni_sse", "null")]
    public async Task Events_are_bare_pushes(string method, string path, string? body)
    {
        await using var stream = await RunningStream.OpenAsync(Broker, new HttpMethod(method), path, body?.Utf8());

        Assert.That(await stream.ReadAsync(1), Is.EqualTo("\n".Utf8()));
        Assert.That(await stream.ReadEventAsync(), Does.Match(Push));
        Assert.That(await stream.ReadEventAsync(), Is.EqualTo("{}"));
    }

    [TestCase("null")]
    [TestCase("{}")]
    public async Task A_request_without_fields_connects(string body)
    {
        await using var stream = await RunningStream.OpenAsync(Broker, HttpMethod.Post, "/connection/uni_http_stream", body.Utf8());

        Assert.That(await stream.ReadLineAsync(), Does.Match(Push));
    }

    [TestCase("POST", "/connection/uni_http_stream", "[]")]
    [TestCase("POST", "/connection/uni_http_stream", "no json")]
    [TestCase("POST", "/connection/uni_sse", """{"token":1}""")]
    [TestCase("GET", "/connection/uni_sse?cf_connect=x", null)]
    [Checklist(147)]
    public async Task An_invalid_connect_request_is_a_400(string method, string path, string? body) =>
        Assert.That((await Broker.SendAsync(new HttpMethod(method), path, body?.Utf8())).Status, Is.EqualTo(400));

    [Test]
    public async Task A_failed_connect_is_a_disconnect_push()
    {
        var expired = TestToken.Of("""{"sub":"alice","exp":1}""");
        await using var invalid = await RunningStream.OpenAsync(Broker, HttpMethod.Post, "/connection/uni_http_stream", """{"token":"no token"}""".Utf8());
        await using var ended = await RunningStream.OpenAsync(_other, HttpMethod.Post, "/connection/uni_http_stream", $$"""{"token":"{{expired}}"}""".Utf8());

        Assert.That(await invalid.ReadLineAsync(), Is.EqualTo("""{"disconnect":{"code":3500,"reason":"invalid token"}}"""));
        Assert.That(await ended.ReadLineAsync(), Is.EqualTo("""{"disconnect":{"code":3005,"reason":"connection expired"}}"""));
        Assert.That((await invalid.ReadLineAsync(), await ended.ReadLineAsync()), Is.EqualTo(((string?)null, (string?)null)));
    }

    private RunningBroker _other = null!;

    [SetUp]
    public async Task StartOther() => _other = await RunningBroker.StartAsync(options => options with { Identity = options.Identity with { JwtSecret = TestToken.Secret } });

    [TearDown]
    public async Task StopOther() => await _other.DisposeAsync();

    [Test]
    [Checklist(138)]
    public async Task Emulation_requests_for_a_unidirectional_stream_are_ignored()
    {
        await using var stream = await RunningStream.OpenAsync(Broker, HttpMethod.Post, "/connection/uni_http_stream", "{}".Utf8());
        await stream.ReadConnectAsync();
        await using var other = await RunningStream.ConnectAsync(Broker);

        Assert.That(await stream.SayAsync("no json", node: other.Node), Is.EqualTo(204));
        Assert.That(await stream.ReadLineAsync(), Is.EqualTo("{}"), "The stream goes on.");
    }

    [Test]
    public async Task A_WebSocket_connects_by_its_first_message_or_URL_and_is_pinged_both_ways([Values] bool isInAddress)
    {
        await using var client = await UpgradeAsync(isInAddress ? "?cf_connect=%7B%22subs%22%3A%7B%22public.a%22%3A%7B%7D%7D%7D" : "");
        if (!isInAddress)
        {
            await client.SendTextAsync("""{"subs":{"public.a":{}}}""");
        }

        Assert.That((await client.ReadFrameAsync())!.PayloadText, Does.Match(Push));
        await Broker.PublishAsync("public.a", "1");
        Assert.That((await client.ReadFrameAsync())!.PayloadText, Is.EqualTo("""{"channel":"public.a","pub":{"data":1}}"""));
        for (var i = 0; i < 3; i++)
        {
            Assert.That((await client.ReadFrameAsync())!.PayloadText, Is.EqualTo("{}"));
            Assert.That((await client.ReadFrameAsync())!.First, Is.EqualTo(RunningFrame.Ping));
            await client.SendAsync(RunningFrame.Masked(RunningFrame.Pong, []));
        }

        await client.SendTextAsync("this message is ignored");
        await Broker.PublishAsync("public.a", "2");
        Assert.That((await client.ReadFrameAsync())!.PayloadText, Does.Contain("\"data\":2"));
    }

    [Test]
    public async Task A_WebSocket_ends_with_a_push_and_a_close_frame()
    {
        await using var client = await UpgradeAsync("");
        await client.SendTextAsync("""{"token":"no token"}""");

        Assert.That((await client.ReadFrameAsync())!.PayloadText, Is.EqualTo("""{"disconnect":{"code":3500,"reason":"invalid token"}}"""));
        Assert.That(await client.ReadCloseAsync(), Is.EqualTo((3500, "invalid token")));
    }

    [Test]
    public async Task A_WebSocket_that_answers_no_ping_frame_is_closed()
    {
        await using var client = await UpgradeAsync("");
        await client.SendTextAsync("{}");

        Assert.That(await client.ReadCloseAsync(), Is.EqualTo((3012, "no pong")));
    }

    private async Task<RunningWebSocket> UpgradeAsync(string query)
    {
        var client = await RunningWebSocket.OpenAsync(Broker.Url, receiveBuffer: 0);
        await client.SendAsync(Broker.UpgradeRequest().Replace("/connection/websocket ", $"/connection/uni_websocket{query} ", StringComparison.Ordinal));
        Assert.That(await client.ReadHeadAsync(), Does.StartWith("HTTP/1.1 101 "));
        return client;
    }
}

/// <summary>Transports on other paths.</summary>
public sealed class TransportPathsTests : RunningBrokerTests
{
    private protected override BrokerOptions Change(BrokerOptions options) => options with
    {
        Transports = new()
        {
            Paths = new() { WebSocket = "/ws", HttpStream = "/stream", Events = "/events", UniWebSocket = "/uni/ws", UniHttpStream = "/uni/stream", UniEvents = "/uni/events", Init = "/init", Emulation = "/commands" },
        },
    };

    [Test]
    public async Task Clients_connect_there()
    {
        var socket = new Uri(Broker.Url, "/ws");
        await using var client = await RunningWebSocket.OpenAsync(socket);
        await client.UpgradeAsync(socket);
        Assert.That(await client.AskAsync("""{"id":1,"connect":{}}"""), Does.StartWith("""{"id":1,"connect":{"client":"""));

        await using var one = await RunningWebSocket.OpenAsync(Broker.Url);
        await one.UpgradeAsync(new Uri(Broker.Url, "/uni/ws"));
        Assert.That((await Broker.SendAsync(HttpMethod.Get, "/init", null)).Status, Is.EqualTo(200));
        Assert.That((await Broker.SendAsync(HttpMethod.Post, "/commands", "x"u8.ToArray())).Status, Is.EqualTo(400));
        foreach (var path in new[] { "/stream", "/events", "/uni/stream" })
        {
            Assert.That((await Broker.SendAsync(HttpMethod.Post, path, null)).Status, Is.EqualTo(400), path);
        }
    }

    [TestCase("GET", "/connection/websocket")]
    [TestCase("POST", "/connection/http_stream")]
    [TestCase("POST", "/connection/sse")]
    [TestCase("GET", "/connection/uni_websocket")]
    [TestCase("POST", "/connection/uni_http_stream")]
    [TestCase("POST", "/connection/uni_sse")]
    [TestCase("POST", "/emulation")]
    [TestCase("GET", "/connection/init")]
    public async Task The_usual_paths_are_a_404(string method, string path) =>
        Assert.That(await Broker.SendAsync(new HttpMethod(method), path, null), Is.EqualTo(RunningAnswer.NotFound));
}

/// <summary>Transports that were switched off.</summary>
public sealed class SwitchedOffTransportsTests : RunningBrokerTests
{
    private protected override BrokerOptions Change(BrokerOptions options) => options with
    {
        Transports = new() { WebSocket = false, HttpStream = false, Events = false, UniWebSocket = false, UniHttpStream = false, UniEvents = false, Init = false },
    };

    [TestCase("GET", "/connection/websocket")]
    [TestCase("POST", "/connection/http_stream")]
    [TestCase("GET", "/connection/sse")]
    [TestCase("GET", "/connection/uni_websocket")]
    [TestCase("POST", "/connection/uni_http_stream")]
    [TestCase("GET", "/connection/uni_sse")]
    [TestCase("POST", "/emulation")]
    [TestCase("GET", "/connection/init")]
    [Checklist(138, 148)]
    public async Task Transports_that_are_switched_off_are_a_404(string method, string path) =>
        Assert.That(await Broker.SendAsync(new HttpMethod(method), path, null), Is.EqualTo(RunningAnswer.NotFound));

    [Test]
    public async Task An_upgrade_is_a_404_where_WebSocket_is_switched_off()
    {
        var client = await Broker.OpenAsync();
        await client.SendAsync(Broker.UpgradeRequest());

        Assert.That(await client.ReadHeadAsync(), Does.StartWith("HTTP/1.1 404 "));
    }
}
