using System.Diagnostics;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>Two whole brokers on one Redis.</summary>
public sealed class RedisNodesTests
{
    private const string Channel = """{"channel":"agent.alice.x"}""";

    private RedisDatabase _database = null!;
    private RunningBroker _here = null!;
    private RunningBroker _there = null!;

    [SetUp]
    public async Task Start()
    {
        _database = RedisDatabase.Take();
        _here = await RunningBroker.StartAsync(Share);
        _there = await RunningBroker.StartAsync(Share);
    }

    [TearDown]
    public async Task Stop()
    {
        await _here.DisposeAsync();
        await _there.DisposeAsync();
        await _database.DisposeAsync();
        Assert.That(_here.Errors.Concat(_there.Errors), Is.Empty);
    }

    [Test]
    public async Task A_token_of_one_is_good_at_the_other_until_it_is_revoked()
    {
        var token = await _here.RegisterAsync("alice");
        var good = await _there.PostAsync("/api/lock", Channel, token);

        await _here.PostAsync("/auth/revoke", "{}", token);
        await AwaitAsync(async () => (await _there.PostAsync("/api/lock", Channel, token)).Status == 401);

        Assert.That(good.Status, Is.EqualTo(200));
    }

    [Test]
    public async Task A_lock_of_one_is_refused_by_the_other_and_a_grant_lets_in()
    {
        var alice = await _here.RegisterAsync("alice");
        var bob = await _there.RegisterAsync("bob");
        var client = await _there.ConnectAsync(bob);
        var stranger = await _there.ConnectAsync();
        await client.AskAsync("""{"id":2,"subscribe":{"channel":"agent.alice.x"}}""");
        await client.AskAsync("""{"id":3,"unsubscribe":{"channel":"agent.alice.x"}}""");

        await _here.PostAsync("/api/lock", Channel, alice);
        await _here.PostAsync("/api/grant", """{"channel":"agent.alice.x","target":"bob"}""", alice);
        await AwaitAsync(async () => await SubscribeAsync(stranger) == """{"id":4,"error":{"code":403,"message":"permission denied"}}""");

        Assert.That(await SubscribeAsync(client), Is.EqualTo("""{"id":4,"subscribe":{}}"""));
    }

    [Test]
    public async Task A_lock_and_a_revoke_at_one_remove_who_listens_at_the_other()
    {
        var alice = await _here.RegisterAsync("alice");
        var bob = await _there.RegisterAsync("bob");
        var (client, stranger) = (await _there.ConnectAsync(bob), await _there.ConnectAsync());
        await _here.PostAsync("/api/grant", """{"channel":"agent.alice.x","target":"bob"}""", alice);
        await client.AskAsync("""{"id":2,"subscribe":{"channel":"agent.alice.x"}}""");
        await stranger.AskAsync("""{"id":2,"subscribe":{"channel":"agent.alice.x"}}""");

        await _here.PostAsync("/api/lock", Channel, alice);
        var toStranger = await stranger.ReadMessageAsync();
        await _here.PostAsync("/api/revoke", """{"channel":"agent.alice.x","target":"bob"}""", alice);

        const string removed = """{"push":{"channel":"agent.alice.x","unsubscribe":{"code":2000,"reason":"permission denied"}}}""";
        Assert.That((toStranger, await client.ReadMessageAsync()), Is.EqualTo((removed, removed)));
    }

    [Test]
    public async Task A_key_that_is_ended_at_one_ends_its_connections_at_the_other()
    {
        var alice = await _here.RegisterAsync("alice");
        var client = await _there.ConnectAsync(alice);

        await _here.PostAsync("/auth/revoke", "{}", alice);

        Assert.That(await client.ReadCloseAsync(), Is.EqualTo((3005, "connection expired")));
    }

    [Test]
    public async Task What_one_advertises_the_other_lists()
    {
        var token = await _here.RegisterAsync("alice");

        await _here.PostAsync("/api/advertise", """{"channel":"agent.alice.x","description":"news"}""", token);

        await AwaitAsync(async () => (await _there.SendAsync(HttpMethod.Get, "/api/advertise/search?q=NEWS", null)).Body.Contains("agent.alice.x", StringComparison.Ordinal));
    }

    // The answer to a subscribe; a connection that was let in leaves again.
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

    private BrokerOptions Share(BrokerOptions options) => options with
    {
        JwtSecret = TestToken.Secret,
        Redis = [SharedRedis.Server.Address(_database.Number)],
    };
}
