using System.Globalization;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Cluster.Bus;

/// <summary>Two nodes on one Redis, in each of its layouts, and by both versions of its protocol.</summary>
[TestFixture(RedisLayout.OneServer)]
[TestFixture(RedisLayout.TwoServers)]
[TestFixture(RedisLayout.Cluster)]
[TestFixture(RedisLayout.OneServer, Resp2)]
[TestFixture(RedisLayout.Cluster, Resp2)]
internal sealed class RedisNodeBusTests : IAsyncDisposable
{
    private const string Resp2 = "force_resp2=true";

    private static readonly HistoryOptions Hundred = new(100, TimeSpan.FromMinutes(1), TimeSpan.FromHours(1));

    private readonly RedisPlace _place;
    private readonly ChannelName _channel = TestChannel.Named("public.x");
    private RunningNode _here = null!;
    private RunningNode _there = null!;

    public RedisNodeBusTests(RedisLayout layout, string query = "") => _place = new RedisPlace(layout, query);

    private string BusName => _place.Names.Of(_channel);

    public async ValueTask DisposeAsync()
    {
        await _here.DisposeAsync();
        await _there.DisposeAsync();
        await _place.DisposeAsync();
    }

    [SetUp]
    public void Start()
    {
        _here = _place.StartNode();
        _there = _place.StartNode();
    }

    [Test]
    public async Task A_publication_of_one_node_reaches_both_nodes()
    {
        await _here.Bus.SubscribeAsync(_channel);
        await _there.Bus.SubscribeAsync(_channel);

        await _here.PublishAsync(_channel, "a");
        await _there.PublishAsync(_channel, "b");

        Assert.That((await _here.Deliveries.WaitForAsync(2)).Select(delivery => delivery.Data), Is.EqualTo(new[] { "a", "b" }));
        Assert.That((await _there.Deliveries.WaitForAsync(2)).Select(delivery => delivery.Data), Is.EqualTo(new[] { "a", "b" }));
    }

    [Test]
    public async Task From_the_moment_a_subscription_is_confirmed_nothing_is_missed()
    {
        for (var i = 0; i < 200; i++)
        {
            var channel = TestChannel.Named($"public.{i}");
            await _here.Bus.SubscribeAsync(channel);
            await _there.PublishAsync(channel, $"{i}");
        }

        var delivered = await _here.Deliveries.WaitForAsync(200);

        Assert.That(delivered.Select(delivery => delivery.Data), Is.EquivalentTo(Enumerable.Range(0, 200).Select(i => $"{i}")));
    }

