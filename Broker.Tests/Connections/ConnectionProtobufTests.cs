using System.Buffers;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Commands;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Connections;

/// <summary>A connection that speaks Protobuf: its bytes are those of the codec, which has tests of its own.</summary>
internal sealed class ConnectionProtobufTests : IDisposable
{
    private static readonly byte[] Connect = [4, 0x08, 1, 0x22, 0];

    private readonly BrokerRig _rig = new(new BrokerOptions
    {
        Connections = new() { PingInterval = TimeSpan.FromSeconds(20) },
        Publishing = new() { PublishesPerSecond = 100 },
        Namespaces = TestNamespaces.Of(
            ("any", TestNamespaces.Open),
            ("json", TestNamespaces.Open with { PayloadFormat = PayloadFormat.Json }),
            ("object", TestNamespaces.Open with { PayloadFormat = PayloadFormat.JsonObject }),
            ("binary", TestNamespaces.Open with { PayloadFormat = PayloadFormat.Binary })),
    });

    public void Dispose() => _rig.Dispose();

    [Test]
    public void Several_commands_in_one_binary_message_are_carried_out_in_order()
    {
        var link = new ClientLink(_rig, wire: Wire.WebSocketProtobuf);

        link.Send(ClientFrame.Of(0x2, [.. Connect, .. Command(2, 5, 0x0A, "public.a"), .. Command(3, 6, 0x0A, "public.a")]));

        var frames = link.Frames();
        Assert.That(frames.Select(frame => frame.Opcode), Is.EqualTo(new[] { 0x2, 0x2, 0x2 }));
        Assert.That(frames[1].Payload, Is.EqualTo(Written(output => MessageCodec.Protobuf.TryWriteSubscribed(output, 2, default))));
        Assert.That(frames[2].Payload, Is.EqualTo(Written(output => MessageCodec.Protobuf.WriteUnsubscribed(output, 3))));
    }

    [Test]
    [Checklist(51, 52)]
    public void Pings_and_pongs_are_one_byte()
    {
        var link = Connected();
        var pings = 0;

        for (var second = 0; second < 100; second++)
        {
            _rig.Time.Advance(TimeSpan.FromSeconds(1));
            foreach (var frame in link.Frames())
            {
                Assert.That((frame.Opcode, frame.Payload), Is.EqualTo((0x2, new byte[] { 0 })));
                link.Send(ClientFrame.Of(0x2, [0]));
                pings++;
            }
        }

        Assert.That(pings, Is.InRange(4, 6));
    }

    [TestCase(new byte[0])]
    [TestCase(new byte[] { 5 })]
    [TestCase(new byte[] { 0 })]
    [TestCase(new byte[] { 0xFF, 0xFF })]
    public void A_message_that_is_not_a_command_closes_with_3501(byte[] message)
    {
        var link = Connected();

        link.Send(ClientFrame.Of(0x2, message));

        Assert.That(link.Received(), Is.EqualTo(new[] { "close 3501 bad request" }));
    }

    // The data, and the code of the reply: 0 for a reply without an error.
    [TestCase("any:a", "\u00ff", 0)]
    [TestCase("any:a", "", 107)]
    [TestCase("json:a", "[1]", 0)]
    [TestCase("json:a", "[1", 107)]
    [TestCase("object:a", " {}", 0)]
    [TestCase("object:a", "[]", 107)]
    [TestCase("object:a", "{", 107)]
    [TestCase("binary:a", "", 0)]
    [TestCase("binary:a", "\u00ff", 0)]
    [TestCase("public.a", "{\"a\":1}", 0)]
    [TestCase("public.a", "{\"a\":1", 107)]
    [TestCase("public.a", "", 107)]
    public void Any_bytes_may_be_published_where_the_channel_does_not_require_JSON(string channel, string latin1, int code)
    {
        var link = Connected();

        link.Send(ClientFrame.Of(0x2, Command(2, 7, 0x0A, channel, 0x12, latin1)));

        var reply = link.Frames().Single().Payload;
        var expected = Written(output => MessageCodec.Protobuf.WritePublished(output, 2));
        Assert.That(reply, code == 0 ? Is.EqualTo(expected) : Is.Not.EqualTo(expected));
        if (code > 0)
        {
            Assert.That(reply.AsSpan().IndexOf([(byte)0x08, (byte)code]), Is.Positive);
        }
    }

    // The request's number, and that of its type.
    [TestCase(5, 0x78, "public.a")]
    [TestCase(7, 0x18, "public.a")]
    [TestCase(15, 0x18, "public.a")]
    [Checklist(189)]
    public void Commands_for_a_map_or_a_shared_poll_are_refused(int request, int tag, string channel)
    {
        var link = Connected();

        link.Send(ClientFrame.Of(0x2, [(byte)(channel.Length + 8), 0x08, 2, (byte)((request << 3) | 2), (byte)(channel.Length + 4), 0x0A, (byte)channel.Length, .. channel.Utf8(), (byte)tag, 1]));

        Assert.That(link.Frames().Single().Payload, Is.EqualTo(Written(output => MessageCodec.Protobuf.WriteError(output, 2, AccessError.OfType(TestChannel.Resolved(channel), 1)!))));
        Assert.That(_rig.Hub.SubscriptionCount, Is.Zero);
    }

    [Test]
    public void A_payload_that_is_not_JSON_reaches_Protobuf_clients_and_disconnects_JSON_clients()
    {
        var listener = Connected();
        listener.Send(ClientFrame.Of(0x2, Command(2, 5, 0x0A, "any:a")));
        var json = new ClientLink(_rig).Connected();
        json.Ask("{\"id\":2,\"subscribe\":{\"channel\":\"any:a\"}}");
        listener.Frames();
        var publisher = Connected();

        publisher.Send(ClientFrame.Of(0x2, Command(3, 7, 0x0A, "any:a", 0x12, "\u00ff\u0000")));

        Assert.That(listener.Frames().Single().Payload.AsSpan().IndexOf([(byte)0xFF, (byte)0]), Is.Positive);
        Assert.That(json.Received(), Is.EqualTo(new[] { "close 3506 inappropriate protocol" }));
    }

    [Test]
    public void JSON_published_over_either_encoding_is_the_same_in_the_envelope()
    {
        var json = new ClientLink(_rig).Connected();
        json.Ask("{\"id\":2,\"subscribe\":{\"channel\":\"public.a\"}}");

        Connected().Send(ClientFrame.Of(0x2, Command(3, 7, 0x0A, "public.a", 0x12, "{ \"a\" : 1 }")));

        Assert.That(json.Received().Single(), Does.Contain("\"payload\":{ \"a\" : 1 }"));
    }

    private ClientLink Connected()
    {
        var link = new ClientLink(_rig, wire: Wire.WebSocketProtobuf);
        link.Send(ClientFrame.Of(0x2, Connect));
        Assert.That(link.Frames(), Has.Count.EqualTo(1));
        return link;
    }

    // A command with one request, whose fields are pairs of tag and text in Latin-1: all of them short.
    private static byte[] Command(byte id, int request, params object[] fields)
    {
        var body = new List<byte>();
        for (var i = 0; i < fields.Length; i += 2)
        {
            var value = System.Text.Encoding.Latin1.GetBytes((string)fields[i + 1]);
            body.AddRange([(byte)(int)fields[i], (byte)value.Length, .. value]);
        }

        byte[] command = [0x08, id, (byte)((request << 3) | 2), (byte)body.Count, .. body];
        return [(byte)command.Length, .. command];
    }

    private static byte[] Written(Action<ArrayBufferWriter<byte>> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(output);
        return output.WrittenSpan.ToArray();
    }
}
