using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Api;

/// <summary>HEAD is GET without the body.</summary>
public sealed class HeadRequestsTests : RunningBrokerTests
{
    [TestCase("/health", 200)]
    [TestCase("/agents", 200)]
    [TestCase("/stats", 200)]
    [TestCase("/api/advertise/list", 200)]
    [TestCase("/api/advertise/search?q=x", 200)]
    [TestCase("/api/advertise/search", 400)]
    [TestCase("/api/advertise/alice", 200)]
    [TestCase("/api/advertise/alice/x", 404)]
    [TestCase("/api/profile/alice", 200)]
    [TestCase("/api/locks/alice", 200)]
    [TestCase("/api/apps", 401)]
    [TestCase("/api/apps/shop", 401)]
    [TestCase("/api/webhooks", 401)]
    [TestCase("/docs/openapi.json", 200)]
    [TestCase("/docs/openapi.yaml", 200)]
    [TestCase("/no-such-path", 404)]
    [TestCase("/api/lock", 404)]
    public async Task HEAD_is_answered_like_GET(string path, int status)
    {
        var get = await Broker.SendAsync(HttpMethod.Get, path, null);

        var head = await Broker.SendAsync(HttpMethod.Head, path, null);

        Assert.That(get.Status, Is.EqualTo(status));
        Assert.That(head, Is.EqualTo(get with { Body = "" }));
    }

    [Test]
    public async Task The_connection_stays_usable_after_HEAD()
    {
        var client = await Broker.OpenAsync();

        for (var i = 0; i < 2; i++)
        {
            await client.SendAsync("HEAD /api/advertise/list HTTP/1.1\r\nHost: localhost\r\n\r\n");
            Assert.That(await client.ReadHeadAsync(), Does.StartWith("HTTP/1.1 200 OK\r\n"));
        }
    }

    [TestCase("HEAD")]
    [TestCase("POST")]
    [TestCase("OPTIONS")]
    [Checklist(14)]
    public async Task Only_GET_can_upgrade_a_connection(string method)
    {
        var client = await Broker.OpenAsync();

        await client.SendAsync(Broker.UpgradeRequest().Replace("GET ", $"{method} ", StringComparison.Ordinal));

        Assert.That(await client.ReadHeadAsync(), Does.StartWith("HTTP/1.1 405 Method Not Allowed\r\n").And.Contain("\r\nAllow: GET\r\n"));
    }

    [TestCase("HEAD")]
    [TestCase("POST")]
    [TestCase("OPTIONS")]
    [Checklist(14)]
    public async Task Without_an_upgrade_the_path_of_the_WebSocket_answers_as_to_GET(string method) =>
        Assert.That((await Broker.SendAsync(new HttpMethod(method), "/connection/websocket", null)).Status, Is.EqualTo(400));

    [TestCase("/connection/sse")]
    [TestCase("/connection/uni_sse")]
    [TestCase("/connection/uni_sse?cf_connect={}")]
    [Checklist(147)]
    public async Task HEAD_opens_no_stream(string path) => Assert.That((await Broker.SendAsync(HttpMethod.Head, path, null)).Status, Is.EqualTo(405));
}
