using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Telemetry;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Tests.Hub;

internal sealed class ChannelPushTests
{
    private static readonly string Text = $"\"{new string('x', 100)}\"";

    private readonly ChannelName _channel = TestChannel.Named("chat:a");

    [Test]
    public void Each_variant_is_encoded_once_however_many_get_it()
    {
        using var metrics = new BrokerMetrics();
        var hub = new ChannelHub(metrics);
        var json = Subscribe(hub, 3, Wire.WebSocketJson);
        var protobuf = Subscribe(hub, 3, Wire.WebSocketProtobuf);

        hub.Deliver(_channel, TestPush.Publication("1"));

        var frames = json.Concat(protobuf).Select(subscriber => subscriber.Frames.Single()).ToArray();
        Assert.That(frames.Distinct(), Is.EqualTo(new[] { frames[0], frames[3] }));
        Assert.That(ServerFrame.ParseAll(frames[0]).Single().ToString(), Is.EqualTo(TestPush.Text("chat:a", "1")));
        Assert.That(ServerFrame.ParseAll(frames[3]).Single(), Is.EqualTo(new ServerFrame(0x2, Protobuf("1"))).Using<ServerFrame>((a, b) => a.Opcode == b.Opcode && a.Payload.SequenceEqual(b.Payload)));
    }

    [Test]
    public void A_variant_that_nobody_needs_costs_nothing()
    {
        var publication = TestPush.Publication("1");

        var perCall = Allocations.PerCall(() => _ = new ChannelPush(_channel, publication));

        Assert.That(perCall, Is.EqualTo(152), "the push itself");
    }

    [Test]
    public void A_payload_that_is_no_JSON_has_no_JSON_variant()
    {
        var push = new ChannelPush(_channel, new() { Position = PublishResult.NoPosition, Publication = new(new byte[] { 0xFF }) });

        Assert.That(push.FrameFor(Wire.WebSocketJson.Index, PublicationForm.Plain), Is.Empty);
        Assert.That(push.FrameFor(Wire.WebSocketProtobuf.Index, PublicationForm.Plain), Is.Not.Empty);
    }

    [Test]
    public void To_Protobuf_clients_a_whole_publication_is_the_plain_one()
    {
        var push = new ChannelPush(_channel, TestPush.Publication(Text, 2, Text));
        var (json, protobuf) = (Wire.WebSocketJson.Index, Wire.WebSocketProtobuf.Index);

        Assert.That(push.FrameFor(protobuf, PublicationForm.Whole), Is.SameAs(push.FrameFor(protobuf, PublicationForm.Plain)));
        Assert.That(push.FrameFor(json, PublicationForm.Whole), Is.Not.EqualTo(push.FrameFor(json, PublicationForm.Plain)));
        Assert.That(push.FrameFor(json, PublicationForm.Patch), Has.Length.LessThan(Text.Length));
    }

    [TestCase("", TestName = "A_patch_of_nothing_is_the_whole_publication")]
    [TestCase("1", TestName = "A_patch_that_is_no_shorter_is_the_whole_publication")]
    public void Whole(string previous)
    {
        var push = new ChannelPush(_channel, TestPush.Publication("2", 2, previous));

        foreach (var wire in new[] { Wire.WebSocketJson, Wire.WebSocketProtobuf })
        {
            Assert.That(push.FrameFor(wire.Index, PublicationForm.Patch), Is.SameAs(push.FrameFor(wire.Index, PublicationForm.Whole)));
        }
    }

    private List<CountingSubscriber> Subscribe(ChannelHub hub, int count, Wire wire)
    {
        var subscribers = Enumerable.Range(0, count).Select(_ => new CountingSubscriber { KeepsFrames = true, Wire = wire }).ToList();
        subscribers.ForEach(subscriber => hub.Add(subscriber.SubscribeTo(_channel)));
        return subscribers;
    }

    private byte[] Protobuf(string data)
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        MessageCodec.Protobuf.TryWritePublicationPush(output, _channel, new() { Publication = new(data.Utf8()) });
        return output.WrittenSpan.ToArray();
    }
}
