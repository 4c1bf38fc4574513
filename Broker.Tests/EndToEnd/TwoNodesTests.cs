using System.Globalization;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>Two whole brokers on one Redis: publications on either reach the subscribers of both.</summary>
public sealed class TwoNodesTests
{
    private static readonly ClientPermission Everybody = new(ForClient: true, ForSubscriber: true, ForAnonymous: true);

    private TwoNodes _nodes = null!;

    [SetUp]
    public async Task Start() => _nodes = await TwoNodes.StartAsync(options => options with
    {
        Namespaces = new ChannelNamespaces(
            new Dictionary<string, ChannelOptions>
            {
                ["plain"] = new() { Subscribe = Everybody },
                ["kept"] = new() { Subscribe = Everybody, HistorySize = 10_000, HistoryTtl = TimeSpan.FromMinutes(1), ForceRecovery = true },
            },
            new ChannelOptions()),
    });

    [TearDown]
    public Task Stop() => _nodes.DisposeAsync().AsTask();

    [Test]
    public async Task Alternating_publications_arrive_everywhere_in_acknowledged_order([Values("plain:x", "kept:x")] string channel)
    {
        const int Publications = 200;
        var clients = await SubscribeAsync(channel, perNode: 20);
        var reading = clients.Select(client => ReadAsync(client, Publications)).ToArray();

        for (var n = 0; n < Publications; n++)
        {
            await _nodes.Both[n % 2].PublishAsync(channel, n.ToString(CultureInfo.InvariantCulture));
        }

        Assert.That(await Task.WhenAll(reading), Is.All.EqualTo(Enumerable.Range(0, Publications)));
    }

    [Test]
    public async Task Simultaneous_publications_on_both_nodes_have_one_order_everywhere([Values("plain:x", "kept:x")] string channel)
    {
        const int Publishers = 8;
        const int Each = 50;
        var clients = await SubscribeAsync(channel, perNode: 10);
        var reading = clients.Select(client => ReadAsync(client, Publishers * Each)).ToArray();

        await Task.WhenAll(Enumerable.Range(0, Publishers).Select(async publisher =>
        {
            for (var n = 0; n < Each; n++)
            {
                await _nodes.Both[publisher % 2].PublishAsync(channel, ((publisher * Each) + n).ToString(CultureInfo.InvariantCulture));
            }
        }));

        var orders = await Task.WhenAll(reading);
        Assert.That(orders[0].Order(), Is.EqualTo(Enumerable.Range(0, Publishers * Each)), "none lost, none twice");
        Assert.That(orders, Is.All.EqualTo(orders[0]));
    }

    [Test]
    public async Task The_first_publication_after_a_subscribe_reply_arrives()
    {
        // Each time the node's subscription in Redis is new, or has just been left.
        for (var n = 0; n < 30; n++)
        {
            var channel = $"plain:{n % 3}";
            var client = await _nodes.There.ConnectAsync();
            await client.SubscribeAsync(channel);

            await _nodes.Here.PublishAsync(channel, n.ToString(CultureInfo.InvariantCulture));

            Assert.That(await client.ReadPublicationAsync(), Is.EqualTo(n.ToString(CultureInfo.InvariantCulture)));
            await client.DisposeAsync();
        }
    }

    [Test]
    public async Task A_lock_on_one_node_removes_only_subscribers_without_a_grant_on_the_other()
    {
        var alice = await _nodes.Here.RegisterAsync("alice");
        var bob = await _nodes.There.ConnectAsync(await _nodes.There.RegisterAsync("bob"));
        var stranger = await _nodes.There.ConnectAsync();
        await bob.SubscribeAsync("agent.alice.x");
        await stranger.SubscribeAsync("agent.alice.x");

        await _nodes.Here.PostAsync("/api/grant", """{"channel":"agent.alice.x","target":"bob"}""", alice);
        await _nodes.Here.PostAsync("/api/lock", """{"channel":"agent.alice.x"}""", alice);
        var removed = await stranger.ReadMessageAsync();
        await _nodes.Here.PublishAsync("agent.alice.x", "1");

        Assert.That(removed, Is.EqualTo("""{"push":{"channel":"agent.alice.x","unsubscribe":{"code":2000,"reason":"permission denied"}}}"""));
        Assert.That(await bob.ReadPublicationAsync(), Is.EqualTo("1"));
    }

    private async Task<RunningWebSocket[]> SubscribeAsync(string channel, int perNode) => await Task.WhenAll(
        from node in _nodes.Both from _ in Enumerable.Range(0, perNode) select SubscribeAsync(node, channel));

    private static async Task<RunningWebSocket> SubscribeAsync(RunningBroker node, string channel)
    {
        var client = await node.ConnectAsync();
        Assert.That(await client.AskAsync($$$"""{"id":2,"subscribe":{"channel":"{{{channel}}}"}}"""), Does.StartWith("""{"id":2,"subscribe":{"""));
        return client;
    }

    private static async Task<int[]> ReadAsync(RunningWebSocket client, int publications)
    {
        var numbers = new int[publications];
        for (var i = 0; i < publications; i++)
        {
            numbers[i] = int.Parse(await client.ReadPublicationAsync(), CultureInfo.InvariantCulture);
        }

        return numbers;
    }
}
