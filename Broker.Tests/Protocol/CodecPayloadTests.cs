using System.Buffers;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Protocol;

/// <summary>Payloads on their way out: JSON or any bytes, kept as they are.</summary>
internal sealed class CodecPayloadTests
{
    private static readonly ChannelName Channel = TestChannel.Named("a");

    private readonly ArrayBufferWriter<byte> _output = new();

    [Checklist(22, 23)]
    [TestCase("null")]
    [TestCase("0")]
    [TestCase("false")]
    [TestCase("\"\"")]
    [TestCase("[]")]
    [TestCase(" {\t\"b\" : 1.50e+3, \"a\":12345678901234567890,\"b\":-0.0 } ")]
    [TestCase("\"\\u00e9 é \\/ \\ud83d\\ude00 😀 \\u0000 \\ud800\"")]
    public void JSON_goes_to_JSON_clients_as_it_was_written(string data)
    {
        Assert.That(JsonPayload.IsValid(data.Utf8()), Is.True);
        Assert.That(Write(MessageCodec.Json, data.Utf8()), Is.EqualTo($"{{\"push\":{{\"channel\":\"a\",\"pub\":{{\"data\":{data}}}}}}}"));
    }

    [Checklist(24)]
    [TestCase("{\n\"a\":\n\n1\n}", "{\"a\":1}")]
    [TestCase("\r\n[1,\r\n 2]\r\n", "[1, 2]")]
    [TestCase("{\t\"a\" : \"\\n\\r\" }", "{\t\"a\" : \"\\n\\r\" }")]
    public void Raw_line_breaks_are_left_out_and_everything_else_stays(string data, string expected)
    {
        Assert.That(Write(MessageCodec.Json, data.Utf8()), Is.EqualTo($"{{\"push\":{{\"channel\":\"a\",\"pub\":{{\"data\":{expected}}}}}}}"));
    }

    [TestCase("")]
    [TestCase(" ")]
    [TestCase("\n")]
    [TestCase("hello")]
    [TestCase("{")]
    [TestCase("1\n2")]
    [TestCase("{} {}")]
    [TestCase("\"a\nb\"")]
    [TestCase("nu\nll")]
    [TestCase("// comment")]
    [TestCase("[1,]")]
    [TestCase("NaN")]
    [TestCase("\ufeff1")]
    public void Bytes_that_are_not_JSON_are_recognized(string data) => Assert.That(JsonPayload.IsValid(data.Utf8()), Is.False);

    [TestCase(new byte[] { (byte)'"', 0xFF, (byte)'"' })]
    [TestCase(new byte[] { (byte)'"', 0xC3, (byte)'"' })]
    [TestCase(new byte[] { (byte)'"', 0xED, 0xA0, 0x80, (byte)'"' })]
    public void A_string_that_is_not_UTF8_is_not_JSON(byte[] data) => Assert.That(JsonPayload.IsValid(data), Is.False);

    [Test]
    public void The_nesting_of_a_payload_is_limited([Values(ProtocolLimits.MaxJsonDepth, ProtocolLimits.MaxJsonDepth + 1, 100_000)] int depth) =>
        Assert.That(JsonPayload.IsValid((new string('[', depth) + new string(']', depth)).Utf8()), Is.EqualTo(depth <= ProtocolLimits.MaxJsonDepth));

    [Test]
    public void Every_message_refuses_a_payload_that_is_not_JSON_for_a_JSON_client()
    {
        using (Assert.EnterMultipleScope())
        {
            foreach (var (name, write) in WritesWith("\0\u0001binary".Utf8()))
            {
                Assert.That(write(MessageCodec.Json), Is.False, name);
                Assert.That(write(MessageCodec.JsonPushes), Is.False, name);
                Assert.That(write(MessageCodec.Protobuf), Is.True, name);
                Assert.That(write(MessageCodec.ProtobufPushes), Is.True, name);
            }
        }
    }

    [Test]
    public void Every_message_accepts_a_JSON_payload()
    {
        using (Assert.EnterMultipleScope())
        {
            foreach (var (name, write) in WritesWith("{\n}".Utf8()))
            {
                _output.Clear();
                Assert.That(write(MessageCodec.Json), Is.True, name);
                Assert.That(_output.Text(), Does.Not.Contain("\n"), name);
            }
        }
    }

    [TestCase(PublicationForm.Whole, true)]
    [TestCase(PublicationForm.Patch, true)]
    [TestCase(PublicationForm.Plain, false)]
    public void A_subscriber_with_deltas_gets_any_text_as_a_string(PublicationForm form, bool expected)
    {
        var isWritten = MessageCodec.Json.TryWritePublicationPush(_output, Channel, new() { Publication = new("no JSON\u0000\u001f\"\\/\b\f\n\r\t".Utf8()), Form = form });

        Assert.That(isWritten, Is.EqualTo(expected));
        if (expected)
        {
            using var message = System.Text.Json.JsonDocument.Parse(_output.WrittenMemory);
            var data = message.RootElement.GetProperty("push").GetProperty("pub").GetProperty("data").GetString();
            Assert.That(data, Is.EqualTo("no JSON\u0000\u001f\"\\/\b\f\n\r\t"));
        }
    }

