using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Connections;

/// <summary>A transport may hand over bytes in any pieces; what comes back must not depend on them.</summary>
internal sealed class DialogueSplitTests
{
    private static readonly byte[] Said =
    [
        .. ClientFrame.Text("{\"id\":1,\"connect\":{}}"),
        .. ClientFrame.Ping("p"),
        .. ClientFrame.Text("{\"id\":2,\"subscribe\":{\"channel\":\"public.a\"}}\n{\"id\":3,\"subscribe\":{\"channel\":\"agent.o.t\"}}"),
        .. ClientFrame.Text("{\"id\":4,\"publish\":{\"channel\":\"public.a\",", isFinal: false),
        .. ClientFrame.Pong("between"),
        .. ClientFrame.Continuation("\"data\":{\"é\":", isFinal: false),
        .. ClientFrame.Continuation("1}}}"),
        .. ClientFrame.Binary("{\"id\":5,\"publish\":{\"channel\":\"agent.o.t\",\"data\":1}}"),
        .. ClientFrame.Text($"{{\"id\":6,\"rpc\":{{\"data\":\"{new string('x', 130)}\"}}}}"),
        .. ClientFrame.Text("{\"id\":7,\"unsubscribe\":{\"channel\":\"public.a\"}}"),
        .. ClientFrame.Close(1000, "bye"),
    ];

    private static readonly string[] Heard =
    [
        ClientLink.ConnectReply,
        "pong p",
        "{\"id\":2,\"subscribe\":{}}",
        "{\"id\":3,\"subscribe\":{}}",
        $"{{\"push\":{{\"channel\":\"public.a\",\"pub\":{{\"data\":{{\"_claw\":{{\"sender\":\"anonymous\",\"timestamp\":{ManualTimeProvider.Start.ToUnixTimeMilliseconds()}}},\"payload\":{{\"é\":1}}}},\"info\":{{\"user\":\"\",\"client\":\"CLIENT\"}}}}}}}}",
        "{\"id\":4,\"publish\":{}}",
        "{\"id\":5,\"error\":{\"code\":403,\"message\":\"permission denied: not_owner\"}}",
        "{\"id\":6,\"error\":{\"code\":108,\"message\":\"not available\"}}",
        "{\"id\":7,\"unsubscribe\":{}}",
        "close 1000",
    ];

    // Memory in pieces of 16 bytes makes headers and payloads lie across several; -1 is the pipe's own size.
    [TestCase(-1)]
    [TestCase(16)]
    public void A_dialogue_split_in_two_at_any_byte_is_answered_the_same(int segmentBytes)
    {
        for (var split = 0; split <= Said.Length; split++)
        {
            using var rig = new BrokerRig();
            var link = new ClientLink(rig, segmentBytes: segmentBytes);

            link.Send(Said.AsSpan(0, split));
            link.Send(Said.AsSpan(split));

            Assert.That(link.Received(), Is.EqualTo(Heard), $"parted after {split} bytes");
            Assert.That((link.IsOver, rig.Hub.SubscriptionCount), Is.EqualTo((true, 0)));
        }
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    [TestCase(7)]
    [TestCase(100)]
    public void A_dialogue_that_comes_byte_by_byte_is_answered_the_same(int piece)
    {
        using var rig = new BrokerRig();
        var link = new ClientLink(rig, segmentBytes: 16);

        foreach (var part in Said.Chunk(piece))
        {
            link.Send(part);
        }

        Assert.That(link.Received(), Is.EqualTo(Heard));
    }

    [Test]
    public void A_dialogue_cut_off_anywhere_ends_cleanly()
    {
        for (var length = 0; length < Said.Length; length++)
        {
            using var rig = new BrokerRig();
            var link = new ClientLink(rig);

            link.Send(Said.AsSpan(0, length));
            link.Hang();

            Assert.That((link.IsOver, rig.Hub.SubscriptionCount, rig.Waiting), Is.EqualTo((true, 0, 0)), $"cut off after {length} bytes");
            Assert.That(link.Received(), Is.SubsetOf(Heard));
        }
    }
}
