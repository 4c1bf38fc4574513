using System.Globalization;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>Two broker processes behind the load balancers of docs/how-to/run-many-nodes.md, configured as that page shows.</summary>
[TestFixture("nginx")]
[TestFixture("haproxy")]
[TestFixture("caddy")]
[FixtureLifeCycle(LifeCycle.SingleInstance)]
[Parallelizable(ParallelScope.Self)]
internal sealed class NodesBehindProxyTests(string proxyName)
{
    private RunningRedis _redis = null!;
    private NodeProgram[] _nodes = null!;
    private RunningProxy _proxy = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        await OfficialClient.InstallAsync();
        _redis = await RunningRedis.StartAsync();
        _nodes = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => StartNodeAsync(port: 0)));
        _proxy = await RunningProxy.StartAsync(proxyName, [.. _nodes.Select(node => node.Url)]);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _proxy.DisposeAsync();
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }

        await _redis.DisposeAsync();
    }

    private static (string Name, string Value)[] Settings =>
    [
        ("Metrics", "true"),
        .. Namespace(2, "plain", "allow_subscribe_for_client", "allow_subscribe_for_anonymous", "allow_publish_for_client", "allow_publish_for_anonymous"),
        .. Namespace(3, "closed"),
    ];

    private static IEnumerable<(string Name, string Value)> Namespace(int number, string name, params string[] flags) =>
        [($"Namespaces__{number}__name", name), .. flags.Select(flag => ($"Namespaces__{number}__{flag}", "true"))];

    [Test]
    public async Task Clients_on_both_nodes_exchange_messages_and_survive_a_killed_node()
    {
        // A load balancer may need a moment to find that both are well.
        var clients = new List<RunningWebSocket>();
        await Eventually.IsTrueAsync(
            async () =>
            {
                clients.Add(await ConnectAsync());
                return (await Task.WhenAll(_nodes.Select(CountAsync))).All(count => count > 0);
            },
            "not both nodes get clients");

        Assert.That((await _nodes[0].Http.PublishJsonAsync("public.x", """{"n":1}""")).IsAcknowledged, Is.True);
        var heard = await Task.WhenAll(clients.Select(client => client.ReadPublicationAsync()));
        await _nodes[0].KillAsync();

        // New connections find the node that is left.
        var moved = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => EventuallyConnectAsync()));
        Assert.That((await _nodes[1].Http.PublishJsonAsync("public.x", """{"n":2}""")).IsAcknowledged, Is.True);
        Assert.That(heard, Is.All.EqualTo("""{"n":1}"""));
        Assert.That(await Task.WhenAll(moved.Select(client => client.ReadPublicationAsync())), Is.All.EqualTo("""{"n":2}"""));
    }

    // The other tests of this proxy want two nodes as well.
    [TearDown]
    public async Task StartKilledNode()
    {
        if (_nodes[0].HasExited)
        {
            var port = _nodes[0].Url.Port;
            await _nodes[0].DisposeAsync();
            _nodes[0] = await StartNodeAsync(port);
        }
    }

    [TestCase("websocket", "protobuf")]
    [TestCase("http_stream", "json")]
    [TestCase("sse", "json")]
    public async Task The_official_client_works_through_the_load_balancer(string transport, string protocol)
    {
        var port = _proxy.Url.Port.ToString(CultureInfo.InvariantCulture);

        await using var script = RunningProcess.Start("node", ["features/subscribe.mjs", port, transport, protocol, TestToken.Secret, RunningBroker.Key], OfficialClient.Folder);

        Assert.That(await script.WaitForExitAsync(), Is.Zero, await script.ReadErrorsAsync());
    }

    private Task<NodeProgram> StartNodeAsync(int port) =>
        NodeProgram.StartAsync(_redis.Url(), [.. Settings, ("PORT", port.ToString(CultureInfo.InvariantCulture))]);

    private static async Task<int> CountAsync(NodeProgram node)
    {
        var metrics = await node.Http.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        var line = metrics.Split('\n').Single(one => one.StartsWith("clawevents_connections{}", StringComparison.Ordinal));
        return int.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
    }

    private async Task<RunningWebSocket> ConnectAsync()
    {
        var client = await RunningWebSocket.OpenAsync(_proxy.Url);
        await client.UpgradeAsync(_proxy.Url);
        Assert.That(await client.AskAsync("""{"id":1,"connect":{}}"""), Does.StartWith("""{"id":1,"connect":{"""));
        await client.SubscribeAsync("public.x");
        return client;
    }

    private async Task<RunningWebSocket> EventuallyConnectAsync()
    {
        RunningWebSocket? client = null;
        await Eventually.IsTrueAsync(async () =>
        {
            try
            {
                client = await ConnectAsync();
                return true;
            }
            catch (Exception exception) when (exception is AssertionException or IOException)
            {
                return false;
            }
        });
        return client!;
    }
}
