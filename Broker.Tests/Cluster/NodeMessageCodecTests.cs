using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Telemetry.Traffic;
using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Tests.Cluster;

internal sealed class NodeMessageCodecTests
{
    private const int HeadBytes = 17;

    private static readonly Guid Sender = Guid.NewGuid();
    private static readonly ConnectionFilter All = new("alice");
    private static readonly ConnectionFilter One = new("", Guid.NewGuid().ToString(), "session");
    private static readonly NodeReport Report = new(Sender.ToString(), "host-ü", "1.2.3", 1, 2, 3, int.MaxValue, TimeSpan.FromSeconds(4.5), 0.25, 1L << 40);

    private static IEnumerable<NodeMessage> Messages() =>
    [
        new NodeOrder(All, new DisconnectOrder(DisconnectCode.ForceDisconnect, [])),
        new NodeOrder(One, new DisconnectOrder(new(4000, "grund: ü"), [Guid.NewGuid().ToString(), ""])),
        new NodeOrder(One, new UnsubscribeOrder("chat:a", UnsubscribeCode.ServerUnsubscribe)),
        new NodeOrder(All, new SubscribeOrder(new("chat:a"))),
        new NodeOrder(One, new SubscribeOrder(
            new("chat:a", "{}"u8.ToArray(), new byte[] { 0, 255 }, new(true, false, null, true, false)) { ExpiresAt = DateTimeOffset.UnixEpoch },
            new(ulong.MaxValue, "epoch"))),
        new NodeOrder(All, new RefreshOrder(DateTimeOffset.MinValue, default)),
        new NodeOrder(One, new RefreshOrder(DateTimeOffset.MaxValue, "{\"a\":1}"u8.ToArray())),
        new NodeBeat(Report, IsFirst: true),
        new NodeBeat(Report with { Name = "" }, IsFirst: false),
        new NodeFarewell(),
        new RelayedMessage("session", "{\"id\":1}\n{}"u8.ToArray()),
        new RelayedMessage("", default),
        new ChannelsQuestion(Guid.NewGuid(), ""),
        new ChannelsQuestion(Guid.NewGuid(), "chat:{a,b}*"),
        new ChannelsAnswer(Guid.NewGuid(), 0, IsLast: true, []),
        new ChannelsAnswer(Guid.NewGuid(), 7, IsLast: false, [new("chat:a", 1), new("chat:b", int.MaxValue)]),
        new TopQuestion(Guid.NewGuid(), TrafficKind.Messages, []),
        new TopQuestion(Guid.NewGuid(), TrafficKind.Subscribers, new[] { "chat:a", "chat:b" }),
        new TopAnswer(Guid.NewGuid(), TrafficSummary.Empty, []),
        new TopAnswer(Guid.NewGuid(), new(new TrafficEntry[] { new("chat:a", long.MaxValue, 3), new("b", 0, 0) }, 2, 31.25), new WatchedTraffic[] { new("chat:a", 1, 2, 3, 4, 0.5) }),
        new TopicQuestion(Guid.NewGuid(), NodeTopic.Connections, "{\"user\":\"ü\"}"),
        new TopicQuestion(Guid.NewGuid(), (NodeTopic)200, ""),
        new TopicAnswer(Guid.NewGuid(), "{\"total\":1}"u8.ToArray()),
        new TopicAnswer(Guid.NewGuid(), default),
        new TraceOrder(Guid.NewGuid(), new(IsUser: true, ""), 15),
        new TraceOrder(Guid.NewGuid(), new(IsUser: false, "chat:ü"), 0),
        new TraceReport(Guid.NewGuid(), "[{\"event\":\"connected\"}]"u8.ToArray()),
    ];

    [TestCaseSource(nameof(Messages))]
    public void A_message_is_read_as_it_was_written(NodeMessage message)
    {
        var content = Write(message);

        var read = NodeMessageCodec.Read(content, out var sender);

        Assert.That(sender, Is.EqualTo(Sender));
        Assert.That(read, Is.InstanceOf(message.GetType()));
        Assert.That(Write(read!), Is.EqualTo(content));
        Assert.That(Texts(read!), Is.EqualTo(Texts(message)));
    }

    [TestCaseSource(nameof(Messages))]
    public void A_truncated_or_too_long_message_is_rejected(NodeMessage message)
    {
        var content = Write(message);

        for (var length = 0; length < content.Length; length++)
        {
            Assert.That(NodeMessageCodec.Read(content.AsMemory(..length), out _), Is.Null, $"{length} bytes");
        }

        Assert.That(NodeMessageCodec.Read((byte[])[.. content, 0], out _), Is.Null);
    }

    [TestCaseSource(nameof(Messages))]
    public void A_changed_message_never_throws_and_can_be_written_again_if_it_is_read(NodeMessage message)
    {
        var content = Write(message);
        foreach (var place in Enumerable.Range(0, content.Length))
        {
            foreach (var value in new byte[] { 0, 1, 2, 0x7F, 0x80, 0xC3, 0xFF, (byte)(content[place] + 1) })
            {
                var changed = (byte[])content.Clone();
                changed[place] = value;

                if (NodeMessageCodec.Read(changed, out var sender) is { } read)
                {
                    var again = new ArrayBufferWriter<byte>();
                    NodeMessageCodec.Write(again, sender, read);
                    Assert.That(again.WrittenSpan.SequenceEqual(changed), Is.True, $"{value} at {place}");
                }
            }
        }
    }

