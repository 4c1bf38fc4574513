using System.Net;
using System.Net.WebSockets;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>HTTP/2, which TLS chooses: WebSockets (RFC 8441), streams and the API over one connection.</summary>
public sealed class Http2Tests : RunningBrokerTests, IDisposable
{
    private readonly RunningCertificate _certificate = new();

    private protected override BrokerOptions Change(BrokerOptions options) => _certificate.Add(options) with { Connections = new() { CloseTimeout = TimeSpan.FromSeconds(1) } };

    public void Dispose() => _certificate.Dispose();

    [Test]
    [Checklist(182)]
    public async Task The_API_answers()
    {
        using var request = Request(HttpMethod.Get, "/health");
        using var response = await Broker.Http.SendAsync(request);

        Assert.That((response.Version, await response.Content.ReadAsStringAsync()), Is.EqualTo((HttpVersion.Version20, RunningAnswer.Healthy)));
    }

    [Test]
    [Checklist(1)]
    public async Task A_WebSocket_receives_publications_and_is_closed_with_a_code()
    {
        using var client = await ConnectAsync("/connection/websocket");
        Assert.That(await client.AskAsync("""{"id":1,"connect":{}}"""), Does.StartWith("{\"id\":1,\"connect\":{"));
        Assert.That(await client.AskAsync("""{"id":2,"subscribe":{"channel":"public.a"}}"""), Is.EqualTo("""{"id":2,"subscribe":{}}"""));

        var data = $"\"{new string('x', 200_000)}\"";
        for (var i = 0; i < 10; i++)
        {
            await Broker.PublishAsync("public.a", data);
            Assert.That(await client.ReadTextAsync(), Does.Contain(data));
        }

        await client.SendTextAsync("no json");
        Assert.That(await client.ReadTextAsync(), Is.Empty);
        Assert.That(((int?)client.CloseStatus, client.CloseStatusDescription), Is.EqualTo((3501, "bad request")));
        await client.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None);
    }

    [Test]
    public async Task A_WebSocket_may_receive_more_than_the_longest_request()
    {
        using var client = await ConnectAsync("/connection/websocket");
        await client.AskAsync("""{"id":1,"connect":{}}""");
        var padding = new string('x', 60_000);

        for (var id = 2; id < 30; id++)
        {
            Assert.That(await client.AskAsync($$$"""{"id":{{{id}}},"unsubscribe":{"channel":"a"},"padding":"{{{padding}}}"}"""), Is.EqualTo($"{{\"id\":{id},\"unsubscribe\":{{}}}}"));
        }
    }

    [Test]
    [Checklist(2)]
    public async Task A_subprotocol_is_echoed()
    {
        using var client = await ConnectAsync("/connection/websocket", "centrifuge-protobuf");

        Assert.That(client.SubProtocol, Is.EqualTo("centrifuge-protobuf"));
    }

    [Test]
    [Checklist(148)]
    public async Task A_unidirectional_WebSocket_works_as_well()
    {
        using var client = await ConnectAsync("/connection/uni_websocket?cf_connect=%7B%7D");

        Assert.That(await client.ReadTextAsync(), Does.StartWith("{\"connect\":{"));
    }

    [Test]
    public async Task A_client_that_disconnects_is_removed_immediately()
    {
        using (var client = await ConnectAsync("/connection/websocket"))
        {
            await client.AskAsync("""{"id":1,"connect":{}}""");
            client.Abort();
        }

        await Eventually.IsTrueAsync(async () => await Broker.CountClientsAsync() == 0);
    }

    [Test]
    [Checklist(138)]
    public async Task A_stream_and_its_clients_commands_share_a_connection()
    {
        Broker.Http.DefaultRequestVersion = HttpVersion.Version20;
        Broker.Http.DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        var stream = await RunningStream.ConnectAsync(Broker);

        Assert.That(stream.Response.Version, Is.EqualTo(HttpVersion.Version20));
        Assert.That(await stream.AskAsync("""{"id":2,"subscribe":{"channel":"public.a"}}"""), Is.EqualTo("""{"id":2,"subscribe":{}}"""));
        await Broker.PublishAsync("public.a", "1");
        Assert.That(await stream.ReadMessageAsync(), Does.Contain("\"data\":1"));
        await stream.DisposeAsync();
        await Eventually.IsTrueAsync(async () => await Broker.CountClientsAsync() == 0);
    }

    [Test]
    public async Task An_ordinary_GET_is_a_400()
    {
        using var request = Request(HttpMethod.Get, "/connection/websocket");
        using var response = await Broker.Http.SendAsync(request);

        Assert.That((int)response.StatusCode, Is.EqualTo(400));
    }

    [Test]
    [Checklist(13)]
    public async Task A_page_of_another_host_is_refused()
    {
        using var client = new ClientWebSocket();
        client.Options.SetRequestHeader("Origin", "https://elsewhere.example");

        Assert.That(async () => await ConnectAsync(client, "/connection/websocket"), Throws.TypeOf<WebSocketException>());
    }

    private static HttpRequestMessage Request(HttpMethod method, string path) =>
        new(method, path) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };

    private async Task<ClientWebSocket> ConnectAsync(string path, string? protocol = null)
    {
        var client = new ClientWebSocket();
        if (protocol is not null)
        {
            client.Options.AddSubProtocol(protocol);
        }

        await ConnectAsync(client, path);
        return client;
    }

    private async Task ConnectAsync(ClientWebSocket client, string path)
    {
        client.Options.HttpVersion = HttpVersion.Version20;
        client.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        await client.ConnectAsync(new Uri($"wss://{Broker.Url.Authority}{path}"), Broker.Http, CancellationToken.None).WaitAsync(RunningBroker.Patience);
    }
}
