using System.Text;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>RFC 6455 over a real socket: the bytes that a client may send, and the effect of others. The same for every kind of connection.</summary>
[TestFixtureSource(nameof(Ways))]
public sealed class FramingTests(FramingTests.WayIn way, TestTransport transport) : RunningBrokerTests(transport: transport), IDisposable
{
    public enum WayIn
    {
        Plain,

        /// <summary>On a connection that served an HTTP request before.</summary>
        Reused,
        Tls,
    }

    public static IEnumerable<TestFixtureData> Ways =>
        from transport in TestTransports.All
        from way in Enum.GetValues<WayIn>()
        select new TestFixtureData(way, transport);

    private const int MaxMessageBytes = 64 * 1024;
    private const string Subscribe = """{"id":2,"subscribe":{"channel":"public.a"}}""";
    private const string Subscribed = """{"id":2,"subscribe":{}}""";

    private static readonly (int, string) ProtocolError = (1002, "protocol error");
    private static readonly (int, string) InvalidPayload = (1007, "invalid UTF-8");
    private static readonly (int, string) TooBig = (1009, "");

    private readonly RunningCertificate? _certificate = way is WayIn.Tls ? new() : null;

    private protected override BrokerOptions Change(BrokerOptions options) => _certificate?.Add(options) ?? options;

    public void Dispose() => _certificate?.Dispose();

    private static IEnumerable<TestCaseData> BrokenFrames
    {
        get
        {
            yield return Named("unmasked", [0x81, 0x02, .. "{}"u8]);
            yield return Named("first reserved bit", RunningFrame.Masked(0xC1, "{}"u8));
            yield return Named("second reserved bit", RunningFrame.Masked(0xA1, "{}"u8));
            yield return Named("third reserved bit", RunningFrame.Masked(0x91, "{}"u8));
            yield return Named("unknown data opcode", RunningFrame.Masked(0x83, "{}"u8));
            yield return Named("unknown control opcode", RunningFrame.Masked(0x8B, "{}"u8));
            yield return Named("fragmented ping", RunningFrame.Masked(0x09, "x"u8));
            yield return Named("ping of 126 bytes", RunningFrame.Masked(RunningFrame.Ping, new byte[126]));
            yield return Named("16-bit length of 125", [0x81, 0xFE, 0, 125]);
            yield return Named("64-bit length of 65535", [0x81, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]);
            yield return Named("length of 2^63", [0x81, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0]);
            yield return Named("length of 2^64-1", [0x81, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]);
            yield return Named("continuation of nothing", RunningFrame.Masked(RunningFrame.FinalContinuation, "{}"u8));
            yield return Named(
                "message within a message", [.. RunningFrame.Masked(RunningFrame.FirstText, "{"u8), .. RunningFrame.Masked(RunningFrame.FinalText, "}"u8)]);
            yield return Named("close of one byte", RunningFrame.Masked(RunningFrame.Close, [3]));
            yield return Named("close with 1005", RunningFrame.Closing(1005));
            yield return Named("close with 1006", RunningFrame.Closing(1006));
            yield return Named("close with 1016", RunningFrame.Closing(1016));
            yield return Named("close with 999", RunningFrame.Closing(999));
            yield return Named("close with 5000", RunningFrame.Closing(5000));

            static TestCaseData Named(string name, byte[] frame) => new TestCaseData(frame).SetArgDisplayNames(name);
        }
    }

    [TestCaseSource(nameof(BrokenFrames))]
    public async Task A_frame_that_breaks_the_rfc_closes_with_1002(byte[] frame)
    {
        var client = await ConnectAsync();

        await client.SendAsync(frame);

        Assert.That(await client.ReadCloseAsync(), Is.EqualTo(ProtocolError));
    }

    [Test]
    public async Task A_message_in_fragments_is_put_together_and_a_ping_between_them_is_answered()
    {
        var client = await ConnectAsync();
        var bytes = Encoding.UTF8.GetBytes(Subscribe);

        await client.SendAsync(RunningFrame.Masked(RunningFrame.FirstText, bytes.AsSpan(0, 10)));
        await client.SendAsync(RunningFrame.Masked(RunningFrame.Ping, "are you there"u8));
        var pong = await client.ReadFrameAsync();
        await client.SendAsync(RunningFrame.Masked(RunningFrame.Continuation, []));
        await client.SendAsync(RunningFrame.Masked(RunningFrame.Continuation, bytes.AsSpan(10, 5)));
        await client.SendAsync(RunningFrame.Masked(RunningFrame.FinalContinuation, bytes.AsSpan(15)));

        Assert.That(pong?.First, Is.EqualTo(RunningFrame.Pong));
        Assert.That(pong?.PayloadText, Is.EqualTo("are you there"));
        Assert.That(await client.ReadMessageAsync(), Is.EqualTo(Subscribed));
    }

    [Test]
    public async Task A_character_may_be_split_over_fragments()
    {
        var client = await ConnectAsync();
        await client.SubscribeAsync("public.a");
        var bytes = Encoding.UTF8.GetBytes("""{"id":3,"publish":{"channel":"public.a","data":"é"}}""");
        var split = Array.IndexOf(bytes, (byte)0xC3) + 1;

        await client.SendAsync(RunningFrame.Masked(RunningFrame.FirstText, bytes.AsSpan(0, split)));
        await client.SendAsync(RunningFrame.Masked(RunningFrame.FinalContinuation, bytes.AsSpan(split)));

        Assert.That(await client.ReadPublicationAsync(), Does.EndWith(""","payload":"é"}"""));
    }

