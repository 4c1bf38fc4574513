using System.Text.Json;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Proxies;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>Back ends that are asked about events of clients: a real back end, and a real broker.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed partial class ProxiesTests
{
    private const string Denied = """{"error":{"code":1000,"message":"not \"today\"","temporary":true}}""";
    private const string Cut = """{"disconnect":{"code":4501,"reason":"go away"}}""";

    private readonly ManualTimeProvider _time = new();
    private RunningBackEnd _far = null!;
    private RunningBroker _broker = null!;

    [SetUp]
    public async Task Start()
    {
        _far = await RunningBackEnd.StartAsync();
        _broker = await RunningBroker.StartAsync(Change, _time);
    }

    [TearDown]
    public async Task Stop()
    {
        await _broker.DisposeAsync();
        await _far.DisposeAsync();
        Assert.That(_broker.Errors, Is.Empty);
    }

    [TestCase("http_stream", """{"id":1,"connect":{}}""")]
    [TestCase("sse", """{"id":1,"connect":{}}""")]
    [TestCase("uni_http_stream", "{}")]
    [TestCase("uni_sse", "{}")]
    [Checklist(161)]
    public async Task A_back_end_gets_the_transport_of_the_client(string transport, string connect)
    {
        _far.Answer = _ => """{"result":{"user":"42"}}""";
        await using var stream = await RunningStream.OpenAsync(_broker, HttpMethod.Post, $"/connection/{transport}", connect.Utf8());

        await Eventually.IsTrueAsync(() => _far.Bodies.Count > 0);

        Assert.That(WithoutClient(_far.Bodies[0]), Is.EqualTo($$"""{"transport":"{{transport}}","protocol":"json","encoding":"json"}"""));
    }

    [Test]
    [Checklist(161, 166)]
    public async Task A_client_without_a_token_has_the_identity_from_the_back_end()
    {
        _far.Answer = _ => """{"result":{"user":"42","data":{"hello": 1},"info":{"n":1},"subs":{"chat:a":{"data":{"d":1},"info":{"s":1}}},"meta":{"m":1}}}""";
        var client = await _broker.UpgradeAsync();

        var reply = await client.AskAsync("""{"id":1,"connect":{"data":{"mode":"ok"},"name":"js","version":"1","subs":{"chat:z":{}}}}""");

        using var json = JsonDocument.Parse(reply);
        var connect = json.RootElement.GetProperty("connect");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(connect.GetProperty("data").GetRawText(), Is.EqualTo("""{"hello": 1}"""));
            Assert.That(connect.GetProperty("subs").GetRawText(), Is.EqualTo("""{"chat:a":{"data":{"d":1}}}"""), "of others the client may ask for nothing");
            Assert.That(connect.TryGetProperty("expires", out _), Is.False);
            Assert.That(
                _far.Bodies.Single(),
                Is.EqualTo($$"""{"client":"{{connect.GetProperty("client").GetString()}}","transport":"websocket","protocol":"json","encoding":"json","data":{"mode":"ok"},"name":"js","version":"1","channels":["chat:z"]}"""));
        }

        Assert.That(await client.AskAsync("""{"id":2,"presence":{"channel":"chat:a"}}"""), Does.Contain("""
            "user":"42","client":"
            """.Trim()).And.Contain("""
            "conn_info":{"n":1},"chan_info":{"s":1}
            """.Trim()));
    }

    [Test]
    public async Task A_client_with_a_token_causes_no_connect_request()
    {
        await _broker.ConnectAsync(TestToken.Of("""{"sub":"42"}"""));

        Assert.That(_far.Requests, Is.Empty);
    }

    [TestCase("{}")]
    [TestCase("""{"result":null}""")]
    [Checklist(166, 31)]
    public async Task A_client_that_the_back_end_does_not_name_is_anonymous_or_refused(string answer)
    {
        _far.Answer = _ => answer;
        await using var strict = await RunningBroker.StartAsync(options => Change(options) with { Clients = new() { AllowAnonymous = false } }, _time);
        var refused = await strict.UpgradeAsync();
        await refused.SendTextAsync("""{"id":1,"connect":{}}""");

        await _broker.ConnectAsync();
        Assert.That(await refused.ReadCloseAsync(), Is.EqualTo((3501, "bad request")));
    }

    [Test]
    [Checklist(163, 164)]
    public async Task A_refusal_of_a_connect_is_passed_on_unchanged()
    {
        var (denied, broken, cut) = (await _broker.UpgradeAsync(), await _broker.UpgradeAsync(), await _broker.UpgradeAsync());

        _far.Answer = _ => Denied;
        Assert.That(await denied.AskAsync("""{"id":1,"connect":{}}"""), Is.EqualTo("""{"id":1,"error":{"code":1000,"message":"not \"today\"","temporary":true}}"""));
        _far.NextStatus(500);
        Assert.That(await broken.AskAsync("""{"id":1,"connect":{}}"""), Is.EqualTo("""{"id":1,"error":{"code":100,"message":"internal server error","temporary":true}}"""));
        _far.Answer = _ => Cut;
        await cut.SendTextAsync("""{"id":1,"connect":{}}""");
        Assert.That(await cut.ReadCloseAsync(), Is.EqualTo((4501, "go away")));
    }

    [TestCase("""{"result":{"user":"42","channels":["unknown:a"]}}""", """{"id":1,"error":{"code":102,"message":"unknown channel"}}""")]
    [TestCase("""{"result":{"user":"42","expire_at":1}}""", """{"id":1,"error":{"code":110,"message":"expired"}}""")]
    public async Task An_impossible_answer_to_a_connect_is_refused(string answer, string reply)
    {
        _far.Answer = _ => answer;

        Assert.That(await (await _broker.UpgradeAsync()).AskAsync("""{"id":1,"connect":{}}"""), Is.EqualTo(reply));
    }

    [TestCase(false)]
    [TestCase(true)]
    [Checklist(162)]
    public async Task Headers_of_the_upgrade_are_forwarded_with_every_event(bool isReused)
    {
        var client = await _broker.OpenAsync();
        if (isReused)
        {
            await client.SendAsync("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
            await client.ReadHeadAsync();
            await client.ReadAsciiAsync(RunningAnswer.Healthy.Length);
        }

        await client.SendAsync(_broker.UpgradeRequest("Cookie: a=1\r\nORIGIN: http://localhost\r\nX-Secret: s\r\nAuthorization: Basic x\r\n"
            .Replace("ORIGIN: http://localhost", $"ORIGIN: http://{_broker.Url.Authority}", StringComparison.Ordinal)));
        Assert.That(await client.ReadHeadAsync(), Does.StartWith("HTTP/1.1 101 "));

        await client.AskAsync("""{"id":1,"connect":{"headers":{"authorization":"Bearer y","X-Secret":"t","cookie":"b=2","Content-Type":"text/plain"}}}""");
        await client.AskAsync("""{"id":2,"rpc":{"method":"add"}}""");

        Assert.That(_far.Headers.Select(sent => string.Join(", ", sent.Where(header => header.Key is not ("Host" or "Content-Length")).OrderBy(header => header.Key).Select(header => $"{header.Key}: {header.Value}"))), Is.EqualTo(new[]
        {
            "Authorization: Bearer y, Content-Type: application/json, Cookie: a=1, X-Key: k",
            "Authorization: Bearer y, Content-Type: application/json, Cookie: a=1, X-Key: k",
        }));
    }

    [Test]
    [Checklist(161, 165, 166)]
    public async Task A_subscribe_is_decided_by_the_back_end_of_its_namespace()
    {
        var client = await _broker.ConnectAsync(TestToken.Of("""{"sub":"42","meta":{"m": 1}}"""));
        _far.Answer = asked => asked.GetProperty("channel").GetString() switch
        {
            "px:a" => """{"result":{"info":{"i":1},"data":{"d":1},"override":{"presence":{"value":true}}}}""",
            "px:b" => "{}",
            _ => Denied,
        };

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await client.AskAsync("""{"id":2,"subscribe":{"channel":"px:a","data":{"q":1}}}"""), Is.EqualTo("""{"id":2,"subscribe":{"data":{"d":1}}}"""));
            Assert.That(await client.AskAsync("""{"id":3,"subscribe":{"channel":"px:b"}}"""), Is.EqualTo("""{"id":3,"subscribe":{}}"""));
            Assert.That(await client.AskAsync("""{"id":4,"subscribe":{"channel":"px:c"}}"""), Is.EqualTo("""{"id":4,"error":{"code":1000,"message":"not \"today\"","temporary":true}}"""));
            Assert.That(await client.AskAsync("""{"id":5,"subscribe":{"channel":"px:a"}}"""), Does.Contain("105"));
            Assert.That(await client.AskAsync("""{"id":6,"subscribe":{"channel":"chat:a"}}"""), Is.EqualTo("""{"id":6,"subscribe":{}}"""));
            Assert.That(await client.AskAsync("""{"id":7,"presence":{"channel":"px:a"}}"""), Does.Contain("""
                "chan_info":{"i":1}
                """.Trim()));
            Assert.That(_far.Bodies.Select(WithoutClient), Is.EqualTo(new[]
            {
                """{"transport":"websocket","protocol":"json","encoding":"json","user":"42","channel":"px:a","data":{"q":1},"meta":{"m": 1}}""",
                """{"transport":"websocket","protocol":"json","encoding":"json","user":"42","channel":"px:b","meta":{"m": 1}}""",
                """{"transport":"websocket","protocol":"json","encoding":"json","user":"42","channel":"px:c","meta":{"m": 1}}""",
            }));
        }
    }

    [TestCase("$px:a", 103)]
    [TestCase("px:a#7", 103)]
    [TestCase("px:a#42", 0)]
    public async Task A_private_or_user_limited_channel_causes_no_request(string channel, int code)
    {
        var client = await _broker.ConnectAsync(TestToken.Of("""{"sub":"42"}"""));

        Assert.That(await client.AskAsync($$$"""{"id":2,"subscribe":{"channel":"{{{channel}}}"}}"""), code == 0 ? Is.EqualTo("""{"id":2,"subscribe":{}}""") : Does.Contain($"{code}"));
        Assert.That(await client.AskAsync($$$"""{"id":3,"subscribe":{"channel":"px:b","token":"{{{TestToken.Of("""{"sub":"42","channel":"px:b"}""")}}}"}}"""), Is.EqualTo("""{"id":3,"subscribe":{}}"""));
        Assert.That(_far.Requests, Is.Empty);
    }

    [Test]
    [Checklist(163, 164)]
    public async Task A_fault_or_disconnect_of_a_subscribe_is_passed_on()
    {
        var client = await _broker.ConnectAsync(TestToken.Of("""{"sub":"42"}"""));
        _far.NextStatus(404);

        Assert.That(await client.AskAsync("""{"id":2,"subscribe":{"channel":"px:a"}}"""), Does.Contain(""":{"code":100,"""));
        _far.Answer = _ => Cut;
        await client.SendTextAsync("""{"id":3,"subscribe":{"channel":"px:a"}}""");
        Assert.That(await client.ReadCloseAsync(), Is.EqualTo((4501, "go away")));
    }

    [Test]
    [Checklist(161, 165, 166)]
    public async Task A_publish_is_decided_and_may_be_changed_by_the_back_end_of_its_namespace()
    {
        var subscriber = await _broker.ConnectAsync(TestToken.Of("""{"sub":"7"}"""));
        Assert.That(await subscriber.AskAsync("""{"id":2,"subscribe":{"channel":"pub:a"}}"""), Does.Contain(""","subscribe":{"""));
        var client = await _broker.ConnectAsync(TestToken.Of("""{"sub":"42"}"""));
        _far.Answer = asked => asked.GetProperty("data").GetInt32() switch
        {
            1 => "{}",
            2 => """{"result":{"data":{"changed": true},"tags":{"t":"1"}}}""",
            3 => """{"result":{"skip_history":true}}""",
            _ => Denied,
        };

        foreach (var data in (int[])[1, 2, 3])
        {
            Assert.That(await client.AskAsync($$$"""{"id":5,"publish":{"channel":"pub:a","data":{{{data}}}}}"""), Is.EqualTo("""{"id":5,"publish":{}}"""));
        }

        Assert.That(await client.AskAsync("""{"id":6,"publish":{"channel":"pub:a","data":4}}"""), Does.Contain("1000"));
        Assert.That(
            new[] { WithoutEpoch(await subscriber.ReadMessageAsync()), WithoutEpoch(await subscriber.ReadMessageAsync()), WithoutEpoch(await subscriber.ReadMessageAsync()) }.Select(WithoutClient),
            Is.EqualTo(new[]
            {
                """{"push":{"channel":"pub:a","pub":{"data":1,"info":{"user":"42"},"offset":1}}}""",
                """{"push":{"channel":"pub:a","pub":{"data":{"changed": true},"info":{"user":"42"},"offset":2,"tags":{"t":"1"}}}}""",
                """{"push":{"channel":"pub:a","pub":{"data":3,"info":{"user":"42"}}}}""",
            }));
        Assert.That(WithoutClient(_far.Bodies[0]), Is.EqualTo("""{"transport":"websocket","protocol":"json","encoding":"json","user":"42","channel":"pub:a","data":1}"""));
    }

    [Test]
    [Checklist(187)]
    public async Task A_change_of_a_map_is_decided_and_may_be_changed_by_the_back_end_of_its_namespace()
    {
        var client = await _broker.ConnectAsync(TestToken.Of("""{"sub":"42"}"""));
        await client.AskAsync("""{"id":2,"subscribe":{"channel":"map:a","type":1,"phase":2}}""");
        _far.Answer = asked => asked.GetProperty("key").GetString() switch
        {
            "mine" => """{"result":{"key":"yours","data":{"changed": true},"tags":{"t":"1"}}}""",
            "gone" => """{"result":{"key":"yours"}}""",
            "cut" => Cut,
            _ => Denied,
        };

        await client.SendTextAsync("""{"id":5,"publish":{"channel":"map:a","type":1,"key":"mine","data":1}}""");
        var published = (string[])[await client.ReadMessageAsync(), await client.ReadMessageAsync()];
        await client.SendTextAsync("""{"id":6,"publish":{"channel":"map:a","type":1,"key":"gone","removed":true}}""");
        var removed = (string[])[await client.ReadMessageAsync(), await client.ReadMessageAsync()];

        Assert.That(published, Has.Some.Contains("{\"data\":{\"changed\": true},").And.Some.EqualTo("""{"id":5,"publish":{}}"""));
        Assert.That(removed, Has.Some.Contains("\"offset\":2,\"tags\":{\"t\":\"1\"},\"key\":\"yours\",\"removed\":true").And.Some.EqualTo("""{"id":6,"publish":{}}"""));
        Assert.That(WithoutClient(_far.Bodies[0]), Is.EqualTo("""{"transport":"websocket","protocol":"json","encoding":"json","user":"42","channel":"map:a","key":"mine","data":1}"""));
        Assert.That(await client.AskAsync("""{"id":7,"publish":{"channel":"map:a","type":1,"key":"other","data":1}}"""), Does.Contain("1000"));
        await client.SendTextAsync("""{"id":8,"publish":{"channel":"map:a","type":1,"key":"cut","removed":true}}""");
        Assert.That(await client.ReadCloseAsync(), Is.EqualTo((4501, "go away")));
    }

    [Test]
    public async Task A_malformed_publish_is_refused_without_a_request()
    {
        var client = await _broker.ConnectAsync(TestToken.Of("""{"sub":"42"}"""));

        Assert.That(await client.AskAsync("""{"id":2,"publish":{"channel":"pub:a"}}"""), Does.Contain("107"));
        Assert.That(await client.AskAsync("""{"id":3,"publish":{"channel":"object:a","data":1}}"""), Does.Contain("107"));
        Assert.That(_far.Requests, Is.Empty);
    }

    [Test]
    [Checklist(161, 163, 169, 166)]
    public async Task A_call_is_answered_by_the_back_end_of_its_namespace()
    {
        var client = await _broker.ConnectAsync(TestToken.Of("""{"sub":"42"}"""));
        _far.Answer = asked => asked.GetProperty("method").GetString() switch
        {
            "add" => """{"result":{"data":{"sum": 3}}}""",
            "shop:none" => "{}",
            _ => Denied,
        };

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await client.AskAsync("""{"id":2,"rpc":{"method":"add","data":[1, 2]}}"""), Is.EqualTo("""{"id":2,"rpc":{"data":{"sum": 3}}}"""));
            Assert.That(await client.AskAsync("""{"id":3,"rpc":{"method":"shop:none"}}"""), Is.EqualTo("""{"id":3,"rpc":{}}"""));
            Assert.That(await client.AskAsync("""{"id":4,"rpc":{"method":"no"}}"""), Does.Contain("1000"));
            Assert.That(await client.AskAsync("""{"id":5,"rpc":{"method":"bank:pay"}}"""), Is.EqualTo("""{"id":5,"error":{"code":104,"message":"method not found"}}"""));
            Assert.That(await client.AskAsync("""{"id":6,"rpc":{"method":"ping"}}"""), Is.EqualTo("""{"id":6,"rpc":{}}"""));
            Assert.That(WithoutClient(_far.Bodies[0]), Is.EqualTo("""{"transport":"websocket","protocol":"json","encoding":"json","user":"42","method":"add","data":[1, 2]}"""));
            Assert.That(_far.Bodies, Has.Count.EqualTo(3));
        }
    }

    private static string WithoutClient(string json) =>
        System.Text.RegularExpressions.Regex.Replace(json, """,?"client":"[^"]*",?""", match => match.Value.StartsWith(',') && match.Value.EndsWith(',') ? "," : "");

    private static string WithoutEpoch(string json) => System.Text.RegularExpressions.Regex.Replace(json, ""","epoch":"[^"]*" """.Trim(), "");

    private BrokerOptions Change(BrokerOptions options)
    {
        var far = _far.Settings();
        var plain = far with { Name = "plain" };
        var telling = far with { Name = "telling", IncludesMeta = true };
        var headers = far with { Name = "headers", Headers = ["Cookie", "X-Other"], EmulatedHeaders = ["Authorization", "Cookie"], StaticHeaders = new Dictionary<string, string> { ["X-Key"] = "k" } };
        return options with
        {
            Identity = options.Identity with { JwtSecret = TestToken.Secret },
            Connections = options.Connections with { PingInterval = TimeSpan.Zero },
            Proxies = new ProxyOptions(new Dictionary<string, ProxySettings> { ["plain"] = plain, ["telling"] = telling, ["headers"] = headers })
            {
                Connect = TestContext.CurrentContext.Test.MethodName == nameof(Headers_of_the_upgrade_are_forwarded_with_every_event) ? headers : plain,
                Refresh = plain,
                Rpc = new RpcOptions
                {
                    WithoutNamespace = TestContext.CurrentContext.Test.MethodName == nameof(Headers_of_the_upgrade_are_forwarded_with_every_event) ? headers : plain,
                    Namespaces = new Dictionary<string, ProxySettings> { ["shop"] = plain },
                    PingMethod = "ping",
                },
            },
            Namespaces = new ChannelNamespaces(
                new Dictionary<string, ChannelOptions>
                {
                    ["chat"] = new() { Subscribe = new(true, true, true), Presence = true, ReadPresence = new(true, true, true) },
                    ["px"] = new() { SubscribeProxy = "telling", AllowUserLimitedChannels = true, ReadPresence = new(true, true, true), Presence = true },
                    ["pub"] = new() { Subscribe = new(true, true, true), PublishProxy = "plain", HistorySize = 10, HistoryTtl = TimeSpan.FromMinutes(5) },
                    ["object"] = new() { PublishProxy = "plain", PayloadFormat = PayloadFormat.JsonObject },
                    ["sub"] = new() { SubRefreshProxy = "plain" },
                    ["map"] = TestMaps.Open(TestMaps.Persistent with { PublishProxy = "plain", RemoveProxy = "plain", Publish = default, Remove = default }),
                },
                null),
        };
    }
}
