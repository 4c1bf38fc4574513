using System.Text;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>From the first byte of a connection to the first frame.</summary>
[TestFixtureSource(typeof(TestTransports), nameof(TestTransports.All))]
public sealed class UpgradeTests(TestTransport transport) : RunningBrokerTests(transport: transport)
{
    private const string Accepted =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

    [Test]
    public async Task An_upgrade_is_accepted_with_the_hash_of_its_key()
    {
        var client = await Broker.OpenAsync();

        await client.SendAsync(Broker.UpgradeRequest());

        Assert.That(await client.ReadHeadAsync(), Is.EqualTo(Accepted));
    }

    [TestCase("centrifuge-json", "centrifuge-json")]
    [TestCase("other, centrifuge-json", "centrifuge-json")]
    [TestCase("centrifuge-protobuf", "centrifuge-protobuf")]
    [TestCase("centrifuge-protobuf, centrifuge-json", "centrifuge-protobuf")]
    [TestCase("centrifuge-json, centrifuge-protobuf", "centrifuge-json")]
    [TestCase("other", null)]
    [Checklist(3, 4, 5)]
    public async Task A_known_subprotocol_is_echoed_and_an_unknown_one_is_not(string offered, string? echoed)
    {
        var client = await Broker.OpenAsync();

        await client.SendAsync(Broker.UpgradeRequest($"Sec-WebSocket-Protocol: {offered}\r\n"));

        Assert.That(
            await client.ReadHeadAsync(),
            Is.EqualTo(echoed is null ? Accepted : $"{Accepted[..^2]}Sec-WebSocket-Protocol: {echoed}\r\n\r\n"));
    }

    [Test]
    public async Task An_unknown_query_is_ignored()
    {
        var client = await Broker.OpenAsync();

        await client.SendAsync(Broker.UpgradeRequest().Replace("websocket HTTP", "websocket?cf_protocol_version=v2 HTTP", StringComparison.Ordinal));

        Assert.That(await client.ReadHeadAsync(), Is.EqualTo(Accepted));
    }

    [Test]
    public async Task Commands_may_arrive_together_with_the_upgrade()
    {
        var client = await Broker.OpenAsync();

        await client.SendAsync(Encoding.ASCII.GetBytes(Broker.UpgradeRequest()), RunningFrame.Text("""{"id":1,"connect":{}}"""));

        Assert.That(await client.ReadHeadAsync(), Is.EqualTo(Accepted));
        Assert.That(await client.ReadMessageAsync(), Does.StartWith("""{"id":1,"connect":{"client":"""));
    }

    [Test]
    public async Task An_upgrade_and_a_frame_may_be_split_anywhere()
    {
        byte[] bytes = [.. Encoding.ASCII.GetBytes(Broker.UpgradeRequest()), .. RunningFrame.Text("""{"id":1,"connect":{}}""")];
        for (var split = 1; split < bytes.Length; split++)
        {
            await using var client = await Broker.OpenAsync();

            await client.SendAsync(bytes[..split]);
            await client.SendAsync(bytes[split..]);

            Assert.That(await client.ReadHeadAsync(), Is.EqualTo(Accepted), $"Split at {split}.");
            Assert.That(await client.ReadMessageAsync(), Does.StartWith("""{"id":1,"connect":{"client":"""), $"Split at {split}.");
        }
    }

    [Test]
    public async Task An_upgrade_may_arrive_byte_by_byte()
    {
        var client = await Broker.OpenAsync();

        foreach (var character in Broker.UpgradeRequest())
        {
            await client.SendAsync(character.ToString());
        }

        Assert.That(await client.ReadHeadAsync(), Is.EqualTo(Accepted));
    }

