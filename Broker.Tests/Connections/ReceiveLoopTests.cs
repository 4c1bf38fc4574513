using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Connections;

/// <summary>Frames of every kind, and how a connection ends.</summary>
internal sealed class ReceiveLoopTests : IDisposable
{
    private readonly BrokerRig _rig = new(new BrokerOptions { Connections = new() { MaxMessageBytes = 1024 } });

    public void Dispose() => _rig.Dispose();

    [Test]
    public void A_text_message_is_answered()
    {
        var link = new ClientLink(_rig);

        Assert.That(link.Ask("{\"id\":1,\"connect\":{}}"), Is.EqualTo(new[] { ClientLink.ConnectReply }));
    }

    [Test]
    public void A_binary_message_is_read_as_JSON_too()
    {
        var link = new ClientLink(_rig);

        link.Send(ClientFrame.Binary("{\"id\":1,\"connect\":{}}"));

        Assert.That(link.Received(), Is.EqualTo(new[] { ClientLink.ConnectReply }));
    }

    [Test]
    public void Several_commands_in_one_message_are_carried_out_in_order()
    {
        var link = new ClientLink(_rig);

        var replies = link.Ask("{\"id\":7,\"connect\":{}}\n{\"id\":3,\"subscribe\":{\"channel\":\"public.a\"}}\r\n{\"id\":5,\"unsubscribe\":{\"channel\":\"public.a\"}}\n");

        Assert.That(replies, Is.EqualTo(new[] { ClientLink.ConnectReply.Replace("\"id\":1", "\"id\":7", StringComparison.Ordinal), "{\"id\":3,\"subscribe\":{}}", "{\"id\":5,\"unsubscribe\":{}}" }));
    }

    [TestCase("")]
    [TestCase("a payload")]
    public void A_ping_is_answered_with_its_own_payload(string payload)
    {
        var link = new ClientLink(_rig);

        link.Send(ClientFrame.Ping(payload));

        Assert.That(link.Received(), Is.EqualTo(new[] { $"pong {payload}".TrimEnd() }));
    }

    [Test]
    public void A_ping_may_have_the_longest_legal_payload()
    {
        var payload = new string('p', 125);
        var link = new ClientLink(_rig);

        link.Send(ClientFrame.Ping(payload));

        Assert.That(link.Received(), Is.EqualTo(new[] { $"pong {payload}" }));
    }

    [Test]
    public void An_unsolicited_pong_frame_is_ignored()
    {
        var link = new ClientLink(_rig).Connected();

        link.Send(ClientFrame.Pong("x"));

        Assert.That((link.Received(), link.IsOver), Is.EqualTo((Array.Empty<string>(), false)));
    }

    [TestCase(1000, "")]
    [TestCase(1000, "bye é")]
    [TestCase(1001, "")]
    [TestCase(3000, "x")]
    [TestCase(4999, "")]
    public void A_close_frame_is_answered_with_its_code_and_ends_the_connection(int code, string reason)
    {
        var link = new ClientLink(_rig).Connected();

        link.Send([.. ClientFrame.Close(code, reason), .. ClientFrame.Ping("too late")]);

        Assert.That(link.Received(), Is.EqualTo(new[] { $"close {code}" }));
        Assert.That((link.IsOver, _rig.Waiting), Is.EqualTo((true, 0)));
    }

    [Test]
    public async Task A_close_frame_is_answered_when_the_client_is_slow_to_read_what_came_before()
    {
        var link = new ClientLink(_rig, pauseAt: 16).Connected();

        link.Send([.. ClientFrame.Ping(new string('p', 100)), .. ClientFrame.Close(1001), .. ClientFrame.Ping("too late")]);
        var isOverBefore = link.IsOver;
        string[] received = [.. link.Received(), .. link.Received()];
        await link.Running.WaitAsync(RunningBroker.Patience);

        Assert.That(received, Is.EqualTo(new[] { $"pong {new string('p', 100)}", "close 1001" }));
        Assert.That((isOverBefore, link.IsOver, link.IsAborted), Is.EqualTo((false, true, false)));
    }

    [Test]
    public void A_client_that_closes_and_does_not_read_is_disconnected_in_time()
    {
        var link = new ClientLink(_rig, pauseAt: 16).Connected();
        link.Send([.. ClientFrame.Ping(new string('p', 100)), .. ClientFrame.Close(1001)]);

        _rig.Time.Advance(TimeSpan.FromSeconds(4));
        var wasAborted = link.IsAborted;
        _rig.Time.Advance(TimeSpan.FromSeconds(2));

        Assert.That((wasAborted, link.IsAborted), Is.EqualTo((false, true)));
    }

    [Test]
    public void A_close_frame_without_a_code_is_answered_as_a_normal_closure()
    {
        var link = new ClientLink(_rig);

        link.Send(ClientFrame.Close());

        Assert.That((link.Received().Single(), link.IsOver), Is.EqualTo(("close 1000", true)));
    }

    [TestCase(new byte[] { 0x03 }, "close 1002 protocol error")]
    [TestCase(new byte[] { 0x03, 0xED }, "close 1002 protocol error")]
    [TestCase(new byte[] { 0x03, 0xE7 }, "close 1002 protocol error")]
    [TestCase(new byte[] { 0x03, 0xE8, 0xFF }, "close 1007 invalid UTF-8")]
    public void An_invalid_close_frame_is_answered_with_the_code_of_its_fault(byte[] payload, string expected)
    {
        var link = new ClientLink(_rig).Connected();

        link.Send(ClientFrame.Of(0x8, payload));

        Assert.That((link.Received().Single(), link.IsOver), Is.EqualTo((expected, true)));
    }

