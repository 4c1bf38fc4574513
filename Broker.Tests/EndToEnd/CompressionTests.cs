using System.Net.WebSockets;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>Compression of WebSocket messages, from the handshake on, with .NET's own client.</summary>
[Checklist(15)]
[TestFixtureSource(typeof(TestTransports), nameof(TestTransports.All))]
public sealed class CompressionTests(TestTransport transport) : RunningBrokerTests(transport: transport)
{
    private const string Offer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";

    private protected override BrokerOptions Change(BrokerOptions options) => options with { Transports = options.Transports with { CompressesWebSockets = true } };

    [Test]
    public async Task An_offer_is_accepted_on_a_new_and_on_a_used_connection([Values] bool isReused)
    {
        var client = await Broker.OpenAsync();
        if (isReused)
        {
            await client.SendAsync("HEAD /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
            await client.ReadHeadAsync();
        }

        await client.SendAsync(Broker.UpgradeRequest(Offer));

        Assert.That(await client.ReadHeadAsync(), Does.Contain("\r\nSec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n"));
    }

    [Test]
    public async Task A_client_without_an_offer_gets_no_compression()
    {
        var client = await Broker.OpenAsync();

        await client.SendAsync(Broker.UpgradeRequest());

        Assert.That(await client.ReadHeadAsync(), Does.Not.Contain("Extensions"));
    }

    [TestCase(100)]
    [TestCase(60_000)]
    public async Task Messages_of_any_length_arrive_whole_in_both_directions(int length)
    {
        using var client = new ClientWebSocket();
        client.Options.DangerousDeflateOptions = new WebSocketDeflateOptions { ClientContextTakeover = false, ServerContextTakeover = false };
        await client.ConnectAsync(new UriBuilder(Broker.Url) { Scheme = "ws", Path = "/connection/websocket" }.Uri, CancellationToken.None).WaitAsync(RunningBroker.Patience);
        Assert.That(await client.AskAsync("""{"id":1,"connect":{}}"""), Does.StartWith("{\"id\":1,\"connect\":{"));
        Assert.That(await client.AskAsync("""{"id":2,"subscribe":{"channel":"public.a"}}"""), Is.EqualTo("""{"id":2,"subscribe":{}}"""));

        var data = string.Concat(Enumerable.Range(0, length / 10).Select(number => $"{number:D10}"));
        await Broker.PublishAsync("public.a", $"\"{data}\"");

        Assert.That(await client.ReadTextAsync(), Does.Contain(data));
        Assert.That(await client.AskAsync($$$"""{"id":3,"unsubscribe":{"channel":"public.a"},"padding":"{{{data}}}"}"""), Is.EqualTo("""{"id":3,"unsubscribe":{}}"""));
    }

    [Test]
    public async Task A_publication_is_compressed_once_for_all_subscribers()
    {
        var clients = new List<RunningWebSocket>();
        for (var i = 0; i < 3; i++)
        {
            var client = await Broker.OpenAsync();
            await client.SendAsync(Broker.UpgradeRequest(Offer));
            await client.ReadHeadAsync();
            await client.SendTextAsync("""{"id":1,"connect":{}}""");
            await client.ReadFrameAsync();
            await client.SendTextAsync("""{"id":2,"subscribe":{"channel":"public.a"}}""");
            await client.ReadFrameAsync();
            clients.Add(client);
        }

        await Broker.PublishAsync("public.a", $"\"{new string('x', 10_000)}\"");

        var frames = new List<RunningFrame>();
        foreach (var client in clients)
        {
            frames.Add((await client.ReadFrameAsync())!);
        }

        Assert.That(frames.Select(frame => frame.First), Has.All.EqualTo(0xC1));
        Assert.That(frames.Select(frame => Convert.ToHexString(frame.Payload)).Distinct().Single(), Has.Length.LessThan(500));
    }
}

/// <summary>Compression, unless it was asked for.</summary>
[TestFixtureSource(typeof(TestTransports), nameof(TestTransports.All))]
public sealed class NoCompressionTests(TestTransport transport) : RunningBrokerTests(transport: transport)
{
    [Test]
    [Checklist(15)]
    public async Task An_offer_is_ignored_when_compression_is_off()
    {
        var client = await Broker.OpenAsync();

        await client.SendAsync(Broker.UpgradeRequest("Sec-WebSocket-Extensions: permessage-deflate\r\n"));

        Assert.That(await client.ReadHeadAsync(), Does.Not.Contain("Extensions"));
    }
}
