using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Protocol;

/// <summary>The first message of a unidirectional connection, and the messages that come back over <c>/emulation</c>.</summary>
internal sealed class ConnectRequestTests
{
    [TestCase("", "Connect 1")]
    [TestCase("null", "Connect 1")]
    [TestCase("{}", "Connect 1")]
    [TestCase(" {\"token\":\"t\",\"subs\":{\"news\":{}},\"data\":{\"a\":1}} ", "Connect 1 token=t data=<{\"a\":1}> news:[Subscribe 0 channel=news]")]
    [TestCase("{\"subs\":{\"a\":null,\"b\":{\"channel\":\"x\",\"recover\":true}}}", "Connect 1 a:[Subscribe 0 channel=a] b:[Subscribe 0 channel=b recover]")]
    [TestCase("{\"subs\":{\"\\u0061\":{\"offset\":1},\"a\":{\"offset\":2}},\"headers\":null}", "Connect 1 a:[Subscribe 0 channel=a offset=2]")]
    public void The_request_of_a_connect_is_read_alone_in_JSON(string json, string expected)
    {
        Assert.That(MessageCodec.Json.TryReadConnect(json.Utf8(), out var command), Is.True);
        Assert.That(CommandText.Of(command), Is.EqualTo(expected));
    }

    [TestCase(" ")]
    [TestCase("[]")]
    [TestCase("1")]
    [TestCase("{\"token\":1}")]
    [TestCase("{\"subs\":[]}")]
    [TestCase("{\"subs\":{\"a\":1}}")]
    [TestCase("{\"subs\":{\"a\":{\"offset\":-1}}}")]
    [TestCase("{\"subs\":{\"\\ud800\":{}}}")]
    [TestCase("{\"headers\":{\"a\":1}}")]
    [TestCase("{\"headers\":\"a\"}")]
    [TestCase("{\"name\":{}}")]
    [TestCase("{} {}")]
    [TestCase("null null")]
    [TestCase("{")]
    public void Anything_but_the_request_of_a_connect_is_refused_in_JSON(string json) => Assert.That(MessageCodec.Json.TryReadConnect(json.Utf8(), out _), Is.False);

    [Test]
    public void The_request_of_a_connect_is_read_alone_in_Protobuf()
    {
        Assert.That(MessageCodec.Protobuf.TryReadConnect(Convert.FromHexString("0A01741A080A046E6577731200"), out var command), Is.True);
        Assert.That(CommandText.Of(command), Is.EqualTo("Connect 1 token=t news:[Subscribe 0 channel=news]"));
        Assert.That(MessageCodec.Protobuf.TryReadConnect(default, out command), Is.True);
        Assert.That(CommandText.Of(command), Is.EqualTo("Connect 1"));
    }

    [Test]
    public void The_channels_and_headers_of_a_connect_are_limited([Values("subs", "headers")] string map)
    {
        byte[] Connect(int entries) =>
            $"{{\"{map}\":{{{string.Join(',', Enumerable.Range(0, entries).Select(i => $"\"{i}\":null"))}}}}}".Utf8();

        Assert.That(MessageCodec.Json.TryReadConnect(Connect(ProtocolLimits.MaxMapEntries), out _), Is.True);
        Assert.That(MessageCodec.Json.TryReadConnect(Connect(ProtocolLimits.MaxMapEntries + 1), out _), Is.False);
    }

    [TestCase("{\"session\":\"s\",\"node\":\"n\",\"data\":\"{\\\"id\\\":2}\\n{}\"}", "s n {\"id\":2}\n{}")]
    [TestCase("{\"Data\":\"{}\",\"x\":[1]}", "  {}")]
    [TestCase("{}", "  ")]
    public void The_body_of_an_emulated_message_is_read_from_JSON(string json, string expected)
    {
        Assert.That(MessageCodec.Json.TryReadEmulationRequest(json.Utf8(), out var request), Is.True);
        Assert.That($"{request.Session} {request.Node} {request.Data.Text()}", Is.EqualTo(expected));
    }

    [TestCase("")]
    [TestCase("null")]
    [TestCase("[]")]
    [TestCase("{\"data\":{}}")]
    [TestCase("{\"session\":1}")]
    [TestCase("{}{}")]
    public void Anything_but_the_body_of_an_emulated_message_is_refused(string json) => Assert.That(MessageCodec.Json.TryReadEmulationRequest(json.Utf8(), out _), Is.False);

    [TestCase("0A016E1201731A0100", true)]
    [TestCase("", true)]
    [TestCase("0A01FF", false)]
    [TestCase("1201", false)]
    [TestCase("1801", false)]
    public void The_body_of_an_emulated_message_is_read_from_Protobuf(string hex, bool expected)
    {
        Assert.That(MessageCodec.Protobuf.TryReadEmulationRequest(Convert.FromHexString(hex), out var request), Is.EqualTo(expected));
        if (hex.Length > 10)
        {
            Assert.That((request.Node, request.Session, Convert.ToHexString(request.Data.Span)), Is.EqualTo(("n", "s", "00")));
        }
    }
}