    // Text to replace, its replacement, the status.
    [TestCase("Connection: Upgrade", "Connection: keep-alive", 400)]
    [TestCase("Upgrade: websocket", "Upgrade: h2c", 400)]
    [TestCase("Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 8", 426)]
    [TestCase("Sec-WebSocket-Version: 13\r\n", "", 426)]
    [TestCase("Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Version: 13", 400)]
    [TestCase("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZQ", 400)]
    [TestCase("dGhlIHNhbXBsZSBub25jZQ==", "aGVsbG8=", 400)]
    [TestCase("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "", 400)]
    [TestCase("Sec-WebSocket-Key", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Key", 400)]
    [TestCase("Connection:", "Content-Length: 5\r\nConnection:", 400)]
    [TestCase("Connection:", "Transfer-Encoding: chunked\r\nConnection:", 400)]
    [TestCase("Connection:", "X: \u00e9\r\nConnection:", 400)]
    [TestCase("Connection:", "X : space before the colon\r\nConnection:", 400)]
    [TestCase("Connection:", " folded\r\nConnection:", 400)]
    [TestCase("Connection:", "X: bare\nConnection: line feed\r\nConnection:", 400)]
    [TestCase("HTTP/1.1", "HTTP/1.0", 400)]
    [TestCase("Host:", "X-Host:", 400)]
    [TestCase("Connection:", "Origin: https://elsewhere.example\r\nConnection:", 403)]
    [TestCase("Connection:", "Origin: null\r\nConnection:", 403)]
    public async Task A_wrong_upgrade_is_refused_and_the_connection_ends(string text, string replacement, int status)
    {
        var client = await Broker.OpenAsync();

        await client.SendAsync(Encoding.Latin1.GetBytes(Broker.UpgradeRequest().Replace(text, replacement, StringComparison.Ordinal)));

        Assert.That(Encoding.ASCII.GetString(await client.ReadToEndAsync()), Does.StartWith($"HTTP/1.1 {status} "));
    }

    [Test]
    public async Task A_refused_version_gets_the_supported_one()
    {
        var client = await Broker.OpenAsync();

        await client.SendAsync(Broker.UpgradeRequest().Replace("Version: 13", "Version: 12", StringComparison.Ordinal));

        Assert.That(await client.ReadHeadAsync(), Does.Contain("\r\nSec-WebSocket-Version: 13\r\n"));
    }

    [Test]
    public async Task A_page_of_the_brokers_own_host_may_connect()
    {
        var client = await Broker.OpenAsync();

        await client.SendAsync(Broker.UpgradeRequest($"Origin: http://{Broker.Url.Authority}\r\n"));

        Assert.That(await client.ReadHeadAsync(), Is.EqualTo(Accepted));
    }

    // Request line, headers and the empty line's CR LF before it: 8192 bytes without the last four.
    [TestCase(8192, "101 ")]
    [TestCase(8193, "431 ")]
    [TestCase(20_000, "431 ")]
    public async Task A_head_of_8_kib_is_the_longest(int bytes, string status)
    {
        var client = await Broker.OpenAsync();
        var empty = Broker.UpgradeRequest("X: \r\n").Length - "\r\n\r\n".Length;

        await client.SendAsync(Broker.UpgradeRequest($"X: {new string('x', bytes - empty)}\r\n"));

        Assert.That(await client.ReadHeadAsync(), Does.StartWith($"HTTP/1.1 {status}"));
    }

    [Test]
    public async Task A_head_without_an_end_is_refused_when_it_gets_too_long()
    {
        var client = await Broker.OpenAsync();

        await client.SendAsync(Broker.UpgradeRequest()[..^2] + $"X: {new string('x', 8192)}");

        Assert.That(await client.ReadHeadAsync(), Does.StartWith("HTTP/1.1 431 "));
    }

    [Test]
    [Checklist(14)]
    public async Task A_plain_GET_of_the_path_gets_a_400()
    {
        var answer = await Broker.SendAsync(HttpMethod.Get, "/connection/websocket", null);

        Assert.That(answer, Is.EqualTo(new RunningAnswer(400, "text/plain", "this path speaks WebSocket: send Connection: Upgrade and Upgrade: websocket")));
    }

    [Test]
    public async Task A_connection_that_served_http_can_be_upgraded()
    {
        var client = await Broker.OpenAsync();
        await ReadHealthAsync(client);

        await client.SendAsync(Encoding.ASCII.GetBytes(Broker.UpgradeRequest()), RunningFrame.Text("""{"id":1,"connect":{}}"""));

        Assert.That(await client.ReadHeadAsync(), Does.StartWith("HTTP/1.1 101 ").And.Contain("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
        Assert.That(await client.ReadMessageAsync(), Does.StartWith("""{"id":1,"connect":{"client":"""));
        await client.SubscribeAsync("public.a");
        await Broker.PublishAsync("public.a", "1");
        Assert.That(await client.ReadPublicationAsync(), Is.EqualTo("1"));
        await client.SendAsync(RunningFrame.Closing(1000));
        Assert.That((await client.ReadCloseAsync()).Code, Is.EqualTo(1000));
        Assert.That(await client.ReadToEndAsync(), Is.Empty);
    }

    [TestCase("Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 8", 426)]
    [TestCase("Connection:", "Origin: https://elsewhere.example\r\nConnection:", 403)]
    [TestCase("dGhlIHNhbXBsZSBub25jZQ==", "aGVsbG8=", 400)]
    public async Task A_wrong_upgrade_after_a_request_is_refused_as_well(string text, string replacement, int status)
    {
        var client = await Broker.OpenAsync();
        await ReadHealthAsync(client);

        await client.SendAsync(Broker.UpgradeRequest().Replace(text, replacement, StringComparison.Ordinal));

        Assert.That(await client.ReadHeadAsync(), Does.StartWith($"HTTP/1.1 {status} "));
    }

    [Test]
    public async Task Requests_on_one_connection_are_answered_one_after_another()
    {
        var client = await Broker.OpenAsync();

        await ReadHealthAsync(client);
        await ReadHealthAsync(client);
    }

    private static async Task ReadHealthAsync(RunningWebSocket client)
    {
        await client.SendAsync("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.That(await client.ReadHeadAsync(), Does.StartWith("HTTP/1.1 200 OK\r\n"));
        Assert.That(await client.ReadAsciiAsync(RunningAnswer.Healthy.Length), Is.EqualTo(RunningAnswer.Healthy));
    }
}
