using System.Buffers;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Tests.Frames;

internal sealed class WireTests
{
    private static readonly DisconnectCode Code = DisconnectCode.Shutdown;

    private static IEnumerable<Wire> All => Enumerable.Range(0, Wire.Count).Select(Wire.At);

    [Test]
    public void Each_wire_has_an_index_of_its_own() =>
        Assert.That(All.Select(wire => (int)wire.Index), Is.EqualTo(Enumerable.Range(0, Wire.Count)));

    [Test]
    public void Each_wire_names_its_transport_for_back_ends() => Assert.That(All.Select(wire => wire.Transport), Is.EqualTo(new[]
    {
        "websocket", "websocket", "http_stream", "http_stream", "sse", "uni_websocket", "uni_http_stream", "uni_sse", "websocket", "websocket", "uni_grpc", "uni_websocket",
    }));

    [Test]
    public void Streams_end_a_message_with_a_line_feed_events_wrap_it_and_Protobuf_adds_nothing()
    {
        Assert.That(Complete(Wire.StreamJson, "{}"), Is.EqualTo("{}\n"));
        Assert.That(Complete(Wire.UniStreamJson, "{}"), Is.EqualTo("{}\n"));
        Assert.That(Complete(Wire.EventsJson, "{}"), Is.EqualTo("data: {}\n\n"));
        Assert.That(Complete(Wire.UniEventsJson, "{}"), Is.EqualTo("data: {}\n\n"));
        Assert.That(Complete(Wire.StreamProtobuf, "\0"), Is.EqualTo("\0"));
        Assert.That(Complete(Wire.WebSocketJson, "{}"), Is.EqualTo("\u0081\u0002{}"));
    }

    [TestCase(0)]
    [TestCase(127)]
    [TestCase(128)]
    [TestCase(70_000)]
    public void A_message_of_gRPC_has_its_length_in_four_bytes_instead_of_that_of_Protobuf(int length)
    {
        var writer = FrameWriter.Begin();
        Wire.UniGrpc.Codec.TryWriteMessagePush(writer, new byte[length]);
        var framed = Wire.UniGrpc.Complete(writer).ToArray();

        Assert.That(framed[0], Is.Zero);
        Assert.That(System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(framed.AsSpan(1)), Is.EqualTo(framed.Length - 5));
        Assert.That(framed[5], Is.EqualTo((8 << 3) | 2), "The message begins with its first field: message = 8.");
        Assert.That(framed, Has.Length.GreaterThan(length));
    }

    [Test]
    public void A_ping_is_an_empty_message_and_a_ping_frame_where_the_client_cannot_reply()
    {
        Assert.That(Text(Wire.StreamJson.Ping), Is.EqualTo("{}\n"));
        Assert.That(Text(Wire.EventsJson.Ping), Is.EqualTo("data: {}\n\n"));
        Assert.That(Text(Wire.StreamProtobuf.Ping), Is.EqualTo("\0"));
        Assert.That(Text(Wire.CompressedWebSocketJson.Ping), Is.EqualTo("\u0081\u0002{}"));
        Assert.That(Text(Wire.UniGrpc.Ping), Is.EqualTo("\0\0\0\0\0"));
        Assert.That(Text(Wire.UniWebSocketJson.Ping), Is.EqualTo("\u0081\u0002{}\u0089\0"));
    }

    [Test]
    [Checklist(50)]
    public void The_end_is_a_close_frame_or_a_push_and_both_on_a_unidirectional_WebSocket()
    {
        const string push = "{\"disconnect\":{\"code\":3001,\"reason\":\"shutdown\"}}";
        const string frame = "\u0088\u000A\u000B\u00B9shutdown";

        Assert.That(Text(Wire.WebSocketJson.Close(Code)), Is.EqualTo(frame));
        Assert.That(Text(Wire.CompressedWebSocketProtobuf.Close(Code)), Is.EqualTo(frame));
        Assert.That(Text(Wire.StreamJson.Close(Code)), Is.EqualTo($"{{\"push\":{push}}}\n"));
        Assert.That(Text(Wire.EventsJson.Close(Code)), Is.EqualTo($"data: {{\"push\":{push}}}\n\n"));
        Assert.That(Text(Wire.UniStreamJson.Close(Code)), Is.EqualTo($"{push}\n"));
        Assert.That(Text(Wire.UniWebSocketJson.Close(Code)), Is.EqualTo($"\u0081{(char)push.Length}{push}{frame}"));
    }

    [Test]
    public void A_publication_is_encoded_once_for_all_subscribers_of_one_wire()
    {
        var push = new ChannelPush(TestChannel.Named("public.a"), TestPush.Publication($"\"{new string('x', 500)}\""));

        foreach (var wire in All)
        {
            var first = push.FrameFor(wire.Index, PublicationForm.Plain);
            Assert.That(push.FrameFor(wire.Index, PublicationForm.Plain), Is.SameAs(first));
        }

        Assert.That(push.FrameFor(Wire.CompressedWebSocketJson.Index, PublicationForm.Plain), Has.Length.LessThan(100));
    }

    [Test]
    public void A_publication_shorter_than_the_setting_is_never_compressed()
    {
        var push = new ChannelPush(TestChannel.Named("public.a"), TestPush.Publication($"\"{new string('x', 500)}\"")) { Compression = new(new(1_000), new(0)) };

        Assert.That(
            push.FrameFor(Wire.CompressedWebSocketJson.Index, PublicationForm.Plain), Is.EqualTo(push.FrameFor(Wire.WebSocketJson.Index, PublicationForm.Plain)));
    }

    [Test]
    public void A_unidirectional_WebSocket_has_a_rule_of_its_own()
    {
        var text = $"\"{string.Concat(Enumerable.Range(0, 500))}\"";
        var push = new ChannelPush(TestChannel.Named("public.a"), TestPush.Publication(text)) { Compression = new(new(10_000), new(0, 9)) };
        var fast = new ChannelPush(TestChannel.Named("public.a"), TestPush.Publication(text)) { Compression = new(new(0), new(0, 1)) };

        Assert.That(push.FrameFor(Wire.CompressedWebSocketJson.Index, PublicationForm.Plain), Has.Length.GreaterThan(text.Length));
        Assert.That(
            push.FrameFor(Wire.CompressedUniWebSocketJson.Index, PublicationForm.Plain),
            Has.Length.LessThan(fast.FrameFor(Wire.CompressedUniWebSocketJson.Index, PublicationForm.Plain).Length));
    }

    private static string Complete(Wire wire, string message)
    {
        var writer = FrameWriter.Begin();
        writer.Write(message.Utf8());
        return Text(wire.Complete(writer).ToArray());
    }

    private static string Text(byte[] bytes) => System.Text.Encoding.Latin1.GetString(bytes);
}
