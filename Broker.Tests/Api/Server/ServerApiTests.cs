using System.Text;
using System.Text.Json;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Tests.Api.Server;

/// <summary>Centrifugo's server API, for back ends with the key.</summary>
public sealed class ServerApiTests : RunningBrokerTests
{
    private static readonly RunningAnswer Done = RunningAnswer.Json(200, """{"result":{}}""");
    private static readonly RunningAnswer Malformed = new(400, "text/plain", "Bad Request");
    private static readonly RunningAnswer Unauthorized = new(401, null, "");
    private const string NoChannel = "channel is needed";
    private const string NoData = "data, or b64data in base64, is needed";

    private static readonly string[] Paths = ["/api", "/api/info", "/api/publish"];

    [TestCase("public.a")]
    [TestCase("system.news")]
    [TestCase("agent.nobody.x")]
    [TestCase("app.shop.agent")]
    [TestCase("bogus")]
    public async Task A_publish_goes_to_any_channel_without_an_envelope(string channel)
    {
        var subscriber = await Broker.ConnectAsync();
        var canSubscribe = channel is not ("bogus" or "app.shop.agent");
        await subscriber.SubscribeAsync(canSubscribe ? channel : "public.other");

        Assert.That(
            await Broker.PostWithKeyAsync("/api/publish", $$$"""{"channel":"{{{channel}}}","data":{ "a" :[1e2]},"tags":{"x":"y"}}"""), Is.EqualTo(Done));

        if (canSubscribe)
        {
            Assert.That(
                await subscriber.ReadMessageAsync(),
                Is.EqualTo("""{"push":{"channel":"NAME","pub":{"data":{ "a" :[1e2]},"tags":{"x":"y"}}}}""".Replace("NAME", channel, StringComparison.Ordinal)));
        }
    }

    [TestCase("""{"channel":"public.a","data":null}""", "null")]
    [TestCase("""{"CHANNEL":"public.a","Data":0}""", "0")]
    [TestCase("""{"channel":"public.a","data":1,"data":2}""", "2")]
    [TestCase("""{"channel":"public.\u0061","data":"\ud83d\ude00"}""", "\"\\ud83d\\ude00\"")]
    [TestCase("""{"channel":"public.a","b64data":"eyJhIjoxfQ=="}""", """{"a":1}""")]
    [TestCase("""{"channel":"public.a","data":5,"b64data":"eyJhIjoxfQ=="}""", """{"a":1}""")]
    public async Task Data_is_published_unchanged(string body, string data)
    {
        var subscriber = await Broker.ConnectAsync();
        await subscriber.SubscribeAsync("public.a");

        Assert.That(await Broker.PostWithKeyAsync("/api/publish", body), Is.EqualTo(Done));
        Assert.That(await subscriber.ReadPublicationAsync(), Is.EqualTo(data));
    }

    [TestCase("{}", NoChannel)]
    [TestCase("""{"channel":"public.a"}""", NoData)]
    [TestCase("""{"data":1}""", NoChannel)]
    [TestCase("""{"channel":"","data":1}""", NoChannel)]
    [TestCase("""{"channel":null,"data":1}""", NoChannel)]
    [TestCase("""{"channel":"public.a","b64data":"?"}""", NoData)]
    [TestCase("""{"channel":"é","b64data":"AQ"}""", "a channel name is 1 to 255 bytes of printable ASCII")]
    [TestCase("""{"channel":"public.a","b64data":"bm8ganNvbg=="}""", "data must be JSON on this channel")]
    public async Task A_publish_without_channel_or_data_is_an_error_in_the_reply(string body, string fault) => Assert.That(
        await Broker.PostWithKeyAsync("/api/publish", body), Is.EqualTo(RunningAnswer.Json(200, $$$"""{"error":{"code":107,"message":"bad request: {{{fault}}}"}}""")));

    [Test]
    public async Task An_unknown_namespace_is_an_error_in_the_reply() =>
        Assert.That(
            await Broker.PostWithKeyAsync("/api/publish", """{"channel":"chat:room","data":1}"""),
            Is.EqualTo(RunningAnswer.Json(200, """{"error":{"code":102,"message":"unknown channel"}}""")));