    [TestCase(125)]
    [TestCase(126)]
    [TestCase(127)]
    [TestCase(65_535)]
    [TestCase(65_536)]
    public async Task A_message_may_have_any_length_up_to_the_limit(int length)
    {
        var client = await ConnectAsync();

        Assert.That(await client.AskAsync(Subscribe.PadRight(length)), Is.EqualTo(Subscribed));
    }

    [TestCase(100, 2)]
    [TestCase(200, 4)]
    [TestCase(70_000, 10)]
    [Checklist(11)]
    public async Task A_publication_comes_with_the_shortest_header(int length, int headerLength)
    {
        var client = await ConnectAsync();
        await client.SubscribeAsync("public.a");
        const string around = """{"push":{"channel":"public.a","pub":{"data":""}}}""";

        await Broker.PublishAsync("public.a", $"\"{new string('x', length - around.Length)}\"");

        var frame = await client.ReadFrameAsync();
        Assert.That(frame!.Payload, Has.Length.EqualTo(length));
        Assert.That(frame.HeaderLength, Is.EqualTo(headerLength));
    }

    [Test]
    [Checklist(10)]
    public async Task A_binary_frame_may_carry_commands()
    {
        var client = await ConnectAsync();

        await client.SendAsync(RunningFrame.Masked(RunningFrame.FinalBinary, Encoding.UTF8.GetBytes(Subscribe)));

        Assert.That(await client.ReadMessageAsync(), Is.EqualTo(Subscribed));
    }

    [Test]
    public async Task Text_that_is_not_UTF8_closes_with_1007()
    {
        var client = await ConnectAsync();

        await client.SendAsync(RunningFrame.Masked(RunningFrame.FinalText, [.. "{\"id\":2}"u8, 0xC3, 0x28]));

        Assert.That(await client.ReadCloseAsync(), Is.EqualTo(InvalidPayload));
    }

    [Test]
    public async Task A_close_whose_reason_is_not_UTF8_closes_with_1007()
    {
        var client = await ConnectAsync();

        await client.SendAsync(RunningFrame.Masked(RunningFrame.Close, [0x03, 0xE8, 0xFF]));

        Assert.That(await client.ReadCloseAsync(), Is.EqualTo(InvalidPayload));
    }

    [TestCase(MaxMessageBytes + 1)]
    [TestCase(long.MaxValue)]
    [Checklist(12)]
    public async Task A_frame_over_the_limit_closes_with_1009_before_its_payload_comes(long length)
    {
        var client = await ConnectAsync();

        // No mask either: the length alone decides.
        await client.SendAsync(RunningFrame.Header(RunningFrame.FinalText, length)[..^4]);

        Assert.That(await client.ReadCloseAsync(), Is.EqualTo(TooBig));
    }

    [Test]
    [Checklist(12)]
    public async Task Fragments_over_the_limit_together_close_with_1009()
    {
        var client = await ConnectAsync();

        await client.SendAsync(RunningFrame.Masked(RunningFrame.FirstText, new byte[MaxMessageBytes]));
        await client.SendAsync(RunningFrame.Masked(RunningFrame.Continuation, "x"u8));

        Assert.That(await client.ReadCloseAsync(), Is.EqualTo(TooBig));
    }

    [TestCase(1000, "")]
    [TestCase(1001, "going away")]
    [TestCase(3000, "")]
    [TestCase(4999, "my own")]
    public async Task A_close_is_echoed_and_the_stream_ends(int code, string reason)
    {
        var client = await ConnectAsync();

        await client.SendAsync(RunningFrame.Closing(code, reason));

        Assert.That(await client.ReadCloseAsync(), Is.EqualTo((code, "")));
        Assert.That(await client.ReadToEndAsync(), Is.Empty);
    }

    [Test]
    public async Task A_close_without_a_code_is_answered_with_1000()
    {
        var client = await ConnectAsync();

        await client.SendAsync(RunningFrame.Masked(RunningFrame.Close, []));

        Assert.That(await client.ReadCloseAsync(), Is.EqualTo((1000, "")));
    }

    [Test]
    public async Task Commands_after_a_close_are_not_carried_out()
    {
        var listener = await ConnectAsync();
        await listener.SubscribeAsync("public.a");
        var client = await ConnectAsync();

        await client.SendAsync(RunningFrame.Closing(1000), RunningFrame.Text("""{"id":2,"publish":{"channel":"public.a","data":"late"}}"""));
        await client.ReadToEndAsync();
        await Broker.PublishAsync("public.a", "\"next\"");

        Assert.That(await listener.ReadPublicationAsync(), Is.EqualTo("\"next\""));
    }

    [Test]
    public async Task A_client_that_closes_is_removed()
    {
        var client = await ConnectAsync();
        await client.SubscribeAsync("public.a");
        await client.SendAsync(RunningFrame.Closing(1000));
        await client.ReadToEndAsync();

        var info = await Broker.PostWithKeyAsync("/api/info", "{}");

        Assert.That(info.Body, Does.Contain("""
            "num_clients":0,"num_users":0,"num_channels":0,"num_subs":0
            """.Trim()));
    }

    [Test]
    public async Task An_unasked_pong_is_ignored()
    {
        var client = await ConnectAsync();

        await client.SendAsync(RunningFrame.Masked(RunningFrame.Pong, "x"u8));

        Assert.That(await client.AskAsync(Subscribe), Is.EqualTo(Subscribed));
    }

    private Task<RunningWebSocket> ConnectAsync() => Broker.ConnectAsync(isReused: way is WayIn.Reused);
}
