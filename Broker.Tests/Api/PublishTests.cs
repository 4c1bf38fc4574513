using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Api;

/// <summary><c>POST /api/publish</c> with a bearer token.</summary>
public sealed class PublishTests : RunningBrokerTests
{
    private const string Path = "/api/publish";
    private const string Published = """{"ok":true,"result":{}}""";

    private readonly RunningClock _clock = new();

    private protected override TimeProvider Time => _clock;

    [Test]
    public async Task A_publication_reaches_a_subscriber_in_the_envelope()
    {
        var token = await Broker.RegisterAsync("alice");
        var subscriber = await Broker.ConnectAsync();
        await subscriber.SubscribeAsync("public.townsquare");

        var answer = await Broker.PostAsync(Path, """{"channel":"public.townsquare","payload":{"hi":1}}""", token);

        Assert.That(answer, Is.EqualTo(RunningAnswer.Json(200, Published)));
        Assert.That(
            await subscriber.ReadMessageAsync(),
            Is.EqualTo("""{"push":{"channel":"public.townsquare","pub":{"data":{"_claw":{"sender":"alice","timestamp":1769947200000},"payload":{"hi":1}}}}}"""));
    }

    [TestCase("""{ "b" : 1.0e2 ,"a":[ ], "a":"\u00e9\/\t" }""")]
    [TestCase("12345678901234567890123")]
    [TestCase("\"é😀\u2028<>&'+\"")]
    [TestCase("false")]
    [TestCase("\"\"")]
    [TestCase("null")]
    public async Task A_payload_is_delivered_byte_for_byte(string payload) =>
        Assert.That(await PayloadOfAsync($$"""{"channel":"public.a","payload":{{payload}}}"""), Is.EqualTo(payload));

    [Test]
    public async Task Line_breaks_between_tokens_are_removed_from_a_payload() =>
        Assert.That(await PayloadOfAsync("{\"channel\":\"public.a\",\"payload\":{\r\n\t\"a\": \"\\n\"\n}}"), Is.EqualTo("{\t\"a\": \"\\n\"}"));

    [Test]
    public async Task An_absent_payload_is_null() =>
        Assert.That(await PayloadOfAsync("""{"channel":" public.a "}"""), Is.EqualTo("null"));

    [TestCase("{}")]
    [TestCase("null")]
    [TestCase("[]")]
    [TestCase("5")]
    [TestCase("""{"channel":null,"payload":1}""")]
    [TestCase("""{"channel":" "}""")]
    [TestCase("""{"Channel":"public.a"}""")]
    public async Task A_missing_channel_is_reported(string body) =>
        Assert.That(await PostAsync(body), Is.EqualTo(RunningAnswer.Error(400, "channel required")));

    [TestCase("")]
    [TestCase("{")]
    [TestCase("""{"channel":"public.a"}}""")]
    [TestCase("""{"channel":"public.a","payload":01}""")]
    [TestCase("""{"channel":"public.a",}""")]
    [TestCase("""{"channel":5}""")]
    [TestCase("""{"channel":{}}""")]
    [TestCase("""{"channel":"\ud800"}""")]
    public async Task A_body_that_is_not_JSON_or_a_channel_that_is_not_text_is_refused(string body) =>
        Assert.That(
            await PostAsync(body),
            Is.EqualTo(RunningAnswer.Error(400, "the body must be a JSON object with a text field channel, and payload of any kind")));

    [TestCase("""{"\ud800":1,"channel":"public.a"}""")]
    [TestCase("""{"channel":"public.a","\ud800":1}""")]
    [TestCase("""{"chan\ud800":1,"channel":"public.a","x\udc00":1}""")]
    public async Task A_field_whose_name_is_half_a_character_is_ignored(string body) =>
        Assert.That(await PostAsync(body), Is.EqualTo(RunningAnswer.Json(200, Published)));

    [Test]
    public async Task A_body_that_is_not_UTF8_is_refused()
    {
        byte[] body = [.. "{\"channel\":\"public.a\",\"payload\":\""u8, 0xC3, 0x28, .. "\"}"u8];

        var answer = await Broker.SendAsync(HttpMethod.Post, Path, body, ("Authorization", $"Bearer {await Broker.RegisterAsync("alice")}"));

        Assert.That(answer.Status, Is.EqualTo(400));
    }