    [Test]
    public async Task A_name_nobody_can_subscribe_to_has_no_subscribers() =>
        Assert.That(
            await Broker.PostWithKeyAsync("/api/publish", $$"""{"channel":"{{new string('é', 300)}}","data":1}"""), Is.EqualTo(Done));

    [TestCase("")]
    [TestCase("{")]
    [TestCase("[]")]
    [TestCase("""{"channel":5,"data":1}""")]
    [TestCase("""{"channel":"public.a","data":}""")]
    [TestCase("""{"channel":"public.a","data":1} {}""")]
    [TestCase("""{"channel":"\ud800","data":1}""")]
    [Checklist(153)]
    public async Task A_malformed_publish_is_a_bad_request(string body) =>
        Assert.That(await Broker.PostWithKeyAsync("/api/publish", body), Is.EqualTo(Malformed));

    [Test]
    public async Task A_body_that_is_not_UTF8_is_a_bad_request([ValueSource(nameof(Paths))] string path)
    {
        byte[] body = [.. "{\"method\":\"publish\",\"channel\":\"public.a\",\"data\":\""u8, 0xFF, .. "\"}"u8];

        Assert.That(await Broker.SendAsync(HttpMethod.Post, path, body, ("X-API-Key", RunningBroker.Key)), Is.EqualTo(Malformed));
    }

    [TestCase(63, 200)]
    [TestCase(64, 400)]
    [TestCase(100_000, 400)]
    public async Task Json_may_nest_64_deep_counting_the_body(int depth, int status)
    {
        var data = new string('[', depth) + new string(']', depth);

        Assert.That((await Broker.PostWithKeyAsync("/api/publish", $$"""{"channel":"public.a","data":{{data}}}""")).Status, Is.EqualTo(status));
    }

    [Test]
    [Checklist(154)]
    public async Task Every_line_of_api_is_a_call_and_is_answered_with_a_line()
    {
        var subscriber = await Broker.ConnectAsync();
        await subscriber.SubscribeAsync("public.a");

        var answer = await Broker.PostWithKeyAsync("/api", string.Join("\n", [
            """{"id":1,"method":"publish","params":{"channel":"public.a","data":1}}""",
            """{"params":{"channel":"public.a","data":2},"method":"PUBLISH"}""" + "\r",
            """{"id":4294967295,"method":"publish","params":{}}""",
            """{"id":3,"method":"publish","params":{"channel":"public.a","data":3}}""",
            ""]));

        Assert.That(answer, Is.EqualTo(RunningAnswer.Json(200, string.Join("\n", [
            """{"id":1,"result":{}}""",
            """{"result":{}}""",
            """{"id":4294967295,"error":{"code":107,"message":"bad request: channel is needed"}}""",
            """{"id":3,"result":{}}"""]))));
        Assert.That(
            new[] { await subscriber.ReadPublicationAsync(), await subscriber.ReadPublicationAsync(), await subscriber.ReadPublicationAsync() },
            Is.EqualTo(new[] { "1", "2", "3" }));
    }

    [TestCase("")]
    [TestCase("\n")]
    [TestCase("{}")]
    [TestCase("{")]
    [TestCase("[]")]
    [TestCase("""{"method":"no-such-method","params":{}}""")]
    [TestCase("""{"method":[],"params":{}}""")]
    [TestCase("""{"id":-1,"method":"info"}""")]
    [TestCase("""{"id":"1","method":"info"}""")]
    [TestCase("""{"method":"publish","params":{"channel":"public.a","data":1}} x""")]
    public async Task A_malformed_line_is_a_bad_request(string body) =>
        Assert.That(await Broker.PostWithKeyAsync("/api", body), Is.EqualTo(Malformed));

