using System.Buffers;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Cluster;

internal sealed class NodeOrderCodecTests
{
    private static readonly Guid Sender = Guid.NewGuid();
    private static readonly ChannelName Channel = TestChannel.Named("agent.alice.x");
    private static readonly UserSelection All = new("alice");
    private static readonly UserSelection One = new("", Guid.NewGuid(), "session");

    private static IEnumerable<NodeOrder> Orders() =>
    [
        new DisconnectOrder(All, 3503, "force disconnect", []),
        new DisconnectOrder(One, 4000, "grund: ü", [Guid.NewGuid(), Guid.NewGuid()]),
        new UnsubscribeOrder(One, Channel),
        new SubscribeOrder(All, Channel, default, default, 0, null, default),
        new SubscribeOrder(One, Channel, "{}"u8.ToArray(), new byte[] { 0, 255 }, long.MaxValue, new(ulong.MaxValue, "epoch"), new(true, false, null, true, false)),
        new RefreshOrder(All, true, 0, default),
        new RefreshOrder(One, false, 1_700_000_000, "{\"a\":1}"u8.ToArray()),
        new AccessOrder(Channel),
        new KeyOrder("app:shop"),
        new AdvertisementOrder(Channel),
    ];

    [TestCaseSource(nameof(Orders))]
    public void An_order_comes_out_as_it_went_in(NodeOrder order)
    {
        var content = Write(order);

        var read = NodeOrderCodec.Read(content, out var sender);

        Assert.That(sender, Is.EqualTo(Sender));
        Assert.That(read, Is.InstanceOf(order.GetType()));
        Assert.That(Write(read!), Is.EqualTo(content));
        Assert.That(Without(read!), Is.EqualTo(Without(order)).UsingPropertiesComparer());
    }

    [TestCaseSource(nameof(Orders))]
    public void Whatever_is_cut_off_or_too_long_is_none(NodeOrder order)
    {
        var content = Write(order);

        for (var length = 0; length < content.Length; length++)
        {
            Assert.That(NodeOrderCodec.Read(content.AsMemory(..length), out _), Is.Null, $"{length} bytes");
        }

        Assert.That(NodeOrderCodec.Read((byte[])[.. content, 0], out _), Is.Null);
    }

    [TestCaseSource(nameof(Orders))]
    public void Whatever_is_changed_in_it_nothing_is_thrown(NodeOrder order)
    {
        var (content, random) = (Write(order), new Random(1));

        for (var i = 0; i < 5_000; i++)
        {
            var changed = (byte[])content.Clone();
            changed[random.Next(changed.Length)] = (byte)random.Next(256);

            Assert.That(() => NodeOrderCodec.Read(changed, out _), Throws.Nothing);
        }
    }

    [Test]
    public void Every_order_has_a_form() =>
        Assert.That(
            typeof(NodeOrder).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(NodeOrder))),
            Is.EquivalentTo(Orders().Select(order => order.GetType()).Distinct()));

    // Memory is compared by where it is; what is in it, the bytes have shown.
    private static NodeOrder Without(NodeOrder order) => order switch
    {
        SubscribeOrder subscribe => subscribe with { Info = default, Data = default },
        RefreshOrder refresh => refresh with { Info = default },
        _ => order,
    };

    private static byte[] Write(NodeOrder order)
    {
        var content = new ArrayBufferWriter<byte>();
        NodeOrderCodec.Write(content, Sender, order);
        return content.WrittenSpan.ToArray();
    }
}