    [TestCase(new byte[] { 0x81, 0x02, (byte)'{', (byte)'}' }, TestName = "A_frame_without_a_mask_closes_with_1002")]
    [TestCase(new byte[] { 0xC1, 0x80, 0, 0, 0, 0 }, TestName = "A_reserved_bit_closes_with_1002")]
    [TestCase(new byte[] { 0x83, 0x80, 0, 0, 0, 0 }, TestName = "An_unknown_opcode_closes_with_1002")]
    [TestCase(new byte[] { 0x09, 0x80, 0, 0, 0, 0 }, TestName = "A_fragmented_ping_closes_with_1002")]
    [TestCase(new byte[] { 0x89, 0xFE, 0, 126 }, TestName = "A_ping_that_is_too_long_closes_with_1002")]
    [TestCase(new byte[] { 0x81, 0xFE, 0, 1 }, TestName = "A_length_in_a_longer_form_than_needed_closes_with_1002")]
    [TestCase(new byte[] { 0x80, 0x80, 0, 0, 0, 0 }, TestName = "A_continuation_of_nothing_closes_with_1002")]
    [TestCase(new byte[] { 0x01, 0x80, 0, 0, 0, 0, 0x81, 0x80, 0, 0, 0, 0 }, TestName = "A_new_message_in_the_midst_of_one_closes_with_1002")]
    [TestCase(new byte[] { 0x01, 0x80, 0, 0, 0, 0, 0x02, 0x80, 0, 0, 0, 0 }, TestName = "A_new_fragmented_message_in_the_midst_of_one_closes_with_1002")]
    public void A_frame_that_breaks_the_RFC_closes_with_1002(byte[] bytes)
    {
        var link = new ClientLink(_rig).Connected();

        link.Send([.. bytes, .. ClientFrame.Ping("not answered")]);

        Assert.That(link.Received(), Is.EqualTo(new[] { "close 1002 protocol error" }));
    }

    [TestCase(1024, "close 3501 bad request")]
    [TestCase(1025, "close 1009")]
    public void A_message_over_the_limit_closes_with_1009(int length, string expected)
    {
        var link = new ClientLink(_rig).Connected();

        link.Send(new string('x', length));

        Assert.That(link.Received(), Is.EqualTo(new[] { expected }));
    }

    [Test]
    public void A_frame_that_is_too_long_is_refused_on_its_header_alone()
    {
        var link = new ClientLink(_rig).Connected();

        link.Send(ClientFrame.Header(0x1, 1025).AsSpan(0, 4));

        Assert.That(link.Received(), Is.EqualTo(new[] { "close 1009" }));
    }

    [TestCase(1025)]
    [TestCase(long.MaxValue - 13)]
    [TestCase(long.MaxValue)]
    public void A_client_that_goes_on_with_a_frame_that_is_too_long_is_disconnected_in_time(long length)
    {
        var link = new ClientLink(_rig).Connected();
        link.Send(ClientFrame.Header(0x1, length));
        for (var second = 0; second < 6; second++)
        {
            link.Send(ClientFrame.Mask);
            _rig.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.That((link.Received().Single(), link.IsAborted), Is.EqualTo(("close 1009", true)));
    }

    [Test]
    public void The_payload_of_a_frame_that_is_too_long_is_not_read_as_frames()
    {
        var link = new ClientLink(_rig).Connected();
        link.Send(ClientFrame.Header(0x1, 100_000));

        link.Send(ClientFrame.Close(1000));

        Assert.That(link.Received(), Is.EqualTo(new[] { "close 1009" }));
        Assert.That(link.IsOver, Is.False, "the payload is still coming");
    }

    [TestCase(0x1, "close 1007 invalid UTF-8")]
    [TestCase(0x2, "close 1003 unsupported data")]
    public void Invalid_UTF8_closes_the_connection(int opcode, string expected)
    {
        var link = new ClientLink(_rig).Connected();

        link.Send(ClientFrame.Of(opcode, [(byte)'"', 0xC3, 0x28, (byte)'"']));

        Assert.That(link.Received(), Is.EqualTo(new[] { expected }));
    }

    [Test]
    public void After_the_brokers_close_frame_commands_are_ignored()
    {
        var link = new ClientLink(_rig).Connected();
        link.Ask("bad");

        link.Send([.. ClientFrame.Text("{\"id\":2,\"subscribe\":{\"channel\":\"public.a\"}}"), .. ClientFrame.Ping(), .. ClientFrame.Continuation("x")]);
        var before = (link.Received().Length, link.IsOver, _rig.Hub.SubscriptionCount);
        link.Send(ClientFrame.Close(3501));

        Assert.That(before, Is.EqualTo((0, false, 0)));
        Assert.That((link.Received().Length, link.IsOver), Is.EqualTo((0, true)));
    }

    [Test]
    public void A_transport_that_is_lost_leaves_nothing_behind()
    {
        var link = new ClientLink(_rig).Connected();
        link.Ask("{\"id\":2,\"subscribe\":{\"channel\":\"public.a\"}}");
        link.Send(ClientFrame.Text("{\"id\":3,", isFinal: false));

        link.Hang();

        Assert.That(link.IsOver, Is.True);
        Assert.That((_rig.Hub.SubscriptionCount, _rig.Hub.ChannelCount, _rig.Waiting), Is.EqualTo((0, 0, 0)));
        Assert.That(link.Received(), Is.Empty);
    }

    [Test]
    public void A_fault_of_the_broker_ends_that_connection_with_a_code()
    {
        using var rig = new BrokerRig();
        var link = new ClientLink(rig);

        link.Break(new NotSupportedException("a bug"));

        Assert.That(link.Received(), Is.EqualTo(new[] { "close 3004 internal server error" }));
        Assert.That(link.IsOver, Is.True);
        Assert.That(rig.Waiting, Is.Zero);
    }
}
