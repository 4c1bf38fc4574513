using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>The client protocol over a real socket: commands, replies, pushes, and what ends a connection.</summary>
[TestFixtureSource(typeof(TestTransports), nameof(TestTransports.All))]
public sealed class CommandsTests(TestTransport transport) : RunningBrokerTests(transport: transport)
{
    private static readonly (int, string) BadRequest = (3501, "bad request");

    [Test]
    [Checklist(30, 35)]
    public async Task A_connect_is_answered_with_a_unique_id()
    {
        var (first, second) = (await Broker.UpgradeAsync(), await Broker.UpgradeAsync());

        var replies = new[] { await first.AskAsync("""{"id":7,"connect":{}}"""), await second.AskAsync("""{"id":7,"connect":{"name":"js","version":"1"}}""") };

        Assert.That(replies, Is.All.Matches(
            """^\{"id":7,"connect":\{"client":"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}","version":"\d+\.\d+\.\d+ ClawEvents","ping":25,"pong":true\}\}$"""));
        Assert.That(replies, Is.Unique);
    }

    [Test]
    [Checklist(125)]
    public async Task A_connect_with_a_token_says_when_it_expires()
    {
        var client = await Broker.UpgradeAsync();

        var reply = await client.AskAsync($$$"""{"id":1,"connect":{"token":"{{{await Broker.RegisterAsync("alice")}}}"}}""");

        // Seven days, less the time since.
        Assert.That(reply, Does.Match(""""expires":true,"ttl":(604800|6047\d\d),"ping":25,"pong":true\}\}$""""));
    }

    [Test]
    public async Task A_wrong_token_ends_the_connection_for_good([Values("not-a-token", "a.b.c")] string token)
    {
        var client = await Broker.UpgradeAsync();

        await client.SendTextAsync($$$"""{"id":1,"connect":{"token":"{{{token}}}"}}""");

        Assert.That(await client.ReadCloseAsync(), Is.EqualTo((3500, "invalid token")));
    }

    [Test]
    public async Task A_revoked_token_ends_the_connection_for_good()
    {
        var old = await Broker.RegisterAsync("alice");
        await Broker.RegisterAsync("alice");
        var client = await Broker.UpgradeAsync();

        await client.SendTextAsync($$$"""{"id":1,"connect":{"token":"{{{old}}}"}}""");

        Assert.That(await client.ReadCloseAsync(), Is.EqualTo((3500, "invalid token")));
    }

    [Test]
    [Checklist(8, 11, 35)]
    public async Task Many_commands_of_one_frame_are_carried_out_in_order()
    {
        var client = await Broker.UpgradeAsync();

        await client.SendTextAsync(string.Join("\n", [
            """{"id":1,"connect":{}}""",
            """{"id":2,"subscribe":{"channel":"public.a"}}""" + "\r",
            """{"id":3,"publish":{"channel":"public.a","data":{ "x":1 }}}""",
            """{"id":4,"unsubscribe":{"channel":"public.a"}}""",
            """{"id":5,"publish":{"channel":"public.a","data":2}}""",
            """{"id":6,"rpc":{"method":"x","data":1}}""",
            ""]));

        Assert.That(await client.ReadMessageAsync(), Does.StartWith("""{"id":1,"connect":{"client":"""));
        Assert.That(await client.ReadMessageAsync(), Is.EqualTo("""{"id":2,"subscribe":{}}"""));
        var rest = new List<string>();
        while (rest is not [.., """{"id":6,"error":{"code":108,"message":"not available"}}"""])
        {
            rest.Add(await client.ReadMessageAsync());
        }

        // The publication has no order with the replies, but it does not come after the unsubscribe.
        var pushes = rest.Where(message => message.StartsWith("""{"push":""", StringComparison.Ordinal)).ToArray();
        Assert.That(rest.Except(pushes), Is.EqualTo(new[] { """{"id":3,"publish":{}}""", """{"id":4,"unsubscribe":{}}""", """{"id":5,"publish":{}}""", """{"id":6,"error":{"code":108,"message":"not available"}}""" }));
        Assert.That(pushes, Transport is TestTransport.Sockets ? Has.Length.EqualTo(1) : Has.Length.LessThanOrEqualTo(1));
        Assert.That(pushes, Has.All.Match(
            """^\{"push":\{"channel":"public\.a","pub":\{"data":\{"_claw":\{"sender":"anonymous","timestamp":\d{13}\},"payload":\{ "x":1 \}\},"info":\{"user":"","client":"[0-9a-f-]{36}"\}\}\}\}$"""));
        Assert.That(rest.SkipWhile(message => !message.Contains("unsubscribe", StringComparison.Ordinal)).Intersect(pushes), Is.Empty);
    }

    [TestCase(1024, true)]
    [TestCase(1025, false)]
    public async Task One_message_holds_at_most_1024_commands(int commands, bool isAllowed)
    {
        var client = await Broker.ConnectAsync();

        await client.SendTextAsync(string.Join('\n', Enumerable.Repeat("""{"id":2,"rpc":{}}""", commands)));

        for (var reply = 0; reply < 1024; reply++)
        {
            Assert.That(await client.ReadMessageAsync(), Is.EqualTo("""{"id":2,"error":{"code":108,"message":"not available"}}"""));
        }

        if (isAllowed)
        {
            await client.SubscribeAsync("public.a");
        }
        else
        {
            Assert.That(await client.ReadCloseAsync(), Is.EqualTo(BadRequest));
        }
    }

    [TestCase("")]
    [TestCase("\n")]
    [TestCase("{")]
    [TestCase("no json")]
    [TestCase("[]")]
    [TestCase("null")]
    [TestCase("{}")]
    [TestCase("""{"id":2}""")]
    [TestCase("""{"id":2,"no_such_command":{}}""")]
    [TestCase("""{"id":2,"ping":{}}""")]
    [TestCase("""{"id":2,"connect":{}}""")]
    [TestCase("""{"id":2,"subscribe":null}""")]
    [TestCase("""{"id":2,"subscribe":{}}""")]
    [TestCase("""{"id":2,"subscribe":{"channel":5}}""")]
    [TestCase("""{"id":2,"subscribe":{"channel":"public.a","delta":"no-such-delta"}}""")]
    [TestCase("""{"id":2,"subscribe":{"channel":"\ud800"}}""")]
    [TestCase("""{"id":2,"publish":{"data":1}}""")]
    [TestCase("""{"id":2,"unsubscribe":{}}""")]
    [TestCase("""{"id":2,"refresh":{}}""")]
    [TestCase("""{"subscribe":{"channel":"public.a"}}""")]
    [TestCase("""{"id":0,"subscribe":{"channel":"public.a"}}""")]
    [TestCase("""{"id":-1,"subscribe":{"channel":"public.a"}}""")]
    [TestCase("""{"id":"2","subscribe":{"channel":"public.a"}}""")]
    [TestCase("""{"id":2.5,"subscribe":{"channel":"public.a"}}""")]
    [TestCase("""{"id":4294967296,"subscribe":{"channel":"public.a"}}""")]
    [TestCase("""{"id":2,"subscribe":{"channel":"public.a"}}{}""")]
    [TestCase("{\"id\":2,\"subscribe\":{\"channel\":\"public.a\"}}\n\n{}")]
    [Checklist(29, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 56)]
    public async Task A_message_that_is_not_a_command_ends_the_connection(string message)
    {
        var client = await Broker.ConnectAsync();

        await client.SendTextAsync(message);

        Assert.That(await client.ReadCloseAsync(), Is.EqualTo(BadRequest));
    }

    [Test]
    public async Task Json_may_nest_64_deep_counting_the_command()
    {
        var client = await Broker.ConnectAsync();

        Assert.That(
            await client.AskAsync("""{"id":2,"publish":{"channel":"public.a","data":DATA}}""".Replace("DATA", Nested(62), StringComparison.Ordinal)),
            Is.EqualTo("""{"id":2,"publish":{}}"""));
    }

    [TestCase(63)]
    [TestCase(10_000)]
    public async Task Deeper_json_ends_the_connection(int depth)
    {
        var client = await Broker.ConnectAsync();

        await client.SendTextAsync("""{"id":2,"publish":{"channel":"public.a","data":DATA}}""".Replace("DATA", Nested(depth), StringComparison.Ordinal));

        Assert.That(await client.ReadCloseAsync(), Is.EqualTo(BadRequest));
    }

    [Test]
    [Checklist(27)]
    public async Task Any_command_before_connect_ends_the_connection()
    {
        var client = await Broker.UpgradeAsync();

        await client.SendTextAsync("""{"id":1,"subscribe":{"channel":"public.a"}}""");

        Assert.That(await client.ReadCloseAsync(), Is.EqualTo(BadRequest));
    }

    [Test]
    public async Task A_send_command_ends_the_connection()
    {
        var client = await Broker.ConnectAsync();

        await client.SendTextAsync("""{"send":{"data":1}}""");

        Assert.That(await client.ReadCloseAsync(), Is.EqualTo((3508, "not available")));
    }

    [Test]
    public async Task A_refresh_with_a_new_token_of_the_same_agent_is_answered()
    {
        // Tokens of a back end: a new login of the agent itself would close the connection of its old key.
        await using var broker = await RunningBroker.StartAsync(options => options with { Identity = options.Identity with { JwtSecret = TestToken.Secret } });
        var end = DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 604_800;
        var client = await broker.ConnectAsync(TestToken.Of($$"""{"sub":"alice","exp":{{end - 3_600}}}"""));

        var reply = await client.AskAsync($$$"""{"id":2,"refresh":{"token":"{{{TestToken.Of($$"""{"sub":"alice","exp":{{end}}}""")}}}"}}""");

        Assert.That(reply, Does.Match(
            """^\{"id":2,"refresh":\{"client":"[0-9a-f-]{36}","version":"[^"]+","expires":true,"ttl":(604800|6047\d\d)\}\}$"""));
    }

    [Test]
    [Checklist(126)]
    public async Task A_refresh_with_the_token_of_another_agent_ends_the_connection()
    {
        var client = await Broker.ConnectAsync(await Broker.RegisterAsync("alice"));

        await client.SendTextAsync($$$"""{"id":2,"refresh":{"token":"{{{await Broker.RegisterAsync("bob")}}}"}}""");

        Assert.That(await client.ReadCloseAsync(), Is.EqualTo((3500, "invalid token")));
    }

    private static string Nested(int depth) => new string('[', depth) + new string(']', depth);
}
