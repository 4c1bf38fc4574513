using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Proxies;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>Shared polls of two nodes on one Redis, and a real back end.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class SharedPollNodesTests
{
    private const string Channel = "poll:a";
    private const string Value = """{"result":{"items":[{"key":"k","data":1,"version":1}]}}""";

    private RunningBackEnd _far = null!;
    private TwoNodes _nodes = null!;

    [SetUp]
    public async Task Start()
    {
        _far = await RunningBackEnd.StartAsync();
        _far.Answer = _ => Value;
        _nodes = await TwoNodes.StartAsync(Change);
    }

    [TearDown]
    public async Task Stop()
    {
        await _nodes.DisposeAsync();
        await _far.DisposeAsync();
    }

    [Test]
    public async Task Each_node_asks_for_the_keys_of_its_own_clients()
    {
        var clients = new[] { await TrackAsync(_nodes.Here), await TrackAsync(_nodes.Here, version: 1), await TrackAsync(_nodes.There) };

        Assert.That(await clients[0].ReadMessageAsync(), Is.EqualTo(PushOf("1", 1)));
        Assert.That(await clients[2].ReadMessageAsync(), Is.EqualTo(PushOf("1", 1)));
        Assert.That(_far.Requests, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task A_value_that_is_published_on_one_node_reaches_those_who_track_it_on_all()
    {
        var (here, there) = (await TrackAsync(_nodes.Here), await TrackAsync(_nodes.There));
        await here.ReadMessageAsync();
        await there.ReadMessageAsync();

        var answer = await _nodes.Here.PostWithKeyAsync("/api/shared_poll_publish", $$"""{"channel":"{{Channel}}","key":"k","data":{"n":2},"version":2}""");

        Assert.That(answer.Body, Is.EqualTo("""{"result":{}}"""));
        Assert.That(await here.ReadMessageAsync(), Is.EqualTo(PushOf("""{"n":2}""", 2)));
        Assert.That(await there.ReadMessageAsync(), Is.EqualTo(PushOf("""{"n":2}""", 2)));
    }

    [Test]
    public async Task A_node_without_clients_of_the_channel_publishes_for_the_others()
    {
        var there = await TrackAsync(_nodes.There);
        await there.ReadMessageAsync();

        await _nodes.Here.PostWithKeyAsync("/api/batch", $$$"""{"commands":[{"shared_poll_publish":{"channel":"{{{Channel}}}","key":"k","b64data":"Mg==","version":2}}]}""");

        Assert.That(await there.ReadMessageAsync(), Is.EqualTo(PushOf("2", 2)));
    }

    private static string PushOf(string data, int version) => $$$$"""{"push":{"channel":"{{{{Channel}}}}","pub":{"data":{{{{data}}}},"key":"k","version":{{{{version}}}}}}}""";

    private static async Task<RunningWebSocket> TrackAsync(RunningBroker broker, int version = 0)
    {
        var client = await broker.ConnectAsync();
        Assert.That(await client.AskAsync($$$"""{"id":2,"subscribe":{"channel":"{{{Channel}}}","type":4}}"""), Is.EqualTo("""{"id":2,"subscribe":{"type":4}}"""));
        var signature = TrackSignature.Of(Channel, ["k"], expiresIn: null);
        var track = $$$"""{"id":3,"sub_refresh":{"channel":"{{{Channel}}}","type":1,"track":[{"signature":"{{{signature}}}","items":[{"key":"k","version":{{{version}}}}]}]}}""";
        Assert.That(await client.AskAsync(track), Is.EqualTo("""{"id":3,"sub_refresh":{}}"""));
        return client;
    }

    private BrokerOptions Change(BrokerOptions options) => options with
    {
        Proxies = new ProxyOptions(new Dictionary<string, ProxySettings> { ["backend"] = _far.Settings() }),
        SharedPolls = new() { Secret = TrackSignature.Secret },
        Namespaces = TestNamespaces.Of(("poll", TestNamespaces.Open with
        {
            SubscriptionType = SubscriptionType.SharedPoll,

            // Longer than any test: what comes was asked for, or published.
            SharedPoll = new() { Proxy = "backend", IsVersioned = true, IsPublishEnabled = true, RefreshInterval = TimeSpan.FromHours(1) },
        })),
    };
}
