using System.IO.Compression;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Connections;

/// <summary>A connection that compresses, below its handshake.</summary>
[Checklist(15)]
internal sealed class ConnectionCompressionTests : IDisposable
{
    private const int CompressedText = 0x40 | 0x1;
    private const string Subscribe = """{"id":2,"subscribe":{"channel":"public.a"}}""";

    private readonly BrokerRig _rig = new(new BrokerOptions { Connections = new() { MaxMessageBytes = 1024 } });

    public void Dispose() => _rig.Dispose();

    [Test]
    public void A_compressed_message_is_read_as_a_message()
    {
        var link = Compressing();

        link.Send(ClientFrame.Of(CompressedText, Compress(Padded(Subscribe))));

        Assert.That(link.Received(), Is.EqualTo(new[] { """{"id":2,"subscribe":{}}""" }));
    }

    [Test]
    public void A_compressed_message_may_come_in_fragments_and_a_plain_one_may_follow()
    {
        var link = Compressing();
        var bytes = Compress(Padded(Subscribe));

        link.Send([.. ClientFrame.Of(CompressedText, bytes[..10], isFinal: false), .. ClientFrame.Of(0, bytes[10..])]);
        link.Send("""{"id":3,"unsubscribe":{"channel":"public.a"}}""");

        Assert.That(link.Received(), Is.EqualTo(new[] { """{"id":2,"subscribe":{}}""", """{"id":3,"unsubscribe":{}}""" }));
    }

    [Test]
    public void A_few_bytes_that_inflate_to_several_messages_close_with_1009()
    {
        var link = Compressing();

        link.Send(ClientFrame.Of(CompressedText, Squeeze(new string(' ', 9_000))));

        Assert.That(link.Received(), Is.EqualTo(new[] { "close 1009" }));
    }

    [Test]
    public void A_message_that_inflates_past_the_limit_closes_with_1009()
    {
        var link = Compressing();

        link.Send(ClientFrame.Of(CompressedText, Compress(new string(' ', 11_000))));

        Assert.That(link.Received(), Is.EqualTo(new[] { "close 1009" }));
    }

    [TestCase("FFFFFFFF")]
    [TestCase("")]
    public void A_message_that_is_not_valid_deflate_closes_the_connection(string hex)
    {
        var link = Compressing();

        link.Send(ClientFrame.Of(CompressedText, Convert.FromHexString(hex)));

        Assert.That(link.Received(), Is.EqualTo(new[] { "close 1007 invalid UTF-8" }).Or.EqualTo(new[] { "close 3501 bad request" }));
    }

    [TestCase(0x40 | 0x0)]
    [TestCase(0x40 | 0x9)]
    [TestCase(0x20 | 0x1)]
    [TestCase(0x60 | 0x1)]
    public void The_compression_bit_is_legal_on_the_first_frame_of_a_message_only(int opcode)
    {
        var link = Compressing();

        link.Send(ClientFrame.Of(opcode, []));

        Assert.That(link.Received(), Is.EqualTo(new[] { "close 1002 protocol error" }));
    }

    [Test]
    public void The_compression_bit_is_illegal_without_compression()
    {
        var link = new ClientLink(_rig).Connected();

        link.Send(ClientFrame.Of(CompressedText, Compress(Padded(Subscribe))));

        Assert.That(link.Received(), Is.EqualTo(new[] { "close 1002 protocol error" }));
    }

    private static string Padded(string text) => text + new string(' ', 200);

    private static byte[] Compress(string text)
    {
        Assert.That(MessageDeflate.TryCompress(text.Utf8(), new(0), out var compressed), Is.True);
        return compressed.ToArray();
    }

    // As short as it gets.
    private static byte[] Squeeze(string text)
    {
        const int tailBytes = 4;
        var output = new MemoryStream();
        using var deflate = new DeflateStream(output, CompressionLevel.SmallestSize);
        deflate.Write(text.Utf8());
        deflate.Flush();
        return output.ToArray()[..^tailBytes];
    }

    private ClientLink Compressing()
    {
        // Whether the reply is compressed depends on the id in it.
        var link = new ClientLink(_rig, wire: Wire.CompressedWebSocketJson, pingFrames: true);
        link.Send("""{"id":1,"connect":{}}""");
        link.TakeAll();
        return link;
    }
}