    [Test]
    public void A_subscriber_with_deltas_cannot_get_bytes_that_are_not_text_in_JSON()
    {
        Assert.That(MessageCodec.Json.TryWritePublicationPush(_output, Channel, new() { Publication = new(new byte[] { 0xFF, 0xFE }), Form = PublicationForm.Whole }), Is.False);
        Assert.That(MessageCodec.Protobuf.TryWritePublicationPush(_output, Channel, new() { Publication = new(new byte[] { 0xFF, 0xFE }), Form = PublicationForm.Whole }), Is.True);
    }

    [Test]
    public void A_payload_known_to_be_JSON_is_not_checked_again()
    {
        Assert.That(MessageCodec.Json.TryWritePublicationPush(_output, Channel, new() { Publication = new("as given".Utf8()), IsChecked = true }), Is.True);
        Assert.That(_output.Text(), Does.Contain("\"data\":as given"));
    }

    // Protobuf does not fix the order of a map.
    [Test]
    public void Every_tag_is_written()
    {
        var tags = new Dictionary<string, string> { ["a"] = "1", ["b"] = "" };
        MessageCodec.Json.TryWritePublicationPush(_output, Channel, new() { Publication = new("1".Utf8(), Tags: tags) });
        var json = _output.Text();
        _output.Clear();
        MessageCodec.Protobuf.TryWritePublicationPush(_output, Channel, new() { Publication = new("1".Utf8(), Tags: tags) });

        using (Assert.EnterMultipleScope())
        {
            Assert.That(json, Does.EndWith("\"pub\":{\"data\":1,\"tags\":{\"a\":\"1\",\"b\":\"\"}}}}"));
            Assert.That(Convert.ToHexString(_output.WrittenSpan), Does.Contain("3A060A0161120131").And.Contain("3A050A01621200"));
        }
    }

    [Test]
    public void Half_a_surrogate_pair_in_a_name_comes_out_as_a_replacement_in_both()
    {
        var client = new ClientInfo("a\ud800b", Guid.Empty);
        MessageCodec.Json.TryWriteJoinPush(_output, Channel, client);
        MessageCodec.Protobuf.TryWriteJoinPush(_output, Channel, client);

        Assert.That(_output.Text().Split("a\ufffdb"), Has.Length.EqualTo(3));
    }

    private string Write(MessageCodec codec, byte[] data)
    {
        Assert.That(codec.TryWritePublicationPush(_output, Channel, new() { Publication = new(data) }), Is.True);
        return _output.Text();
    }

    private IEnumerable<(string Name, Func<MessageCodec, bool> Write)> WritesWith(byte[] payload)
    {
        var publication = new StoredPublication(1, new(payload));
        var connection = new ClientInfo("u", Guid.Empty, ConnectionInfo: payload);
        var channel = new ClientInfo("u", Guid.Empty, ChannelInfo: payload);
        var subscribed = new SubscribeResult { Data = payload };
        var recovered = new SubscribeResult { Publications = [WirePublication.Of(publication)] };
        var connected = new ConnectResult(Guid.Empty, "v", 0, 0);
        yield return ("publication", codec => codec.TryWritePublicationPush(_output, Channel, new() { Publication = new(payload) }));
        yield return ("publisher", codec => codec.TryWritePublicationPush(_output, Channel, new() { Publication = new("1".Utf8(), connection) }));
        yield return ("join", codec => codec.TryWriteJoinPush(_output, Channel, connection));
        yield return ("leave", codec => codec.TryWriteLeavePush(_output, Channel, channel));
        yield return ("subscribe", codec => codec.TryWriteSubscribePush(_output, Channel, subscribed));
        yield return ("message", codec => codec.TryWriteMessagePush(_output, payload));
        yield return ("connect", codec => codec.TryWriteConnectPush(_output, connected with { Data = payload }));
        yield return ("connected", codec => codec.TryWriteConnected(_output, 1, connected with { Data = payload }));
        yield return ("an entry of a map", codec => codec.TryWriteSubscribed(_output, 1, new() { State = [WirePublication.Of(publication)] }));
        yield return ("an item of a shared poll", codec => codec.TryWriteSubscriptionRefreshed(_output, 1, new(0, [WirePublication.Of(publication)])));
        yield return ("connected and subscribed", codec => codec.TryWriteConnected(_output, 1, connected with { Subscriptions = [new(Channel, recovered)] }));
        yield return ("subscribed", codec => codec.TryWriteSubscribed(_output, 1, subscribed));
        yield return ("recovered", codec => codec.TryWriteSubscribed(_output, 1, recovered));
        yield return ("presence", codec => codec.TryWritePresence(_output, 1, [channel]));
        yield return ("history", codec => codec.TryWriteHistory(_output, 1, [publication], new(1, "e")));
        yield return ("rpc", codec => codec.TryWriteRpcResult(_output, 1, payload));
    }
}
