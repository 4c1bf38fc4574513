using System.Text;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Protocol;

/// <summary>What opens a unidirectional connection, and what comes back over <c>/emulation</c>.</summary>
internal sealed class ConnectRequestTests
{
    [TestCase("", "Connect 1")]
    [TestCase("null", "Connect 1")]
    [TestCase("{}", "Connect 1")]
    [TestCase(" {\"token\":\"t\",\"subs\":{\"news\":{}},\"data\":{\"a\":1}} ", "Connect 1 token=t data=<{\"a\":1}> news:[Subscribe 0 channel=news]")]
    [TestCase("{\"subs\":{\"a\":null,\"b\":{\"channel\":\"x\",\"recover\":true}}}", "Connect 1 a:[Subscribe 0 channel=a] b:[Subscribe 0 channel=b recover]")]
    [TestCase("{\"subs\":{\"\\u0061\":{\"offset\":1},\"a\":{\"offset\":2}},\"headers\":null}", "Connect 1 a:[Subscribe 0 channel=a offset=2]")]
    public void The_request_of_a_connect_alone_in_JSON(string json, string expected)
    {
        Assert.That(MessageCodec.Json.TryReadConnectRequest(json.Utf8(), out var command), Is.True);
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
    public void What_is_no_request_in_JSON(string json) => Assert.That(MessageCodec.Json.TryReadConnectRequest(json.Utf8(), out _), Is.False);

    [Test]
    public void The_request_of_a_connect_alone_in_Protobuf()
    {
        Assert.That(MessageCodec.Protobuf.TryReadConnectRequest(Convert.FromHexString("0A01741A080A046E6577731200"), out var command), Is.True);
        Assert.That(CommandText.Of(command), Is.EqualTo("Connect 1 token=t news:[Subscribe 0 channel=news]"));
        Assert.That(MessageCodec.Protobuf.TryReadConnectRequest(default, out command), Is.True);
        Assert.That(CommandText.Of(command), Is.EqualTo("Connect 1"));
    }

    [Test]
    public void A_connect_may_name_so_many_channels_and_headers_and_no_more([Values("subs", "headers")] string map)
    {
        byte[] Connect(int entries) =>
            $"{{\"{map}\":{{{string.Join(',', Enumerable.Range(0, entries).Select(i => $"\"{i}\":null"))}}}}}".Utf8();

        Assert.That(MessageCodec.Json.TryReadConnectRequest(Connect(ProtocolLimits.MaxMapEntries), out _), Is.True);
        Assert.That(MessageCodec.Json.TryReadConnectRequest(Connect(ProtocolLimits.MaxMapEntries + 1), out _), Is.False);
    }

    [TestCase("{\"session\":\"s\",\"node\":\"n\",\"data\":\"{\\\"id\\\":2}\\n{}\"}", "s n {\"id\":2}\n{}")]
    [TestCase("{\"Data\":\"{}\",\"x\":[1]}", "  {}")]
    [TestCase("{}", "  ")]
    public void The_body_of_an_emulated_message_in_JSON(string json, string expected)
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
    public void What_is_no_body_of_an_emulated_message(string json) => Assert.That(MessageCodec.Json.TryReadEmulationRequest(json.Utf8(), out _), Is.False);

    [TestCase("0A016E1201731A0100", true)]
    [TestCase("", true)]
    [TestCase("0A01FF", false)]
    [TestCase("1201", false)]
    [TestCase("1801", false)]
    public void The_body_of_an_emulated_message_in_Protobuf(string hex, bool expected)
    {
        Assert.That(MessageCodec.Protobuf.TryReadEmulationRequest(Convert.FromHexString(hex), out var request), Is.EqualTo(expected));
        if (hex.Length > 10)
        {
            Assert.That((request.Node, request.Session, Convert.ToHexString(request.Data.Span)), Is.EqualTo(("n", "s", "00")));
        }
    }
}
