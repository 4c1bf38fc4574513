using System.Net.WebSockets;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.Transports;

/// <summary>Settings of unidirectional WebSockets, and of the bodies that open streams.</summary>
public sealed class UniWebSocketSettingsTests : RunningBrokerTests
{
    private protected override BrokerOptions Change(BrokerOptions options) => options with
    {
        Identity = options.Identity with { JwtSecret = TestToken.Secret },
        Transports = options.Transports with
        {
            SendsUniDisconnectPush = false,
            CompressesUniWebSockets = true,
            UniWebSocketMaxBytes = 1024,
            HttpStreamMaxBytes = 1024,
            EmulationMaxBytes = 1024,
            UniDisconnects = new Dictionary<int, DisconnectCode> { [109] = new(4109, "fetch a token") },
        },
    };

    [Test]
    public async Task The_close_frame_may_come_without_a_push()
    {
        await using var client = await OpenAsync();
        await client.SendTextAsync("""{"token":"no token"}""");

        var frame = await client.ReadFrameAsync();

        Assert.That(frame!.First, Is.EqualTo(RunningFrame.Close));
    }

    [Test]
    public async Task A_message_over_its_own_limit_is_refused()
    {
        await using var client = await OpenAsync();
        await client.SendTextAsync($$"""{"name":"{{new string('x', 2000)}}"}""");

        Assert.That((await client.ReadCloseAsync()).Code, Is.EqualTo(1009));
    }

    [Test]
    public async Task An_error_of_the_connect_may_have_another_disconnect()
    {
        await using var client = await OpenAsync();
        await client.SendTextAsync($$"""{"token":"{{TestToken.Of("""{"sub":"alice","exp":1}""")}}"}""");

        Assert.That(await client.ReadCloseAsync(), Is.EqualTo((4109, "fetch a token")));
    }

    [Test]
    public async Task Pushes_are_compressed_for_clients_that_offer_it()
    {
        using var client = new ClientWebSocket();
        client.Options.DangerousDeflateOptions = new WebSocketDeflateOptions { ClientContextTakeover = false, ServerContextTakeover = false };
        client.Options.CollectHttpResponseDetails = true;
        await client.ConnectAsync(new UriBuilder(Broker.Url) { Scheme = "ws", Path = "/connection/uni_websocket" }.Uri, CancellationToken.None).WaitAsync(RunningBroker.Patience);
        await client.SendTextAsync("""{"subs":{"public.a":{}}}""");
        Assert.That(await client.ReadTextAsync(), Does.Contain("\"connect\""));

        var data = new string('x', 5000);
        await Broker.PublishAsync("public.a", $"\"{data}\"");

        Assert.That(client.HttpResponseHeaders!.Keys, Does.Contain("Sec-WebSocket-Extensions"));
        Assert.That(await client.ReadTextAsync(), Does.Contain(data));
    }

    [TestCase("/connection/http_stream")]
    [TestCase("/emulation")]
    public async Task A_body_over_its_limit_is_a_413(string path) =>
        Assert.That((await Broker.SendAsync(HttpMethod.Post, path, new string('x', 1025).Utf8())).Status, Is.EqualTo(413));

    private async Task<RunningWebSocket> OpenAsync()
    {
        var client = await RunningWebSocket.OpenAsync(Broker.Url, receiveBuffer: 0);
        await client.SendAsync(Broker.UpgradeRequest().Replace("/connection/websocket ", "/connection/uni_websocket ", StringComparison.Ordinal));
        Assert.That(await client.ReadHeadAsync(), Does.StartWith("HTTP/1.1 101 "));
        return client;
    }
}
