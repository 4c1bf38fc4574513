using System.Text;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Transports;

/// <summary>HTTP-streaming and /emulation, as bytes.</summary>
public sealed class HttpStreamTests : RunningBrokerTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    private protected override BrokerOptions Change(BrokerOptions options) => options with { Connections = options.Connections with { ConnectTimeout = Limit, MaxMessageBytes = 2048 } };

    [Test]
    [Checklist(138)]
    public async Task Replies_and_pushes_are_lines_and_the_connect_reply_names_session_and_node()
    {
        await using var stream = await RunningStream.OpenAsync(Broker, HttpMethod.Post, "/connection/http_stream", """{"id":1,"connect":{}}""".Utf8());
        var reply = await stream.ReadConnectAsync();

        Assert.That(reply, Does.Match("""^\{"id":1,"connect":\{"client":"[0-9a-f-]{36}","version":"[^"]+","ping":25,"pong":true,"session":"[0-9a-f]{32}","node":"[0-9a-f-]{36}"\}\}$"""));
        Assert.That(await stream.AskAsync("""{"id":2,"subscribe":{"channel":"public.a"}}"""), Is.EqualTo("""{"id":2,"subscribe":{}}"""));
        await Broker.PublishAsync("public.a", "{\"a\":\n1}");
        Assert.That(await stream.ReadMessageAsync(), Is.EqualTo("""{"push":{"channel":"public.a","pub":{"data":{"a":1}}}}"""));
    }

    [Test]
    [Checklist(145)]
    public async Task Proxies_are_asked_not_to_cache_or_buffer_the_response()
    {
        await using var stream = await RunningStream.ConnectAsync(Broker);
        var headers = stream.Response.Headers;

        using (Assert.EnterMultipleScope())
        {
            Assert.That((int)stream.Response.StatusCode, Is.EqualTo(200));
            Assert.That(stream.Response.Content.Headers.ContentType?.ToString(), Is.EqualTo("text/plain; charset=utf-8"));
            Assert.That(headers.TransferEncodingChunked, Is.True);
            Assert.That(headers.CacheControl?.ToString().Split(", "), Is.EquivalentTo("private, no-cache, no-store, must-revalidate, max-age=0".Split(", ")));
            Assert.That(headers.GetValues("Pragma"), Is.EqualTo(new[] { "no-cache" }));
            Assert.That(headers.GetValues("X-Accel-Buffering"), Is.EqualTo(new[] { "no" }));
            Assert.That(stream.Response.Content.Headers.GetValues("Expires"), Is.EqualTo(new[] { "0" }));
        }
    }

    [Test]
    [Checklist(138)]
    public async Task Several_commands_may_open_the_stream_and_come_in_one_request()
    {
        await using var stream = await RunningStream.OpenAsync(Broker, HttpMethod.Post, "/connection/http_stream", "{\"id\":1,\"connect\":{}}\n{\"id\":2,\"subscribe\":{\"channel\":\"public.a\"}}".Utf8());
        await stream.ReadConnectAsync();
        Assert.That(await stream.ReadMessageAsync(), Is.EqualTo("""{"id":2,"subscribe":{}}"""));

        Assert.That(await stream.AskAsync("{\"id\":3,\"unsubscribe\":{\"channel\":\"public.a\"}}\n{\"id\":4,\"unsubscribe\":{\"channel\":\"public.a\"}}\n"), Is.EqualTo("""{"id":3,"unsubscribe":{}}"""));
        Assert.That(await stream.ReadMessageAsync(), Is.EqualTo("""{"id":4,"unsubscribe":{}}"""));
    }

    [Test]
    [Checklist(138)]
    public async Task An_unknown_node_is_a_404_and_an_unknown_session_a_204()
    {
        await using var stream = await RunningStream.ConnectAsync(Broker);

        Assert.That(await stream.SayAsync("{}", node: Guid.NewGuid().ToString()), Is.EqualTo(404));
        Assert.That(await stream.SayAsync("{}", node: ""), Is.EqualTo(404));
        Assert.That(await stream.SayAsync("{}", session: "0123456789abcdef0123456789abcdef"), Is.EqualTo(204));
        Assert.That(await stream.AskAsync("""{"id":2,"unsubscribe":{"channel":"x"}}"""), Is.EqualTo("""{"id":2,"unsubscribe":{}}"""), "The stream goes on.");
    }

    [Test]
    [Checklist(142)]
    public async Task A_disconnect_is_a_push_and_then_the_stream_ends()
    {
        await using var stream = await RunningStream.ConnectAsync(Broker);

        Assert.That(await stream.AskAsync("no json"), Is.EqualTo("""{"push":{"disconnect":{"code":3501,"reason":"bad request"}}}"""));
        Assert.That(await stream.ReadLineAsync(), Is.Null);
        Assert.That(await Broker.CountClientsAsync(), Is.Zero);
    }

    [TestCase("""{"id":1,"connect":{"token":"no token"}}""", 3500, "invalid token")]
    [TestCase("""{"id":1,"subscribe":{"channel":"public.a"}}""", 3501, "bad request")]
    [TestCase("no json", 3501, "bad request")]
    [TestCase("\n", 3501, "bad request")]
    [Checklist(142)]
    public async Task A_failed_connect_is_reported_on_the_stream(string first, int code, string reason)
    {
        await using var stream = await RunningStream.OpenAsync(Broker, HttpMethod.Post, "/connection/http_stream", first.Utf8());

        Assert.That(await stream.ReadMessageAsync(), Is.EqualTo($"{{\"push\":{{\"disconnect\":{{\"code\":{code},\"reason\":\"{reason}\"}}}}}}"));
        Assert.That(await stream.ReadLineAsync(), Is.Null);
    }

    [Test]
    public async Task Invalid_UTF8_is_a_bad_request()
    {
        await using var stream = await RunningStream.OpenAsync(Broker, HttpMethod.Post, "/connection/http_stream", [0xFF, 0xFE]);

        Assert.That(await stream.ReadMessageAsync(), Does.Contain("3501"));
    }

    [Test]
    public async Task A_stream_that_never_connects_becomes_stale()
    {
        await using var stream = await RunningStream.OpenAsync(Broker, HttpMethod.Post, "/connection/http_stream", """{"id":1,"connect":{"token":""".Utf8());

        Assert.That(await stream.ReadMessageAsync(), Does.Contain("3501").Or.Contain("3502"));
    }

    [Test]
    [Checklist(146)]
    public async Task A_client_that_leaves_is_removed_immediately()
    {
        var stream = await RunningStream.ConnectAsync(Broker);
        await stream.AskAsync("""{"id":2,"subscribe":{"channel":"public.a"}}""");

        await stream.DisposeAsync();

        await Eventually.IsTrueAsync(async () => (await Broker.PostWithKeyAsync("/api/info", "{}")).Body.Contains("\"num_clients\":0,\"num_users\":0,\"num_channels\":0,\"num_subs\":0", StringComparison.Ordinal));
        Assert.That(await stream.SayAsync("""{"id":3,"unsubscribe":{"channel":"x"}}"""), Is.EqualTo(204), "As for any unknown session.");
    }

    [TestCase("")]
    [TestCase("[]")]
    [TestCase("no json")]
    [TestCase("""{"session":1}""")]
    [Checklist(147)]
    public async Task An_invalid_emulation_request_is_a_400(string body) =>
        Assert.That((await Broker.PostAsync("/emulation", body)).Status, Is.EqualTo(400));

    [TestCase("GET", "/emulation", "POST, OPTIONS")]
    [TestCase("PUT", "/emulation", "POST, OPTIONS")]
    [TestCase("GET", "/connection/http_stream", "POST")]
    [TestCase("DELETE", "/connection/http_stream", "POST")]
    [TestCase("OPTIONS", "/connection/sse", "GET, POST")]
    [TestCase("PUT", "/connection/sse", "GET, POST")]
    [TestCase("OPTIONS", "/connection/uni_sse", "GET, POST")]
    [TestCase("GET", "/connection/uni_http_stream", "POST")]
    [Checklist(147)]
    public async Task A_wrong_method_is_a_405_that_names_the_allowed_ones(string method, string path, string allowed)
    {
        using var response = await Broker.Http.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));

        Assert.That((int)response.StatusCode, Is.EqualTo(405));
        Assert.That(response.Content.Headers.Allow, Is.EqualTo(allowed.Split(", ")));
    }

    [TestCase("POST", "/connection/http_stream")]
    [TestCase("POST", "/connection/sse")]
    [TestCase("GET", "/connection/sse")]
    [TestCase("GET", "/connection/sse?cf_connect=")]
    [TestCase("POST", "/connection/uni_http_stream")]
    [Checklist(147)]
    public async Task An_empty_request_is_a_400(string method, string path) =>
        Assert.That((await Broker.SendAsync(new HttpMethod(method), path, null)).Status, Is.EqualTo(400));

    [TestCase("/connection/http_stream")]
    [TestCase("/connection/sse")]
    [TestCase("/connection/uni_sse")]
    [TestCase("/connection/uni_http_stream")]
    [TestCase("/emulation")]
    [Checklist(147)]
    public async Task A_body_that_is_too_long_is_a_413(string path) =>
        Assert.That((await Broker.PostAsync(path, new string(' ', 2049))).Status, Is.EqualTo(413));
}

