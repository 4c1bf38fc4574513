using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Transports;

/// <summary>Server-sent events, as bytes.</summary>
public sealed class EventStreamTests : RunningBrokerTests
{
    private const string Connect = """{"id":1,"connect":{}}""";

    [TestCase("GET")]
    [TestCase("POST")]
    [Checklist(140)]
    public async Task The_stream_begins_with_an_empty_line_and_each_message_is_an_event(string method)
    {
        await using var stream = await OpenAsync(method, Connect);

        Assert.That(stream.Response.Content.Headers.ContentType?.ToString(), Is.EqualTo("text/event-stream; charset=utf-8"));
        Assert.That(await stream.ReadAsync(1), Is.EqualTo("\n".Utf8()));
        Assert.That(await stream.ReadConnectAsync(stream.ReadEventAsync), Does.StartWith("""{"id":1,"connect":{"client":"""));
        Assert.That((stream.Session.Length, stream.Node.Length), Is.EqualTo((32, 36)));
        Assert.That(await stream.SayAsync("""{"id":2,"subscribe":{"channel":"public.a"}}"""), Is.EqualTo(204));
        Assert.That(await stream.ReadEventAsync(), Is.EqualTo("""{"id":2,"subscribe":{}}"""));
        await Broker.PublishAsync("public.a", "{\"a\":\r\n1,\"b\":\"\\r\\n\"}");
        Assert.That(await stream.ReadEventAsync(), Is.EqualTo("""{"push":{"channel":"public.a","pub":{"data":{"a":1,"b":"\r\n"}}}}"""));
    }

    [Test]
    [Checklist(142)]
    public async Task A_disconnect_is_an_event_and_then_the_stream_ends()
    {
        await using var stream = await OpenAsync("GET", """{"id":1,"connect":{"token":"no token"}}""");
        await stream.ReadAsync(1);

        Assert.That(await stream.ReadEventAsync(), Is.EqualTo("""{"push":{"disconnect":{"code":3500,"reason":"invalid token"}}}"""));
        Assert.That(await stream.ReadLineAsync(), Is.Null);
    }

    [Test]
    public async Task A_long_token_fits_into_the_URL()
    {
        await using var stream = await OpenAsync("GET", $$$"""{"id":1,"connect":{"token":"{{{new string('x', 20_000)}}}"}}""");
        await stream.ReadAsync(1);

        Assert.That(await stream.ReadEventAsync(), Does.Contain("3500"));
    }

    private Task<RunningStream> OpenAsync(string method, string first) => method == "GET"
        ? RunningStream.OpenAsync(Broker, HttpMethod.Get, $"/connection/sse?cf_connect={Uri.EscapeDataString(first)}")
        : RunningStream.OpenAsync(Broker, HttpMethod.Post, "/connection/sse", first.Utf8());
}
