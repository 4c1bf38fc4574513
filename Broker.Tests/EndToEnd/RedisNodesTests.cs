using System.Diagnostics;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>Two whole brokers on one Redis.</summary>
public sealed class RedisNodesTests
{
    private const string Channel = """{"channel":"agent.alice.x"}""";

    private TwoNodes _nodes = null!;

    [SetUp]
    public async Task Start() => _nodes = await TwoNodes.StartAsync();

    [TearDown]
    public Task Stop() => _nodes.DisposeAsync().AsTask();

    [Test]
    public async Task A_token_of_one_node_is_valid_at_the_other_until_it_is_revoked()
    {
        var token = await _nodes.Here.RegisterAsync("alice");
        var good = await _nodes.There.PostAsync("/api/lock", Channel, token);

        await _nodes.Here.PostAsync("/auth/revoke", "{}", token);
        await AwaitAsync(async () => (await _nodes.There.PostAsync("/api/lock", Channel, token)).Status == 401);

        Assert.That(good.Status, Is.EqualTo(200));
    }

    [Test]
    public async Task A_lock_and_a_grant_of_one_node_apply_at_the_other()
    {
        var alice = await _nodes.Here.RegisterAsync("alice");
        var bob = await _nodes.There.RegisterAsync("bob");
        var client = await _nodes.There.ConnectAsync(bob);
        var stranger = await _nodes.There.ConnectAsync();
        await client.AskAsync("""{"id":2,"subscribe":{"channel":"agent.alice.x"}}""");
        await client.AskAsync("""{"id":3,"unsubscribe":{"channel":"agent.alice.x"}}""");

        await _nodes.Here.PostAsync("/api/lock", Channel, alice);
        await _nodes.Here.PostAsync("/api/grant", """{"channel":"agent.alice.x","target":"bob"}""", alice);
        await AwaitAsync(async () => await SubscribeAsync(stranger) == """{"id":4,"error":{"code":403,"message":"permission denied: locked"}}""");

        Assert.That(await SubscribeAsync(client), Is.EqualTo("""{"id":4,"subscribe":{}}"""));
    }

    [Test]
    public async Task A_lock_and_a_revoke_at_one_node_remove_subscribers_at_the_other()
    {
        var alice = await _nodes.Here.RegisterAsync("alice");
        var bob = await _nodes.There.RegisterAsync("bob");
        var (client, stranger) = (await _nodes.There.ConnectAsync(bob), await _nodes.There.ConnectAsync());
        await _nodes.Here.PostAsync("/api/grant", """{"channel":"agent.alice.x","target":"bob"}""", alice);
        await client.AskAsync("""{"id":2,"subscribe":{"channel":"agent.alice.x"}}""");
        await stranger.AskAsync("""{"id":2,"subscribe":{"channel":"agent.alice.x"}}""");

        await _nodes.Here.PostAsync("/api/lock", Channel, alice);
        var toStranger = await stranger.ReadMessageAsync();
        await _nodes.Here.PostAsync("/api/revoke", """{"channel":"agent.alice.x","target":"bob"}""", alice);

        const string removed = """{"push":{"channel":"agent.alice.x","unsubscribe":{"code":2000,"reason":"permission denied"}}}""";
        Assert.That((toStranger, await client.ReadMessageAsync()), Is.EqualTo((removed, removed)));
    }

    [Test]
    public async Task A_key_that_is_revoked_at_one_node_closes_its_connections_at_the_other()
    {
        var alice = await _nodes.Here.RegisterAsync("alice");
        var client = await _nodes.There.ConnectAsync(alice);

        await _nodes.Here.PostAsync("/auth/revoke", "{}", alice);

        Assert.That(await client.ReadCloseAsync(), Is.EqualTo((3005, "connection expired")));
    }

    [Test]
    public async Task Advertisements_of_one_node_are_listed_by_the_other()
    {
        var token = await _nodes.Here.RegisterAsync("alice");

        await _nodes.Here.PostAsync("/api/advertise", """{"channel":"agent.alice.x","description":"news"}""", token);

        await AwaitAsync(async () => (await _nodes.There.SendAsync(HttpMethod.Get, "/api/advertise/search?q=NEWS", null)).Body.Contains("agent.alice.x", StringComparison.Ordinal));
    }

    // The answer to a subscribe; an accepted subscriber leaves again.
    private static async Task<string> SubscribeAsync(RunningWebSocket client)
    {
        var answer = await client.AskAsync("""{"id":4,"subscribe":{"channel":"agent.alice.x"}}""");
        if (answer.Contains("\"subscribe\"", StringComparison.Ordinal))
        {
            await client.AskAsync("""{"id":5,"unsubscribe":{"channel":"agent.alice.x"}}""");
        }

        return answer;
    }

    private static async Task AwaitAsync(Func<Task<bool>> condition)
    {
        var begun = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Assert.That(Stopwatch.GetElapsedTime(begun), Is.LessThan(RunningBroker.Patience));
        }
    }
}