/// <summary>Streams and time.</summary>
public sealed class HttpStreamPingTests : RunningBrokerTests
{
    private protected override BrokerOptions Change(BrokerOptions options) =>
        options with { Connections = options.Connections with { PingInterval = TimeSpan.FromSeconds(2), PongTimeout = TimeSpan.FromSeconds(1) } };

    [Test]
    [Checklist(141)]
    public async Task A_ping_is_an_empty_line_that_is_answered_through_emulation()
    {
        await using var stream = await RunningStream.ConnectAsync(Broker);

        for (var i = 0; i < 3; i++)
        {
            Assert.That(await stream.ReadLineAsync(), Is.EqualTo("{}"));
            Assert.That(await stream.SayAsync("{}"), Is.EqualTo(204));
        }
    }

    [Test]
    [Checklist(141, 142)]
    public async Task A_client_that_answers_no_ping_gets_a_disconnect_push()
    {
        await using var stream = await RunningStream.ConnectAsync(Broker);

        Assert.That(await stream.ReadLineAsync(), Is.EqualTo("{}"));
        Assert.That(await stream.ReadLineAsync(), Is.EqualTo("""{"push":{"disconnect":{"code":3012,"reason":"no pong"}}}"""));
        Assert.That(await stream.ReadLineAsync(), Is.Null);
    }
}