    [TestCase(63, 200)]
    [TestCase(64, 400)]
    [TestCase(100_000, 400)]
    public async Task Json_may_nest_64_deep_counting_the_body(int depth, int status)
    {
        var payload = new string('[', depth) + new string(']', depth);

        var answer = await Broker.PostAsync(Path, $$"""{"channel":"public.a","payload":{{payload}}}""", await Broker.RegisterAsync("alice"));

        // Too deep comes before too large: it is found while reading.
        Assert.That(answer.Status, Is.EqualTo(status));
    }

    [TestCase("public")]
    [TestCase("bogus")]
    [TestCase("agent.alice")]
    [TestCase("agent..x")]
    [TestCase("app.a")]
    [TestCase("app.a.agent.")]
    [TestCase("app.a.agent.alice.x")]
    [TestCase("chat:room")]
    [TestCase("public.é")]
    [TestCase("Public.a")]
    public async Task A_channel_of_unknown_form_is_refused(string channel) =>
        Assert.That(await PostAsync($$"""{"channel":"{{channel}}"}"""), Is.EqualTo(RunningAnswer.Error(400, "invalid channel format")));

    [TestCase(255, 200)]
    [TestCase(256, 400)]
    public async Task A_channels_name_has_at_most_255_bytes(int length, int status) =>
        Assert.That((await PostAsync($$"""{"channel":"{{"public.".PadRight(length, 'x')}}"}""")).Status, Is.EqualTo(status));

    [TestCase("system.timer.second", "cannot publish to system channels", "system_only")]
    [TestCase("system.", "cannot publish to system channels", "system_only")]
    [TestCase("agent.bob.x", "only the channel owner can publish to agent.* channels", "not_owner")]
    [TestCase("agent.Alice.x", "only the channel owner can publish to agent.* channels", "not_owner")]
    [TestCase("app.shop.x", "only the app can publish to app.* channels", "not_owner")]
    [TestCase("app.alice.x", "only the app can publish to app.* channels", "not_owner")]
    [TestCase("app.shop.agent", "only the app can publish to app.<app>.agent", "not_owner")]
    [TestCase("app.shop.agent.bob", "only the app or target agent can publish to app.<app>.agent.<agent>", "not_party")]
    public async Task A_channel_of_somebody_else_is_refused(string channel, string message, string rule) =>
        Assert.That(await PostAsync($$"""{"channel":"{{channel}}"}"""), Is.EqualTo(RunningAnswer.Denied(message, rule)));

    [TestCase("public.")]
    [TestCase("agent.alice.")]
    [TestCase("agent.alice.a.b")]
    [TestCase("app.shop.agent.alice")]
    public async Task A_channel_of_ones_own_is_open(string channel) =>
        Assert.That(await PostAsync($$"""{"channel":"{{channel}}"}"""), Is.EqualTo(RunningAnswer.Json(200, Published)));

    [Test]
    public async Task A_lock_does_not_limit_its_owners_publishing()
    {
        var token = await Broker.RegisterAsync("alice");
        await Broker.PostAsync("/api/lock", """{"channel":"agent.alice.x"}""", token);

        Assert.That(await Broker.PostAsync(Path, """{"channel":"agent.alice.x"}""", token), Is.EqualTo(RunningAnswer.Json(200, Published)));
    }

    [Test]
    public async Task A_grant_allows_no_publishing()
    {
        var (alice, bob) = (await Broker.RegisterAsync("alice"), await Broker.RegisterAsync("bob"));
        await Broker.PostAsync("/api/grant", """{"channel":"agent.alice.x","target":"bob"}""", alice);

        Assert.That(
            await Broker.PostAsync(Path, """{"channel":"agent.alice.x"}""", bob),
            Is.EqualTo(RunningAnswer.Denied("only the channel owner can publish to agent.* channels", "not_owner")));
    }

    private async Task<RunningAnswer> PostAsync(string body) => await Broker.PostAsync(Path, body, await Broker.RegisterAsync("alice"));

    private async Task<string> PayloadOfAsync(string body)
    {
        var subscriber = await Broker.ConnectAsync();
        await subscriber.SubscribeAsync("public.a");
        Assert.That(await PostAsync(body), Is.EqualTo(RunningAnswer.Json(200, Published)));
        var data = await subscriber.ReadMessageAsync();
        const string start = """{"push":{"channel":"public.a","pub":{"data":{"_claw":{"sender":"alice","timestamp":1769947200000},"payload":""";
        Assert.That(data, Does.StartWith(start).And.EndsWith("}}}}"));
        return data[start.Length..^"}}}}".Length];
    }
}
