using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Api;

/// <summary>The four actions on one's own channel: answers and refusals, in order.</summary>
public sealed class LocksAndGrantsTests : RunningBrokerTests
{
    private const string BadBody = "the body must be a JSON object whose channel and target are text";

    // Path, message for missing fields, for a channel of somebody else, for a reserved channel.
    private static readonly string[][] Actions =
    [
        ["/api/lock", "channel required", "can only lock your own channels", "cannot lock app.agent reserved channels"],
        ["/api/unlock", "channel required", "can only unlock your own channels", "cannot unlock app.agent reserved channels"],
        ["/api/grant", "target and channel required", "can only grant access to your own channels", "cannot grant access to app.agent reserved channels"],
        ["/api/revoke", "target and channel required", "can only revoke access from your own channels", "cannot revoke access from app.agent reserved channels"],
    ];

    private static IEnumerable<string> Paths => Actions.Select(action => action[0]);

    [TestCase("/api/lock", """{"ok":true,"locked":true,"channel":"agent.alice.x.y"}""")]
    [TestCase("/api/unlock", """{"ok":true,"unlocked":true,"channel":"agent.alice.x.y"}""")]
    [TestCase("/api/grant", """{"ok":true,"granted":true,"target":"nobody yet","channel":"agent.alice.x.y"}""")]
    [TestCase("/api/revoke", """{"ok":true,"revoked":true,"target":"nobody yet","channel":"agent.alice.x.y"}""")]
    public async Task An_action_can_be_repeated_and_echoes_its_trimmed_fields(string path, string body)
    {
        var token = await Broker.RegisterAsync("alice");
        const string request = """{"channel":" agent.alice.x.y\n","target":"\tnobody yet "}""";

        Assert.That(await Broker.PostAsync(path, request, token), Is.EqualTo(RunningAnswer.Json(200, body)));
        Assert.That(await Broker.PostAsync(path, request, token), Is.EqualTo(RunningAnswer.Json(200, body)));
    }

    [Test]
    public async Task A_missing_field_is_reported(
        [ValueSource(nameof(Actions))] string[] action,
        [Values("{}", "null", "[]", """{"channel":" ","target":" "}""", """{"channel":null,"target":null}""", """{"target":"bob"}""")] string body) =>
        Assert.That(await PostAsync(action[0], body), Is.EqualTo(RunningAnswer.Error(400, action[1])));

    [TestCase("/api/grant")]
    [TestCase("/api/revoke")]
    public async Task A_missing_target_is_reported_before_the_channel_is_checked(string path) =>
        Assert.That(await PostAsync(path, """{"channel":"bogus"}"""), Is.EqualTo(RunningAnswer.Error(400, "target and channel required")));

    [Test]
    public async Task A_body_that_is_not_JSON_or_a_field_that_is_not_text_is_refused(
        [ValueSource(nameof(Paths))] string path,
        [Values("", "{", """{"channel":5,"target":"bob"}""", """{"channel":"agent.alice.\udc00","target":"bob"}""")] string body) =>
        Assert.That(await PostAsync(path, body), Is.EqualTo(RunningAnswer.Error(400, BadBody)));

    [Test]
    public async Task A_channel_without_an_owner_is_refused(
        [ValueSource(nameof(Paths))] string path,
        [Values("public.a", "system.timer.second", "bogus", "agent.alice", "app.a.agent.x.y", "chat:room", "agent.alice.é")] string channel) =>
        Assert.That(await PostAsync(path, Body(channel)), Is.EqualTo(RunningAnswer.Error(400, "invalid channel format")));

    [Test]
    public async Task A_reserved_channel_is_refused(
        [ValueSource(nameof(Actions))] string[] action,
        [Values("app.shop.agent", "app.shop.agent.alice")] string channel) =>
        Assert.That(await PostAsync(action[0], Body(channel)), Is.EqualTo(RunningAnswer.Denied(action[3], "reserved")));

    [Test]
    public async Task A_channel_of_somebody_else_is_refused(
        [ValueSource(nameof(Actions))] string[] action,
        [Values("agent.bob.x", "agent.ALICE.x", "app.shop.x", "app.alice.x")] string channel) =>
        Assert.That(await PostAsync(action[0], Body(channel)), Is.EqualTo(RunningAnswer.Denied(action[2], "not_owner")));

    [TestCase(255, true)]
    [TestCase(256, false)]
    [TestCase(60_000, false)]
    public async Task A_target_has_a_limit(int length, bool isGranted)
    {
        var target = new string('x', length);

        var answer = await PostAsync("/api/grant", $$"""{"channel":"agent.alice.x","target":"{{target}}"}""");

        Assert.That(answer, Is.EqualTo(isGranted
            ? RunningAnswer.Json(200, $$"""{"ok":true,"granted":true,"target":"{{target}}","channel":"agent.alice.x"}""")
            : RunningAnswer.Error(400, "target too long (max 255 characters)")));
    }

    [Test]
    public async Task A_refused_lock_locks_nothing()
    {
        var bob = await Broker.RegisterAsync("bob");
        await Broker.PostAsync("/api/lock", Body("agent.alice.x"), bob);

        var stranger = await Broker.ConnectAsync();

        await stranger.SubscribeAsync("agent.alice.x");
    }

    private static string Body(string channel) => $$"""{"channel":"{{channel}}","target":"bob"}""";

    private async Task<RunningAnswer> PostAsync(string path, string body) => await Broker.PostAsync(path, body, await Broker.RegisterAsync("alice"));
}
