using System.Text.Json;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>History, recovery and presence over real connections, in both encodings.</summary>
[TestFixtureSource(typeof(TestTransports), nameof(TestTransports.All))]
public sealed class PositionsTests(TestTransport transport) : RunningBrokerTests(transport: transport)
{
    private static readonly byte[] ProtobufConnect = [4, 0x08, 1, 0x22, 0];

    private protected override BrokerOptions Change(BrokerOptions options) => options with
    {
        Namespaces = TestNamespaces.Of(
            ("rec", TestNamespaces.History with { ForceRecovery = true }),
            ("room", TestNamespaces.Open with { Presence = true, JoinLeave = true, ForcePushJoinLeave = true })),
    };

    [Test]
    public async Task A_client_that_lost_its_connection_recovers_missed_publications()
    {
        var first = await Broker.ConnectAsync();
        var epoch = EpochIn(await first.AskAsync("""{"id":2,"subscribe":{"channel":"rec:cut"}}"""));
        await PublishAsync("rec:cut", 1, 2);
        var seen = new[] { await first.ReadPublicationAsync(), await first.ReadPublicationAsync() };
        first.Reset();
        await PublishAsync("rec:cut", 3, 4);

        var second = await Broker.ConnectAsync();
        var reply = await second.AskAsync($$$"""{"id":2,"subscribe":{"channel":"rec:cut","recover":true,"offset":2,"epoch":"{{{epoch}}}"}}""");
        await PublishAsync("rec:cut", 5);

        Assert.That(seen, Is.EqualTo(new[] { "1", "2" }));
        Assert.That(reply, Is.EqualTo(
            $$$"""{"id":2,"subscribe":{"recoverable":true,"epoch":"{{{epoch}}}","publications":[{"data":3,"offset":3},{"data":4,"offset":4}],"recovered":true,"offset":2,"positioned":true,"was_recovering":true}}"""));
        Assert.That(await second.ReadPublicationAsync(), Is.EqualTo("5"));
    }

    [Test]
    public async Task A_lost_connection_removes_presence_and_announces_a_leave()
    {
        var stayer = await Broker.ConnectAsync();
        await stayer.AskAsync("""{"id":2,"subscribe":{"channel":"room:a"}}""");
        var own = await stayer.ReadMessageAsync();
        var goer = await Broker.ConnectAsync();
        await goer.AskAsync("""{"id":2,"subscribe":{"channel":"room:a"}}""");
        var join = await stayer.ReadMessageAsync();

        goer.Reset();
        var leave = await stayer.ReadMessageAsync();

        Assert.That(own, Does.StartWith("""{"push":{"channel":"room:a","join":{"info":{"user":"","client":"""));
        Assert.That(leave, Is.EqualTo(join.Replace("join", "leave", StringComparison.Ordinal)));
        Assert.That(await stayer.AskAsync("""{"id":3,"presence_stats":{"channel":"room:a"}}"""), Is.EqualTo("""{"id":3,"presence_stats":{"num_clients":1,"num_users":1}}"""));
    }

    [TestCase("", "Sec-WebSocket-Protocol: centrifuge-protobuf\r\n")]
    [TestCase("?format=protobuf", "")]
    [TestCase("?cf_protocol=protobuf", "")]
    [Checklist(6)]
    public async Task Protobuf_is_chosen_by_subprotocol_or_query_and_uses_binary_frames(string query, string header)
    {
        foreach (var isReused in new[] { false, true })
        {
            var client = await Broker.OpenAsync();
            if (isReused)
            {
                await client.SendAsync("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
                await client.ReadHeadAsync();
                await client.ReadAsciiAsync(RunningAnswer.Healthy.Length);
            }

            await client.SendAsync(Broker.UpgradeRequest(header).Replace(" HTTP/1.1", $"{query} HTTP/1.1", StringComparison.Ordinal));
            await client.ReadHeadAsync();
            await client.SendAsync(RunningFrame.Masked(RunningFrame.FinalBinary, ProtobufConnect));

            var reply = await client.ReadFrameAsync();

            Assert.That(reply!.First, Is.EqualTo(RunningFrame.FinalBinary));

            // Its length, the id 1, and the result of a connect.
            Assert.That(reply.Payload[..4], Is.EqualTo(new byte[] { (byte)(reply.Payload.Length - 1), 0x08, 1, 0x2A }));
        }
    }

    [Test]
    public async Task One_publication_reaches_subscribers_of_both_encodings()
    {
        var json = await Broker.ConnectAsync();
        await json.SubscribeAsync("public.both");
        var protobuf = await Broker.OpenAsync();
        await protobuf.SendAsync(Broker.UpgradeRequest("Sec-WebSocket-Protocol: centrifuge-protobuf\r\n"));
        await protobuf.ReadHeadAsync();
        await protobuf.SendAsync(RunningFrame.Masked(RunningFrame.FinalBinary, [.. ProtobufConnect, 17, 0x08, 2, 0x2A, 13, 0x0A, 11, .. "public.both".Utf8()]));
        await protobuf.ReadFrameAsync();
        await protobuf.ReadFrameAsync();

        await Broker.PublishAsync("public.both", """{"a":1}""");

        var push = (await protobuf.ReadFrameAsync())!.Payload;
        Assert.That(await json.ReadPublicationAsync(), Is.EqualTo("""{"a":1}"""));
        Assert.That(push, Is.EqualTo((byte[])[26, 0x22, 24, 0x12, 11, .. "public.both".Utf8(), 0x22, 9, 0x22, 7, .. """{"a":1}""".Utf8()]));
    }

    private static string EpochIn(string reply)
    {
        using var json = JsonDocument.Parse(reply);
        return json.RootElement.GetProperty("subscribe").GetProperty("epoch").GetString()!;
    }

    private async Task PublishAsync(string channel, params int[] numbers)
    {
        foreach (var number in numbers)
        {
            var answer = await Broker.PostWithKeyAsync("/api/publish", $$"""{"channel":"{{channel}}","data":{{number}}}""");
            Assert.That(answer.Status, Is.EqualTo(200));
        }
    }
}
