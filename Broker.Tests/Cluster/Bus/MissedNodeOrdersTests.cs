using System.Buffers;
using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Cluster.Bus;

/// <summary>The list of recent orders in each layout of Redis.</summary>
[TestFixture(RedisLayout.OneServer)]
[TestFixture(RedisLayout.TwoServers)]
[TestFixture(RedisLayout.Cluster)]
internal sealed class MissedNodeOrdersTests : IAsyncDisposable
{
    private static readonly Guid Sender = Guid.NewGuid();

    private readonly RedisPlace _place;
    private RunningNode _here = null!;
    private RunningNode _there = null!;

    public MissedNodeOrdersTests(RedisLayout layout) => _place = new RedisPlace(layout);

    public async ValueTask DisposeAsync()
    {
        await _here.DisposeAsync();
        await _there.DisposeAsync();
        await _place.DisposeAsync();
    }

    [SetUp]
    public async Task Start()
    {
        _here = _place.StartNode();
        _there = _place.StartNode();

        // Both know where the list ends.
        await SendAsync("first");
        await Eventually.IsTrueAsync(() => Heard(_there).Length == 1);
        await SendAsync("second", _there);
        await Eventually.IsTrueAsync(() => Heard(_here).Length == 1);
    }

    [Test]
    public async Task An_order_that_was_not_heard_is_carried_out_once_before_the_next_one()
    {
        await KeepAsync("missed");
        await SendAsync("last");

        await Eventually.IsTrueAsync(() => Heard(_there).Length >= 3);
        await SendAsync("end");
        await SendAsync("end", _there);
        await Eventually.IsTrueAsync(() => Heard(_there).Contains("end") && Heard(_here).Contains("end"));
        Assert.That(Heard(_there), Is.EqualTo(new[] { "first", "missed", "last", "end" }));
        Assert.That(Heard(_here), Is.EqualTo(new[] { "second", "missed", "end" }), "And none of its own.");
    }

    [Test]
    public async Task An_order_that_was_not_heard_is_carried_out_after_an_interruption()
    {
        await KeepAsync("missed");

        Interrupt();

        await Eventually.IsTrueAsync(() => Heard(_there).Length == 2 && Heard(_here).Length == 2);
        Assert.That(Heard(_there), Is.EqualTo(new[] { "first", "missed" }));
        Assert.That(_there.Orders.Orders.OfType<NodeOrder>().Last().Whom.ConnectedUntil, Is.Not.Null, "It is for clients of that time.");
    }

    [Test]
    public async Task More_missed_orders_than_are_kept_are_reported_as_lost()
    {
        for (var i = 0; i < 3; i++)
        {
            await KeepAsync($"missed {i}", most: 2);
        }

        Interrupt();
        await Eventually.IsTrueAsync(() => Heard(_there).Length == 3);

        Assert.That(Heard(_there), Is.EqualTo(new[] { "first", "missed 1", "missed 2" }));
        Assert.That(_there.Warnings.Count(warning => warning.Contains("may have been missed for good", StringComparison.Ordinal)), Is.EqualTo(1));
    }

    [Test]
    public async Task A_list_that_Redis_has_lost_is_reported_and_begins_again()
    {
        await _place.AskServerAsync(ServerOfOrders, "DEL", _place.Names.Orders);
        await SendAsync("last");
        await Eventually.IsTrueAsync(() => Heard(_there).Length == 2);
        await SendAsync("end");
        await Eventually.IsTrueAsync(() => Heard(_there).Length == 3);

        Assert.That(Heard(_there), Is.EqualTo(new[] { "first", "last", "end" }));
        Assert.That(_there.Warnings.Count(warning => warning.Contains("may have been missed for good", StringComparison.Ordinal)), Is.EqualTo(1));
    }

    [Test]
    public async Task A_node_that_starts_reads_the_list_and_reports_nothing()
    {
        await using var third = _place.StartNode();
        await Eventually.IsTrueAsync(() => Heard(third).Length == 2);
        await SendAsync("last");
        await Eventually.IsTrueAsync(() => Heard(third).Length == 3);

        Assert.That(third.Warnings, Is.Empty);
        Assert.That(third.Orders.Interruptions, _place.IsCluster ? Is.LessThanOrEqualTo(1) : Is.Zero, "In a cluster the first server may not be theirs.");
        Assert.That(third.Orders.Orders.OfType<NodeOrder>().Take(2).Select(order => order.Whom.ConnectedUntil), Has.None.Null, "Its clients have come later.");
    }

    private void Interrupt()
    {
        foreach (var node in (RunningNode[])[_here, _there])
        {
            node.Bus.Shards.OfOrders.Listener.Renew("the test ends the connection");
        }
    }

    private int ServerOfOrders => _place.IsCluster ? 3 * ChannelHash.SlotOf(_place.Names.Orders) / ChannelHash.Slots : 0;

    private static string[] Heard(RunningNode node) => [.. node.Orders.Orders.OfType<NodeOrder>().Select(order => order.Whom.User)];

    private static NodeOrder Order(string user) => new(new(user), new UnsubscribeOrder("public.x", UnsubscribeCode.ServerUnsubscribe));

    private ValueTask SendAsync(string user, RunningNode? from = null) => (from ?? _here).Bus.SendAsync(Order(user));

    // As the script does it, but nobody hears it.
    private async Task KeepAsync(string user, int most = 1_000)
    {
        var content = new ArrayBufferWriter<byte>();
        NodeMessageCodec.Write(content, Sender, Order(user));
        var list = await _place.AskServerAsync(ServerOfOrders, "XREVRANGE", _place.Names.Orders, "+", "-", "COUNT", "1");
        var previous = list.Items[0].Items[0].ToString();
        await _place.AddEntryAsync(ServerOfOrders, _place.Names.Orders, most, previous, content.WrittenMemory);
    }
}
