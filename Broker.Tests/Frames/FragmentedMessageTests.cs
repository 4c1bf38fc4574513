using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Frames;

/// <summary>Messages that come in several frames.</summary>
internal sealed class FragmentedMessageTests : IDisposable
{
    private const string Connect = "{\"id\":1,\"connect\":{\"name\":\"é日😀\"}}";

    private readonly BrokerRig _rig = new(new BrokerOptions { Connections = new() { MaxMessageBytes = 1024 } });

    public void Dispose() => _rig.Dispose();

    [Test]
    public void A_message_may_be_split_at_any_byte_even_within_a_character()
    {
        var message = Connect.Utf8();
        for (var split = 0; split <= message.Length; split++)
        {
            var link = new ClientLink(_rig);

            link.Send([.. ClientFrame.Of(0x1, message[..split], isFinal: false), .. ClientFrame.Of(0x0, message[split..])]);

            Assert.That(link.Received(), Is.EqualTo(new[] { ClientLink.ConnectReply }), $"parted after {split} bytes");
        }
    }

    [Test]
    public void A_message_may_come_byte_by_byte_with_empty_frames_between()
    {
        var link = new ClientLink(_rig);

        link.Send(ClientFrame.Of(0x2, [], isFinal: false));
        foreach (var value in Connect.Utf8())
        {
            link.Send(ClientFrame.Of(0x0, [value], isFinal: false));
            link.Send(ClientFrame.Of(0x0, [], isFinal: false));
        }

        link.Send(ClientFrame.Of(0x0, []));

        Assert.That(link.Received(), Is.EqualTo(new[] { ClientLink.ConnectReply }));
    }

    [Test]
    public void Control_frames_between_the_fragments_are_answered_immediately()
    {
        var link = new ClientLink(_rig);

        link.Send(ClientFrame.Text(Connect[..9], isFinal: false));
        link.Send([.. ClientFrame.Ping("1"), .. ClientFrame.Pong()]);
        var between = link.Received();
        link.Send([.. ClientFrame.Continuation(Connect[9..20], isFinal: false), .. ClientFrame.Ping("2"), .. ClientFrame.Continuation(Connect[20..])]);

        Assert.That(between, Is.EqualTo(new[] { "pong 1" }));
        Assert.That(link.Received(), Is.EqualTo(new[] { "pong 2", ClientLink.ConnectReply }));
    }

    [Test]
    public void A_second_message_does_not_continue_the_first()
    {
        var link = new ClientLink(_rig);
        link.Send([.. ClientFrame.Text(Connect[..9], isFinal: false), .. ClientFrame.Continuation(Connect[9..])]);

        link.Send([.. ClientFrame.Text("{\"id\":2,\"sub", isFinal: false), .. ClientFrame.Continuation("scribe\":{\"channel\":\"public.a\"}}")]);

        Assert.That(link.Received(), Is.EqualTo(new[] { ClientLink.ConnectReply, "{\"id\":2,\"subscribe\":{}}" }));
    }

    [Test]
    public void A_close_frame_between_the_fragments_ends_the_connection()
    {
        var link = new ClientLink(_rig);
        link.Send(ClientFrame.Text(Connect[..9], isFinal: false));

        link.Send(ClientFrame.Close(1001));

        Assert.That((link.Received().Single(), link.IsOver), Is.EqualTo(("close 1001", true)));
    }

    [TestCase(512, 512, "close 3501 bad request")]
    [TestCase(512, 513, "close 1009")]
    [TestCase(1, 1024, "close 1009")]
    [TestCase(1024, 1, "close 1009")]
    public void The_limit_applies_to_all_fragments_together(int first, int second, string expected)
    {
        var link = new ClientLink(_rig).Connected();

        link.Send([.. ClientFrame.Text(new string('x', first), isFinal: false), .. ClientFrame.Continuation(new string('x', second), isFinal: true)]);

        Assert.That(link.Received(), Is.EqualTo(new[] { expected }));
    }

    [TestCase(new byte[] { 0xC3, 0x28 })]
    [TestCase(new byte[] { 0xFF })]
    [TestCase(new byte[] { 0xE0, 0x80 })]
    [TestCase(new byte[] { 0xED, 0xA0 })]
    [TestCase(new byte[] { 0xF4, 0x90 })]
    public void A_fragment_after_which_the_text_cannot_be_UTF8_closes_immediately(byte[] text)
    {
        var link = new ClientLink(_rig).Connected();

        link.Send(ClientFrame.Text("\"é", isFinal: false));
        link.Send(ClientFrame.Of(0x0, text, isFinal: false));

        Assert.That(link.Received(), Is.EqualTo(new[] { "close 1007 invalid UTF-8" }));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Fragments_without_end_are_a_flood_even_when_they_are_empty(CancellationToken cancellation)
    {
        var link = new ClientLink(_rig).Connected();
        link.Send(ClientFrame.Text("", isFinal: false));
        for (var sent = 1; sent < FragmentedMessage.MaxFragments; sent++)
        {
            link.Send(ClientFrame.Continuation("", isFinal: false));
        }

        var before = link.Received();
        link.Send(ClientFrame.Continuation("", isFinal: false));

        // They are more than one turn.
        Assert.That((before.Length, (await link.ReceivedAsync(cancellation)).SingleOrDefault()), Is.EqualTo((0, "close 1009")));
    }

    [TestCase(false, "close 1007 invalid UTF-8")]
    [TestCase(true, "close 1003 unsupported data")]
    public void The_fragments_together_must_be_UTF8(bool isBinary, string expected)
    {
        var link = new ClientLink(_rig).Connected();

        link.Send([.. ClientFrame.Of(isBinary ? 0x2 : 0x1, [(byte)'"', 0xC3], isFinal: false), .. ClientFrame.Of(0x0, [(byte)'"'])]);

        Assert.That(link.Received(), Is.EqualTo(new[] { expected }));
    }
}
