using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Api;

/// <summary>The two questions a Centrifugo in front would ask. Always 200, never a token.</summary>
public sealed class ProxyTests : RunningBrokerTests
{
    private static readonly RunningAnswer Allowed = RunningAnswer.Json(200, """{"result":{}}""");
    private static readonly RunningAnswer Denied = RunningAnswer.Json(200, """{"error":{"code":403,"message":"permission denied"}}""");

    // Channel, user, may subscribe, may publish.
    [TestCase("public.a", "", true, true)]
    [TestCase("public.a", "alice", true, true)]
    [TestCase("system.timer.second", "", true, false)]
    [TestCase("system.timer.second", "alice", true, false)]
    [TestCase("agent.alice.open", "", true, false)]
    [TestCase("agent.alice.open", "alice", true, true)]
    [TestCase("agent.alice.open", "bob", true, false)]
    [TestCase("agent.alice.locked", "", false, false)]
    [TestCase("agent.alice.locked", "alice", true, true)]
    [TestCase("agent.alice.locked", "bob", true, false)]
    [TestCase("agent.alice.locked", "eve", false, false)]
    [TestCase("agent.alice.locked", "app:alice", false, false)]
    [TestCase("app.shop.x", "", true, false)]
    [TestCase("app.shop.x", "app:shop", true, true)]
    [TestCase("app.shop.x", "shop", true, false)]
    [TestCase("app.shop.agent", "", false, false)]
    [TestCase("app.shop.agent", "alice", true, false)]
    [TestCase("app.shop.agent", "app:shop", true, true)]
    [TestCase("app.shop.agent", "app:other", false, false)]
    [TestCase("app.shop.agent.alice", "alice", true, true)]
    [TestCase("app.shop.agent.alice", "bob", false, false)]
    [TestCase("app.shop.agent.alice", "", false, false)]
    [TestCase("app.shop.agent.alice", "app:shop", true, true)]
    [TestCase("app.shop.agent.alice", "app:alice", false, false)]
    [TestCase("app.shop.agent.alice.x", "app:shop", false, false)]
    [TestCase("agent.alice", "alice", false, false)]
    [TestCase("bogus", "alice", false, false)]
    [TestCase("chat:room", "alice", false, false)]
    [TestCase("public", "alice", false, false)]
    public async Task Answers_follow_the_permission_table(string channel, string user, bool maySubscribe, bool mayPublish)
    {
        var alice = await Broker.RegisterAsync("alice");
        await Broker.PostAsync("/api/lock", """{"channel":"agent.alice.locked"}""", alice);
        await Broker.PostAsync("/api/grant", """{"channel":"agent.alice.locked","target":"bob"}""", alice);
        var body = $$"""{"client":"c","channel":"{{channel}}","user":"{{user}}"}""";

        Assert.That(await Broker.PostAsync("/proxy/subscribe", body), Is.EqualTo(maySubscribe ? Allowed : Denied));
        Assert.That(await Broker.PostAsync("/proxy/publish", body), Is.EqualTo(mayPublish ? Allowed : Denied));
    }

    [Test]
    public async Task A_user_that_is_absent_or_null_is_anonymous(
        [Values("""{"channel":"public.a"}""", """{"channel":"public.a","user":null}""")] string body)
    {
        Assert.That(await Broker.PostAsync("/proxy/subscribe", body), Is.EqualTo(Allowed));
        Assert.That(await Broker.PostAsync("/proxy/publish", body), Is.EqualTo(Allowed));
    }

    [Test]
    public async Task A_body_without_a_channel_is_denied(
        [Values("/proxy/subscribe", "/proxy/publish")] string path,
        [Values("", "{", "{}", "null", "[]", """{"channel":""}""", """{"channel":5}""", """{"channel":"public.a","user":5}""", """{"channel":"public.a","user":"\ud800"}""")] string body) =>
        Assert.That(await Broker.PostAsync(path, body), Is.EqualTo(Denied));
}
