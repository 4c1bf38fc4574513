using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Transports;

/// <summary>CORS headers for pages of other origins at the transports over HTTP.</summary>
[Checklist(144)]
public sealed class CrossOriginTests : RunningBrokerTests
{
    private const string Page = "https://page.example";

    private protected override BrokerOptions Change(BrokerOptions options) => options with { Connections = options.Connections with { AllowedOrigins = ["https://*.example"] } };

    [TestCase("/connection/http_stream")]
    [TestCase("/connection/sse")]
    [TestCase("/connection/uni_http_stream")]
    [TestCase("/connection/uni_sse")]
    public async Task A_page_whose_origin_is_allowed_may_read_the_stream_with_credentials(string path)
    {
        await using var stream = await RunningStream.OpenAsync(Broker, HttpMethod.Post, path, """{"id":1,"connect":{}}""".Utf8(), ("Origin", Page), ("Access-Control-Request-Headers", "x-a, x-b"));

        using (Assert.EnterMultipleScope())
        {
            Assert.That((int)stream.Response.StatusCode, Is.EqualTo(200));
            Assert.That(Header(stream.Response, "Access-Control-Allow-Origin"), Is.EqualTo(Page));
            Assert.That(Header(stream.Response, "Access-Control-Allow-Credentials"), Is.EqualTo("true"));
            Assert.That(Header(stream.Response, "Access-Control-Allow-Headers"), Is.EqualTo("x-a, x-b"));
            Assert.That(Header(stream.Response, "Vary"), Is.EqualTo("Origin"));
        }
    }

    [TestCase("POST", "/connection/http_stream")]
    [TestCase("POST", "/emulation")]
    public async Task A_page_whose_origin_is_not_allowed_gets_no_CORS_headers(string method, string path)
    {
        await using var stream = await RunningStream.OpenAsync(Broker, new HttpMethod(method), path, """{"id":1,"connect":{}}""".Utf8(), ("Origin", "https://elsewhere.org"));

        Assert.That((int)stream.Response.StatusCode, Is.Not.EqualTo(403));
        Assert.That(stream.Response.Headers.Select(header => header.Key), Has.None.StartsWith("Access-Control"));
    }

    [Test]
    public async Task A_page_may_get_a_load_balancers_cookie()
    {
        using var request = Support.Clients.CrossOrigin.Request(HttpMethod.Get, "/connection/init", Page);
        using var response = await Broker.Http.SendAsync(request);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo("{}"));
            Assert.That(((int)response.StatusCode, response.Content.Headers.ContentType!.MediaType), Is.EqualTo((200, "application/json")));
            Assert.That(Header(response, "Access-Control-Allow-Origin"), Is.EqualTo(Page));
            Assert.That(Header(response, "Access-Control-Allow-Credentials"), Is.EqualTo("true"));
        }

        Assert.That((await Broker.PostAsync("/connection/init", "{}")).Status, Is.EqualTo(405));
    }

    [TestCase("/connection/http_stream")]
    [TestCase("/connection/init")]
    [TestCase("/emulation")]
    public async Task A_preflight_request_is_answered(string path)
    {
        using var request = Support.Clients.CrossOrigin.Request(HttpMethod.Options, path, Page);
        request.Headers.Add("Access-Control-Request-Method", "POST");
        request.Headers.Add("Access-Control-Request-Headers", "content-type");
        using var response = await Broker.Http.SendAsync(request);

        using (Assert.EnterMultipleScope())
        {
            Assert.That((int)response.StatusCode, Is.EqualTo(204));
            Assert.That(Header(response, "Access-Control-Allow-Origin"), Is.EqualTo(Page));
            Assert.That(Header(response, "Access-Control-Allow-Methods"), Is.EqualTo("POST, OPTIONS"));
            Assert.That(Header(response, "Access-Control-Allow-Headers"), Is.EqualTo("content-type"));
            Assert.That(Header(response, "Access-Control-Max-Age"), Is.EqualTo("300"));
        }
    }

    [Test]
    public async Task An_OPTIONS_request_without_an_origin_is_a_204()
    {
        Assert.That((await Broker.SendAsync(HttpMethod.Options, "/emulation", null)).Status, Is.EqualTo(204));
        Assert.That((await Broker.SendAsync(HttpMethod.Options, "/connection/http_stream", null)).Status, Is.EqualTo(204));
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : null;
}