    [Test]
    public async Task Only_the_first_subscriber_subscribes_and_only_the_last_one_leaves()
    {
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _here.Bus.SubscribeAsync(_channel).AsTask()));
        await _there.PublishAsync(_channel, "a");
        await _here.Deliveries.WaitForAsync(1);
        var one = await CountAsync();
        for (var i = 0; i < 19; i++)
        {
            _here.Bus.Unsubscribe(_channel);
        }

        await _there.PublishAsync(_channel, "b");
        await _here.Deliveries.WaitForAsync(2);
        _here.Bus.Unsubscribe(_channel);
        await Eventually.IsTrueAsync(async () => await CountAsync() == 0);
        await _there.PublishAsync(_channel, "c");

        Assert.That(one, Is.EqualTo(1));
        Assert.That(_here.Deliveries.Deliveries.Select(delivery => delivery.Data), Is.EqualTo(new[] { "a", "b" }));
        Assert.That(_here.Bus.Channels, Is.Empty);
    }

    [Test]
    public async Task Ten_thousand_channels_are_subscribed_in_batches()
    {
        var channels = Enumerable.Range(0, 10_000).Select(i => TestChannel.Named($"public.{i}")).ToArray();

        await Task.WhenAll(channels.Select(channel => _here.Bus.SubscribeAsync(channel).AsTask()));

        await _there.PublishAsync(channels[0], "a");
        await _there.PublishAsync(channels[^1], "b");
        Assert.That((await _here.Deliveries.WaitForAsync(2)).Select(delivery => delivery.Channel), Is.EquivalentTo(new[] { channels[0], channels[^1] }));
        Assert.That(channels.ToHashSet().SetEquals(_here.Bus.Channels), Is.True);
    }

    [Test]
    public async Task Simultaneous_publications_have_one_order_per_channel_on_all_nodes()
    {
        const int publishers = 4;
        const int publications = 300;
        var channels = Enumerable.Range(0, 8).Select(i => TestChannel.Named($"public.{i}")).ToArray();
        foreach (var channel in channels)
        {
            await _here.Bus.SubscribeAsync(channel);
            await _there.Bus.SubscribeAsync(channel);
        }

        await Task.WhenAll(Enumerable.Range(0, publishers).Select(publisher => Task.Run(async () =>
        {
            for (var i = 0; i < publications; i++)
            {
                var channel = channels[(i + publisher) % channels.Length];
                await (i % 2 == 0 ? _here : _there).PublishAsync(channel, $"{publisher} {i}", channel == channels[0] ? default : Hundred);
            }
        })));

        var here = await _here.Deliveries.WaitForAsync(publishers * publications);
        var there = await _there.Deliveries.WaitForAsync(publishers * publications);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(here, Has.Length.EqualTo(publishers * publications));
            foreach (var channel in channels)
            {
                var order = here.Where(delivery => delivery.Channel == channel).ToArray();
                Assert.That(
                    order.Select(delivery => delivery.Data),
                    Is.EqualTo(there.Where(delivery => delivery.Channel == channel).Select(delivery => delivery.Data)));
                Assert.That(
                    order.Select(delivery => delivery.Position.Offset),
                    Is.EqualTo(channel == channels[0] ? order.Select(_ => 0UL) : order.Select((_, i) => (ulong)i + 1)));
            }
        }
    }

    [Test]
    public async Task Foreign_messages_are_dropped_and_logged_once_per_kind()
    {
        await _here.Bus.SubscribeAsync(_channel);
        byte[][] bad = [[], "{}"u8.ToArray(), [0xC1, 0xA7, 9, 1], [0xC1, 0xA7, 1, 1, 1], [0xC1, 0xA7, 1, 6], [0xC1, 0xA7, 1, 7, 1, 65], [0xC1, 0xA7, 1, 6, .. new byte[16], 5], [0xC1, 0xA7, 1, 6, .. new byte[16], 10], [0xC1, 0xA7, 1, 1, .. new byte[100_000]]];
        for (var i = 0; i < 20; i++)
        {
            foreach (var message in bad)
            {
                await _place.PublishRawAsync(_place.ServerOf(_channel), BusName, message, isOfChannel: true);
                await _place.PublishRawAsync(0, _place.Names.Orders, message);
            }
        }

        await _there.PublishAsync(_channel, "good");
        await AwaitOrdersAsync(2);
        await _there.Bus.SendAsync(new NodeFarewell());
        await Eventually.IsTrueAsync(() => _here.Orders.Orders.Length == 1);

        Assert.That((await _here.Deliveries.WaitForAsync(1)).Single().Data, Is.EqualTo("good"));
        Assert.That(_here.Warnings.Select(warning => warning.Split('(', ')')[1]), Is.EquivalentTo(new[] { "Foreign", "OtherVersion", "Malformed" }));
        Assert.That(_here.Errors, Is.Empty);
    }

    [Test]
    public async Task A_fault_in_the_hub_stops_no_channel()
    {
        await using var node = _place.StartNode();
        await node.Bus.SubscribeAsync(_channel);
        node.Deliveries.OnDeliver = () => throw new InvalidOperationException("a bug");
        await _there.PublishAsync(_channel, "a");
        await Eventually.IsTrueAsync(() => node.Errors.Count == 1);
        node.Deliveries.OnDeliver = null;

        await _there.PublishAsync(_channel, "b");

        Assert.That((await node.Deliveries.WaitForAsync(1)).Single().Data, Is.EqualTo("b"));
    }

    [Test]
    public async Task Messages_reach_all_other_nodes_in_order_and_never_their_sender()
    {
        await using var third = _place.StartNode();
        await AwaitOrdersAsync(3);
        NodeMessage[] orders =
        [
            new NodeOrder(new("alice"), new UnsubscribeOrder("public.x", UnsubscribeCode.ServerUnsubscribe)),
            new ChannelsQuestion(Guid.NewGuid(), "chat:*"),
            new NodeFarewell(),
        ];

        foreach (var order in orders)
        {
            await _here.Bus.SendAsync(order);
        }

        await Eventually.IsTrueAsync(() => _there.Orders.Orders.Length == orders.Length && third.Orders.Orders.Length == orders.Length);
        var (heard, others) = (_there.Orders.Orders.OfType<NodeOrder>().Single(), _there.Orders.Orders.Where(message => message is not NodeOrder));
        Assert.That(heard with { Whom = heard.Whom with { ConnectedUntil = null } }, Is.EqualTo(orders[0]));
        Assert.That(others, Is.EqualTo(orders[1..]));
        Assert.That(_there.Orders.Senders.Distinct(), Is.EqualTo(new[] { _here.Bus.NodeId }));
        Assert.That(_here.Orders.Orders, Is.Empty);
    }

    [Test]
    public async Task Messages_to_one_node_reach_only_that_node_in_order()
    {
        await using var third = _place.StartNode();
        await AwaitOrdersAsync(3);
        await Eventually.IsTrueAsync(async () => await _here.Bus.TrySendAsync(_there.Bus.NodeId, new NodeFarewell()));
        for (var i = 0; i < 100; i++)
        {
            Assert.That(await _here.Bus.TrySendAsync(_there.Bus.NodeId, new ChannelsQuestion(Guid.Empty, $"{i}")), Is.True);
        }

        await Eventually.IsTrueAsync(() => _there.Orders.Orders.Length >= 101);
        Assert.That(_there.Orders.Orders.OfType<ChannelsQuestion>().Select(question => question.Pattern), Is.EqualTo(Enumerable.Range(0, 100).Select(i => $"{i}")));
        Assert.That(_here.Orders.Orders, Is.Empty);
        Assert.That(third.Orders.Orders, Is.Empty);
    }

    [Test]
    public async Task Sending_to_an_unknown_or_stopped_node_returns_false()
    {
        if (_place.IsCluster)
        {
            // A server of a cluster counts only its own connections, so the result is not known.
            Assert.That(await _here.Bus.TrySendAsync(Guid.NewGuid(), new NodeFarewell()), Is.True);
            return;
        }

        var stopping = _place.StartNode();
        await Eventually.IsTrueAsync(async () => await _here.Bus.TrySendAsync(stopping.Bus.NodeId, new NodeFarewell()));
        await stopping.DisposeAsync();

        await Eventually.IsTrueAsync(async () => !await _here.Bus.TrySendAsync(stopping.Bus.NodeId, new NodeFarewell()));
        Assert.That(await _here.Bus.TrySendAsync(Guid.NewGuid(), new NodeFarewell()), Is.False);
    }

    [Test]
    public async Task When_Redis_loses_offsets_subscribers_are_notified_and_a_new_epoch_begins()
    {
        await _here.Bus.SubscribeAsync(_channel);
        for (var i = 0; i < 5; i++)
        {
            await _there.PublishAsync(_channel, $"{i}", Hundred);
        }

        await _here.Deliveries.WaitForAsync(5);
        await _place.AskAsync(_channel, "HSET", "clawevents:meta:{channel:public.x}", "o", "2");
        await _place.AskAsync(_channel, "DEL", "clawevents:stream:{channel:public.x}");
        var lost = await _there.PublishAsync(_channel, "after the loss", Hundred);

        await Eventually.IsTrueAsync(() => _here.Deliveries.Interruptions.Length == 1);
        var (channel, top) = _here.Deliveries.Interruptions.Single();
        var page = await _there.Engine.ReadHistoryAsync(_channel, new HistoryFilter(Limit: -1), Hundred.MetaTtl);
        Assert.That((channel, top), Is.EqualTo((_channel, (StreamPosition?)page.Top)));
        Assert.That(page.Top.Epoch, Is.Not.EqualTo(lost.Position.Epoch));
        Assert.That(page.Publications.Select(stored => stored.Publication.Data.Text()), Is.EqualTo(new[] { "after the loss" }), "what is there stays");
        Assert.That(_here.Warnings.Single(), Does.Contain("has lost the newest publications of public.x"));
    }

    [Test]
    public async Task The_latency_of_an_idle_bus_is_small()
    {
        await _here.Bus.SubscribeAsync(_channel);
        var times = new List<double>();
        for (var i = 0; i < 300; i++)
        {
            var begun = System.Diagnostics.Stopwatch.GetTimestamp();
            await _there.PublishAsync(_channel, "x");
            while (_here.Deliveries.Deliveries.Length <= i)
            {
                await Task.Yield();
            }

            times.Add(System.Diagnostics.Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        }

        times.Sort();
        await TestContext.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"publish to delivery: p50 {times[150]:F3} ms, p99 {times[297]:F3} ms"));
        Assert.That(times[150], Is.LessThan(100));
    }

    private async Task<long> CountAsync() => await CountAsync(BusName, _place.IsCluster ? "SHARDNUMSUB" : "NUMSUB");

    // Orders have no confirmation: nobody waits for them at the start.
    private Task<TimeSpan> AwaitOrdersAsync(int nodes) => Eventually.IsTrueAsync(async () => await CountAsync(_place.Names.Orders) == nodes);

    private async Task<long> CountAsync(string name, string question = "NUMSUB") =>
        (await _place.AskAllAsync("PUBSUB", question, name)).Sum(answer => answer.Items[1].ToNumber());
}
