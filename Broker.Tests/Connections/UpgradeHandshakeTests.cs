using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Limits;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Connections;

internal sealed class UpgradeHandshakeTests
{
    // RFC 6455, section 1.3.
    private const string ExampleKey = "dGhlIHNhbXBsZSBub25jZQ==";

    private static readonly UpgradeRequest Good = new() { Host = "broker.example", WantsWebSocket = true, Version = "13", Key = ExampleKey };

    private readonly UpgradeHandshake _handshake = new(
        new HostPolicy([], isOpen: true), new OriginPolicy([]), new ConnectionLimits(new ConnectionOptions(), new AddressLimits(new AddressRules(), TimeProvider.System, new()), TimeProvider.System, new()), new TransportSettings());

    [Test]
    public void The_RFCs_example_is_answered_as_the_RFC_says()
    {
        Assert.That(_handshake.Answer(Good) with { ConnectionId = default }, Is.EqualTo(new UpgradeAnswer(101, "", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")));
    }

    [Test]
    public void A_request_for_another_protocol_is_a_400()
    {
        Assert.That(_handshake.Answer(Good with { WantsWebSocket = false }).Status, Is.EqualTo(400));
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase("8")]
    [TestCase("14")]
    [TestCase("13,13")]
    public void Another_version_is_a_426(string? version)
    {
        var answer = _handshake.Answer(Good with { Version = version });

        Assert.That(answer.Status, Is.EqualTo(426));
        Assert.That(answer.Text, Does.Contain("13"));
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase("dGhlIHNhbXBsZSBub25jZQ")]
    [TestCase("dGhlIHNhbXBsZSBub25j")]
    [TestCase("dGhlIHNhbXBsZSBub25jZWVl")]
    [TestCase("dGhlIHNhbXBsZSBub25jZWV=")]
    [TestCase("dGhlIHNhbXBsZSBub25jZQ==,dGhlIHNhbXBsZSBub25jZQ==")]
    [TestCase("!!!!!!!!!!!!!!!!!!!!!!==")]
    [TestCase("dGhlIHNhbXBs        ZQ==")]
    public void A_key_that_is_not_16_bytes_in_base64_is_a_400(string? key)
    {
        Assert.That(_handshake.Answer(Good with { Key = key }).Status, Is.EqualTo(400));
    }

    [TestCase("https://broker.example", 101)]
    [TestCase("https://elsewhere.example", 403)]
    [TestCase("null", 403)]
    public void A_page_of_another_host_is_a_403(string origin, int status)
    {
        Assert.That(_handshake.Answer(Good with { Origin = origin }).Status, Is.EqualTo(status));
    }

    [TestCase(null, null)]
    [TestCase("", null)]
    [TestCase("centrifuge-json", "centrifuge-json")]
    [TestCase("chat, centrifuge-json", "centrifuge-json")]
    [TestCase("centrifuge-json,chat", "centrifuge-json")]
    [TestCase("chat", null)]
    [TestCase("Centrifuge-JSON", null)]
    [TestCase(" , ,centrifuge-json ", "centrifuge-json")]
    [Checklist(4)]
    public void The_first_known_subprotocol_is_chosen_and_unknown_ones_are_ignored(string? offered, string? chosen)
    {
        var answer = _handshake.Answer(Good with { Protocols = offered });

        Assert.That((answer.Status, answer.Protocol), Is.EqualTo((101, chosen)));
    }

    [TestCase(null, null, false)]
    [TestCase("centrifuge-protobuf", null, true)]
    [TestCase("centrifuge-json, centrifuge-protobuf", null, false)]
    [TestCase("centrifuge-protobuf,centrifuge-json", null, true)]
    [TestCase(null, "?format=protobuf", true)]
    [TestCase(null, "?cf_protocol=protobuf&x=1", true)]
    [TestCase(null, "?x&cf_protocol=protob%75f", true)]
    [TestCase(null, "?format=json", false)]
    [TestCase(null, "?formats=protobuf", false)]
    [TestCase(null, "?=protobuf&format", false)]
    [Checklist(6)]
    public void Protobuf_is_used_for_clients_that_name_it(string? offered, string? query, bool isProtobuf)
    {
        var answer = _handshake.Answer(Good with { Protocols = offered, Query = query });

        Assert.That(answer.Wire, Is.SameAs(isProtobuf ? Wire.WebSocketProtobuf : Wire.WebSocketJson));
    }

    [TestCase("?cf_ws_frame_ping_pong=true", true)]
    [TestCase("?cf_ws_frame_ping_pong=false", false)]
    [TestCase("?cf_ws_frame_ping_pong", false)]
    [TestCase(null, false)]
    [Checklist(7)]
    public void Ping_frames_are_sent_to_clients_that_ask_for_them(string? query, bool wantsPingFrames) =>
        Assert.That(_handshake.Answer(Good with { Query = query }).WantsPingFrames, Is.EqualTo(wantsPingFrames));

    [Test]
    public void Each_refusal_says_how_to_fix_it_in_one_line_of_ASCII()
    {
        UpgradeRequest[] bad =
        [
            Good with { WantsWebSocket = false }, Good with { Version = "8" }, Good with { Key = "" }, Good with { Origin = "https://x" },
        ];

        var texts = bad.Select(request => _handshake.Answer(request).Text).ToArray();

        Assert.That(texts, Is.Unique);
        Assert.That(texts, Has.All.Matches<string>(text => text is { Length: > 10 } && text.All(character => character is >= ' ' and <= '~')));
    }
}