    [Test]
    public void Every_message_and_order_has_a_form()
    {
        var types = typeof(NodeMessage).Assembly.GetTypes();
        Assert.That(types.Where(type => type.IsSubclassOf(typeof(NodeMessage))), Is.EquivalentTo(Messages().Select(message => message.GetType()).Distinct()));
        Assert.That(
            types.Where(type => type.IsSubclassOf(typeof(ConnectionOrder))),
            Is.EquivalentTo(Messages().OfType<NodeOrder>().Select(order => order.Order.GetType()).Distinct()));
    }

    [Test]
    public void A_type_of_another_version_is_rejected()
    {
        var content = Write(new NodeFarewell());

        Assert.That(Enumerable.Range(0, 256).Where(type => ReadAs(content, (byte)type) is not null), Is.EqualTo(new[] { 6 }));
    }

    [TestCase(2999)]
    [TestCase(5000)]
    public void A_disconnect_with_a_code_that_no_close_frame_can_carry_is_rejected(int code) =>
        Assert.That(ReadAgain(new NodeOrder(All, new DisconnectOrder(new(code, "x"), []))), Is.Null);

    [Test]
    public void A_disconnect_with_a_reason_too_long_for_a_close_frame_is_rejected() =>
        Assert.That(ReadAgain(new NodeOrder(All, new DisconnectOrder(new(4000, new string('x', ProtocolLimits.MaxCloseReasonBytes + 1)), []))), Is.Null);

    [TestCase(1999, "x")]
    [TestCase(3000, "x")]
    [TestCase(2000, "")]
    public void An_unsubscribe_with_an_invalid_code_is_rejected(int code, string reason) =>
        Assert.That(ReadAgain(new NodeOrder(All, new UnsubscribeOrder("chat:a", new(code, reason)))), Is.Null);

    [Test]
    public void A_question_with_an_invalid_pattern_is_rejected() =>
        Assert.That(ReadAgain(new ChannelsQuestion(Guid.NewGuid(), new string('*', Glob.MaxLength + 1))), Is.Null);

    [TestCase(double.NaN)]
    [TestCase(double.PositiveInfinity)]
    public void A_report_that_JSON_cannot_express_is_rejected(double seconds) =>
        Assert.That(ReadAgain(new NodeBeat(Report with { CpuSeconds = seconds }, IsFirst: false)), Is.Null);

    [Test]
    public void Counts_without_their_items_allocate_no_memory()
    {
        var answer = Write(new ChannelsAnswer(Guid.NewGuid(), 0, IsLast: true, []));
        BinaryPrimitives.WriteInt32BigEndian(answer.AsSpan(^sizeof(int)..), int.MaxValue);
        var disconnect = Write(new NodeOrder(All, new DisconnectOrder(DisconnectCode.ForceDisconnect, [])));
        BinaryPrimitives.WriteInt32BigEndian(disconnect.AsSpan(^sizeof(int)..), int.MaxValue);

        foreach (var content in new[] { answer, disconnect })
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var read = NodeMessageCodec.Read(content, out _);
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

            Assert.That(read, Is.Null);
            Assert.That(allocated, Is.LessThan(100_000));
        }
    }

    // The bytes have proven the contents of memory; records compare memory by its address.
    private static string Texts(NodeMessage message) => message switch
    {
        NodeOrder { Whom: var whom, Order: DisconnectOrder order } => $"{whom} {order.Code} {string.Join('|', order.Spared)}",
        NodeOrder { Whom: var whom, Order: SubscribeOrder order } => $"{whom} {order.RecoverSince} {order.Grant.Channel} {order.Grant.Overrides} {order.Grant.ExpiresAt.UtcTicks}",
        NodeOrder { Whom: var whom, Order: RefreshOrder order } => $"{whom} {order.ExpiresAt.UtcTicks}",
        RelayedMessage relayed => relayed.Session,
        ChannelsAnswer answer => $"{answer.Id} {answer.Part} {answer.IsLast} {string.Join('|', answer.Channels)}",
        TopicAnswer answer => $"{answer.Id} {Encoding.UTF8.GetString(answer.Json.Span)}",
        TraceReport report => $"{report.Id} {Encoding.UTF8.GetString(report.Events.Span)}",
        _ => message.ToString(),
    };

    private static NodeMessage? ReadAgain(NodeMessage message) => NodeMessageCodec.Read(Write(message), out _);

    private static NodeMessage? ReadAs(byte[] content, byte type)
    {
        content[HeadBytes - 1] = type;
        return NodeMessageCodec.Read(content, out _);
    }

    private static byte[] Write(NodeMessage message)
    {
        var content = new ArrayBufferWriter<byte>();
        NodeMessageCodec.Write(content, Sender, message);
        return content.WrittenSpan.ToArray();
    }
}
