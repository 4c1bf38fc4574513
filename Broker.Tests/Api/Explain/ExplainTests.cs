using System.Text.Json;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Proxies;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.Api.Explain;

/// <summary><c>GET /api/explain</c>: who may ask, and what the answer names.</summary>
public sealed class ExplainTests : RunningBrokerTests
{
    private protected override BrokerOptions Change(BrokerOptions options) => options with
    {
        Publishing = options.Publishing with { PublishesPerSecond = 2, MaxPayloadBytes = 100 },
        Identity = options.Identity with { JwtSecret = TestToken.Secret },
        Api = options.Api with { MaxLocks = 1 },
        Proxies = new(new Dictionary<string, ProxySettings> { ["decider"] = new("decider", new Uri("http://127.0.0.1:1/")) }),
        Namespaces = TestNamespaces.Of(
            ("chat", new() { Subscribe = new(true, false, false), Publish = new(false, true, false), PayloadFormat = PayloadFormat.JsonObject }),
            ("asked", new() { SubscribeProxy = "decider", PublishProxy = "decider" })),
    };

    private static readonly TimeProvider Still = new Support.Doubles.ManualTimeProvider();

    // Rate windows stay open.
    private protected override TimeProvider? Time => Still;

    [Test]
    public async Task A_token_explains_its_own_user_and_the_key_explains_anybody()
    {
        var bob = await Broker.RegisterAsync("bob");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await StatusAsync("channel=public.a&action=subscribe"), Is.EqualTo(401));
            Assert.That(await StatusAsync("channel=public.a&action=subscribe", ("X-API-Key", "wrong")), Is.EqualTo(401));
            Assert.That(await StatusAsync("channel=public.a&action=subscribe&user=alice", ("Authorization", $"Bearer {bob}")), Is.EqualTo(403));
            Assert.That(await StatusAsync("channel=public.a&action=subscribe&user=bob", ("Authorization", $"Bearer {bob}")), Is.EqualTo(200));
            Assert.That((await AskAsync("channel=agent.bob.x&action=publish", ("Authorization", $"Bearer {bob}"))).GetProperty("rule").GetString(), Is.EqualTo("owner"));
            Assert.That(await RuleAsync("agent.alice.x", "publish", "alice"), Is.EqualTo((true, "owner")));
        }
    }

    [TestCase("action=subscribe", "channel required")]
    [TestCase("channel=public.a", "action must be one of subscribe, publish, history, presence, lock, unlock, grant, revoke, advertise")]
    [TestCase("channel=public.a&action=request", "action must be one of subscribe, publish, history, presence, lock, unlock, grant, revoke, advertise")]
    [TestCase("channel=public.%C3%A9&action=subscribe", "bad request: a channel name is 1 to 255 bytes of printable ASCII")]
    [TestCase("channel=public.a&action=publish&payload=%7B", "payload must be JSON")]
    public async Task An_incomplete_question_is_refused(string query, string message) =>
        Assert.That(await Broker.SendAsync(HttpMethod.Get, $"/api/explain?{query}", null, ("X-API-Key", RunningBroker.Key)), Is.EqualTo(RunningAnswer.Error(400, message)));

    [Test]
    public async Task A_refusal_says_rule_reason_error_and_where_the_answer_came_from()
    {
        await Broker.Store.LockAsync(TestChannel.Named("agent.alice.x"));

        var answer = await AskAsync("channel=agent.alice.x&action=subscribe&user=bob", ("X-API-Key", RunningBroker.Key));

        var node = answer.GetProperty("node").GetString();
        Assert.That(answer.GetRawText(), Is.EqualTo(
            """{"ok":true,"channel":"agent.alice.x","action":"subscribe","user":"bob","allowed":false,"rule":"locked","reason":"the channel is locked, and bob has no grant: its owner, alice, can give one" """.TrimEnd()
            + $$$""","error":{"code":403,"message":"permission denied: locked"},"namespace":"agent","options":[],"from":"memory","subscribed":false,"node":"{{{node}}}"}"""));
    }

    [Test]
    public async Task The_options_of_a_namespace_are_named_and_a_subscription_counts()
    {
        var before = await AskAsync("channel=chat:x&action=publish&user=bob", ("X-API-Key", RunningBroker.Key));
        var client = await Broker.ConnectAsync(await Broker.RegisterAsync("bob"));
        await client.SubscribeAsync("chat:x");

        var after = await AskAsync("channel=chat:x&action=publish&user=bob", ("X-API-Key", RunningBroker.Key));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(before.GetProperty("rule").GetString(), Is.EqualTo("not_subscribed"));
            Assert.That(before.GetProperty("options").GetRawText(), Is.EqualTo("""["allow_publish_for_subscriber"]"""));
            Assert.That(after.GetProperty("rule").GetString(), Is.EqualTo("subscribers"));
            Assert.That(after.GetProperty("subscribed").GetBoolean(), Is.True);
            Assert.That(await RuleAsync("chat:x", "publish", "carol", "&subscribed=true&payload=1"), Is.EqualTo((false, "format")));
        }
    }

    [TestCase("subscribe")]
    [TestCase("publish")]
    public async Task A_back_end_is_named_and_not_asked(string action)
    {
        // Nothing listens there: a question would be a fault, which is logged.
        var answer = await AskAsync($"channel=asked:x&action={action}&user=bob", ("X-API-Key", RunningBroker.Key));

        Assert.That(answer.GetProperty("allowed").ValueKind, Is.EqualTo(JsonValueKind.Null));
        Assert.That(answer.GetProperty("rule").GetString(), Is.EqualTo("back_end"));
        Assert.That(answer.GetProperty("backEnd").GetString(), Is.EqualTo("decider"));
        Assert.That(Broker.Warnings, Is.Empty);
    }

    [Test]
    public async Task The_rate_of_a_sender_is_read_and_not_used()
    {
        var bob = await Broker.RegisterAsync("bob");
        var rules = new List<(bool?, string)>();
        for (var published = 0; published <= 2; published++)
        {
            rules.Add(await RuleAsync("public.a", "publish", "bob"));
            rules.Add(await RuleAsync("public.a", "publish", "bob"));
            await Broker.PostAsync("/api/publish", """{"channel":"public.a"}""", bob);
        }

        var answer = await AskAsync("channel=public.a&action=publish&user=bob", ("X-API-Key", RunningBroker.Key));

        Assert.That(rules, Is.EqualTo(new (bool?, string)[] { (true, "public"), (true, "public"), (true, "public"), (true, "public"), (false, "rate_limit"), (false, "rate_limit") }));
        Assert.That(answer.GetProperty("limits").GetRawText(), Is.EqualTo("""{"payloadBytes":100,"publishesPerSecond":2,"publishesInThisSecond":3,"schema":false}"""));
    }

    [Test]
    public async Task The_size_and_the_schema_of_a_payload_are_checked()
    {
        var alice = await Broker.RegisterAsync("alice");
        await Broker.PostAsync("/api/advertise", """{"channel":"agent.alice.x","schema":{"type":"object"}}""", alice);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await RuleAsync("agent.alice.x", "publish", "alice"), Is.EqualTo((true, "owner")));
            Assert.That(await RuleAsync("agent.alice.x", "publish", "alice", "&payload=1"), Is.EqualTo((false, "schema")));
            Assert.That(await RuleAsync("agent.alice.x", "publish", "alice", "&payload={}"), Is.EqualTo((true, "owner")));
            Assert.That(await RuleAsync("agent.alice.x", "publish", "alice", $"&payload=\"{new string('x', 100)}\""), Is.EqualTo((false, "size_limit")));
        }
    }

    [Test]
    public async Task The_management_of_a_channel_has_owners_and_quotas()
    {
        await Broker.Store.LockAsync(TestChannel.Named("agent.alice.x"));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await RuleAsync("agent.alice.x", "lock", "alice"), Is.EqualTo((true, "owner")), "it is locked already");
            Assert.That(await RuleAsync("agent.alice.y", "lock", "alice"), Is.EqualTo((false, "quota")));
            Assert.That(await RuleAsync("agent.alice.y", "grant", "alice"), Is.EqualTo((true, "owner")));
            Assert.That(await RuleAsync("agent.alice.x", "unlock", "bob"), Is.EqualTo((false, "not_owner")));
            Assert.That(await RuleAsync("app.shop.agent", "lock", "app:shop"), Is.EqualTo((false, "reserved")));
            Assert.That(await RuleAsync("public.x", "advertise", "alice"), Is.EqualTo((false, "no_owner")));
            Assert.That(await RuleAsync("agent.alice.x", "lock", ""), Is.EqualTo((false, "anonymous")));
        }
    }

    [TestCase("chat:x", true, "claim")]
    [TestCase("agent.alice.x", false, "locked")]
    public async Task A_channel_that_the_token_names_is_subscribed_with_the_connection(string channel, bool isAllowed, string rule)
    {
        await Broker.Store.LockAsync(TestChannel.Named("agent.alice.x"));
        var token = TestToken.Of($$"""{"sub":"bob","channels":["{{channel}}"]}""");

        var answer = await AskAsync($"channel={channel}&action=subscribe", ("Authorization", $"Bearer {token}"));

        var client = await Broker.OpenAsync();
        await client.UpgradeAsync(Broker.Url);
        var reply = await client.AskAsync($$$"""{"id":1,"connect":{"token":"{{{token}}}"}}""");
        Assert.That((answer.GetProperty("allowed").GetBoolean(), answer.GetProperty("rule").GetString()), Is.EqualTo((isAllowed, rule)));
        Assert.That(reply.Contains($"\"subs\":{{\"{channel}\"", StringComparison.Ordinal), Is.EqualTo(isAllowed), reply);
    }

    private async Task<int> StatusAsync(string query, params (string, string)[] headers) =>
        (await Broker.SendAsync(HttpMethod.Get, $"/api/explain?{query}", null, headers)).Status;

    private async Task<JsonElement> AskAsync(string query, params (string, string)[] headers)
    {
        var answer = await Broker.SendAsync(HttpMethod.Get, $"/api/explain?{query}", null, headers);
        Assert.That(answer.Status, Is.EqualTo(200), answer.Body);
        return JsonDocument.Parse(answer.Body).RootElement;
    }

    private async Task<(bool? Allowed, string Rule)> RuleAsync(string channel, string action, string user, string more = "")
    {
        var answer = await AskAsync($"channel={channel}&action={action}&user={user}{more}", ("X-API-Key", RunningBroker.Key));
        return (answer.GetProperty("allowed").GetBoolean(), answer.GetProperty("rule").GetString()!);
    }
}