    [Test]
    [Checklist(158)]
    public async Task Info_describes_this_node_and_its_clients()
    {
        var alice = await Broker.ConnectAsync(await Broker.RegisterAsync("alice"));
        await alice.SubscribeAsync("public.a");
        await (await Broker.ConnectAsync()).SubscribeAsync("public.a");
        await Broker.UpgradeAsync();

        using var info = JsonDocument.Parse((await Broker.PostWithKeyAsync("/api/info", "{}")).Body);

        var node = info.RootElement.GetProperty("result").GetProperty("nodes").EnumerateArray().Single();
        var counts = new[] { "num_clients", "num_users", "num_channels", "num_subs" }.Select(name => node.GetProperty(name).GetInt32());
        Assert.That(counts, Is.EqualTo(new[] { 2, 2, 1, 2 }));
        Assert.That(node.GetProperty("version").GetString(), Is.EqualTo(BrokerVersion.Text));
    }

    [Test]
    [Checklist(150)]
    public async Task The_key_is_accepted_in_each_of_three_places(
        [Values("X-API-Key", "Authorization", "query")] string place)
    {
        var path = place is "query" ? $"/api/info?api_key={RunningBroker.Key}" : "/api/info";
        (string, string)[] headers = place switch
        {
            "X-API-Key" => [("X-API-Key", RunningBroker.Key)],
            "Authorization" => [("Authorization", $"apikey {RunningBroker.Key}")],
            _ => [],
        };

        Assert.That((await Broker.SendAsync(HttpMethod.Post, path, "{}"u8.ToArray(), headers)).Status, Is.EqualTo(200));
    }

    [Test]
    public async Task A_wrong_key_is_unauthorized_even_with_a_broken_body(
        [ValueSource(nameof(Paths))] string path,
        [Values("wrong", "", "the-key-of-the-server-ap", "the-key-of-the-server-api ")] string key) =>
        Assert.That(
            await Broker.SendAsync(HttpMethod.Post, $"{path}?api_key={Uri.EscapeDataString(key)}", "{"u8.ToArray()), Is.EqualTo(Unauthorized));

    [Test]
    public async Task A_wrong_key_in_its_header_counts_even_when_another_would_be_right() =>
        Assert.That(
            await Broker.SendAsync(HttpMethod.Post, $"/api/info?api_key={RunningBroker.Key}", "{}"u8.ToArray(), ("X-API-Key", "wrong")),
            Is.EqualTo(Unauthorized));

    [TestCase("/api")]
    [TestCase("/api/info")]
    [Checklist(150)]
    public async Task A_request_without_a_key_is_unauthorized(string path) =>
        Assert.That(await Broker.PostAsync(path, "{}"), Is.EqualTo(Unauthorized));

    [Test]
    public async Task A_bearer_token_means_the_claw_events_API_even_beside_a_key()
    {
        var answer = await Broker.SendAsync(
            HttpMethod.Post, "/api/publish", """{"channel":"system.x","data":1}"""u8.ToArray(),
            ("Authorization", $"Bearer {await Broker.RegisterAsync("alice")}"), ("X-API-Key", RunningBroker.Key));

        Assert.That(answer, Is.EqualTo(RunningAnswer.Denied("cannot publish to system channels", "system_only")));
    }

    [Test]
    public async Task Publishes_are_not_rate_limited()
    {
        for (var sent = 0; sent < 20; sent++)
        {
            await Broker.PublishAsync("public.a", "1");
        }
    }

    [Test]
    public async Task A_body_over_the_limit_is_refused([ValueSource(nameof(Paths))] string path)
    {
        var body = Encoding.ASCII.GetBytes(new string(' ', (1024 * 1024) + 1));

        var answer = await Broker.SendAsync(HttpMethod.Post, path, body, ("X-API-Key", RunningBroker.Key));

        Assert.That(answer.Status, Is.EqualTo(413));
    }
}

public sealed class ServerApiWithoutKeyTests : RunningBrokerTests
{
    [Test]
    public async Task A_broker_without_a_key_refuses_all_calls(
        [Values("/api", "/api/info", "/api/publish")] string path,
        [Values("", "anything")] string key) =>
        Assert.That(
            await Broker.SendAsync(HttpMethod.Post, $"{path}?api_key={key}", "{}"u8.ToArray()), Is.EqualTo(new RunningAnswer(401, null, "")));

    private protected override BrokerOptions Change(BrokerOptions options) => options with { Api = options.Api with { ServerApiKey = null } };
}