/// <summary>A broker that stops while it streams.</summary>
public sealed class StoppingStreamTests
{
    [Test]
    [Checklist(142, 177)]
    public async Task Every_stream_gets_code_3001_and_ends()
    {
        var broker = await RunningBroker.StartAsync();
        await using var stream = await RunningStream.ConnectAsync(broker);
        await using var uni = await RunningStream.OpenAsync(broker, HttpMethod.Post, "/connection/uni_http_stream", "{}".Utf8());
        await uni.ReadMessageAsync();

        var stopping = broker.StopAsync();

        Assert.That(await stream.ReadMessageAsync(), Is.EqualTo("""{"push":{"disconnect":{"code":3001,"reason":"shutdown"}}}"""));
        Assert.That(await uni.ReadMessageAsync(), Is.EqualTo("""{"disconnect":{"code":3001,"reason":"shutdown"}}"""));
        Assert.That((await stream.ReadLineAsync(), await uni.ReadLineAsync()), Is.EqualTo(((string?)null, (string?)null)));
        await stopping.WaitAsync(TimeSpan.FromSeconds(10));
        await broker.DisposeAsync();
    }
}

/// <summary>A stream that does not read.</summary>
public sealed class SlowStreamTests : RunningBrokerTests
{
    private protected override BrokerOptions Change(BrokerOptions options) =>
        options with { Connections = options.Connections with { MaxQueuedBytes = 64 * 1024, CloseTimeout = TimeSpan.FromSeconds(1) } };

    [TestCase("/connection/http_stream", "{\"id\":1,\"connect\":{}}\n{\"id\":2,\"subscribe\":{\"channel\":\"public.a\"}}")]
    [TestCase("/connection/sse", "{\"id\":1,\"connect\":{}}\n{\"id\":2,\"subscribe\":{\"channel\":\"public.a\"}}")]
    [TestCase("/connection/uni_sse", """{"subs":{"public.a":{}}}""")]
    [Checklist(178)]
    public async Task A_slow_client_is_disconnected_by_its_waiting_bytes_and_the_others_lose_nothing(string path, string first)
    {
        await using var slow = await RunningWebSocket.OpenAsync(Broker.Url, receiveBuffer: 4096);
        await slow.SendAsync($"POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {first.Length}\r\n\r\n{first}");
        await slow.ReadHeadAsync();
        await Eventually.IsTrueAsync(async () => await Broker.CountClientsAsync() == 1);
        var healthy = await RunningStream.ConnectAsync(Broker);
        await healthy.AskAsync("""{"id":2,"subscribe":{"channel":"public.a"}}""");
        var data = $"\"{new string('x', 30_000)}\"";

        for (var number = 0; await Broker.CountClientsAsync() == 2; number++)
        {
            Assert.That(number, Is.LessThan(1_000), "It should have been disconnected by now.");
            await Broker.PublishAsync("public.a", data);
            Assert.That(await healthy.ReadMessageAsync(), Has.Length.GreaterThan(30_000));
        }

        Assert.That(await healthy.AskAsync("""{"id":3,"unsubscribe":{"channel":"x"}}"""), Is.EqualTo("""{"id":3,"unsubscribe":{}}"""));
        var received = Encoding.UTF8.GetString(await slow.ReadToEndAsync());
        await healthy.DisposeAsync();
        Assert.That(received, Does.Contain("\"disconnect\":{\"code\":3008,\"reason\":\"slow\"}").Or.EndWith("x"), "The push, unless the transport was aborted first.");
    }
}
