using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Api.Admin;

/// <summary>Locks and grants as an operator sees and sets them.</summary>
public sealed class AccessTests : RunningBrokerTests
{
    private const string Channel = "agent.alice.a";

    [Test]
    public async Task An_operator_locks_grants_and_revokes_in_the_place_of_the_owner()
    {
        var before = await AccessAsync();
        await Broker.AskAsOperatorAsync("/api/lock", $$"""{"channel":"{{Channel}}"}""");
        await Broker.AskAsOperatorAsync("/api/grant", $$"""{"channel":"{{Channel}}","target":"carol"}""");
        await Broker.AskAsOperatorAsync("/api/grant", $$"""{"channel":"{{Channel}}","target":"bob"}""");
        await Broker.AskAsOperatorAsync("/api/advertise", $$"""{"channel":"{{Channel}}","description":"news"}""");
        var locked = await AccessAsync();
        await Broker.AskAsOperatorAsync("/api/revoke", $$"""{"channel":"{{Channel}}","target":"bob"}""");
        var revoked = await AccessAsync();
        var owned = (await Broker.AskAsOperatorAsync("/api/access?owner=alice")).ToString();
        await Broker.AskAsOperatorAsync("/api/unlock", $$"""{"channel":"{{Channel}}"}""");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(before, Is.EqualTo(Answer("false", "", "false")));
            Assert.That(locked, Is.EqualTo(Answer("true", "\"bob\",\"carol\"", "true")));
            Assert.That(revoked, Is.EqualTo(Answer("true", "\"carol\"", "true")));
            Assert.That(owned, Is.EqualTo("""{"ok":true,"owner":"alice","locked":["agent.alice.a"]}"""));
            Assert.That(await AccessAsync(), Is.EqualTo(Answer("false", "\"carol\"", "true")));
        }
    }

    [Test]
    public async Task The_lock_of_an_operator_ends_the_subscriptions_of_others()
    {
        var bob = await Broker.ConnectAsync(await Broker.RegisterAsync("bob"));
        await bob.SubscribeAsync(Channel);

        await Broker.AskAsOperatorAsync("/api/lock", $$"""{"channel":"{{Channel}}"}""");

        Assert.That(await bob.ReadMessageAsync(), Does.Contain("\"unsubscribe\""));
    }

    [TestCase("public.a", """{"ok":true,"channel":"public.a","owner":null,"lockable":false,"locked":false,"granted":[],"advertised":false}""")]
    [TestCase("app.shop.a", """{"ok":true,"channel":"app.shop.a","owner":"app:shop","lockable":true,"locked":false,"granted":[],"advertised":false}""")]
    public async Task Every_channel_has_an_answer(string channel, string expected) =>
        Assert.That((await Broker.AskAsOperatorAsync($"/api/access?channel={channel}")).ToString(), Is.EqualTo(expected));

    [Test]
    public async Task The_locks_of_an_app_are_listed_too()
    {
        await Broker.AskAsOperatorAsync("/api/lock", """{"channel":"app.shop.orders"}""");

        Assert.That((await Broker.AskAsOperatorAsync("/api/access?owner=app:shop")).ToString(), Is.EqualTo("""{"ok":true,"owner":"app:shop","locked":["app.shop.orders"]}"""));
    }

    [TestCase("")]
    [TestCase("channel=")]
    [TestCase("channel=%00")]
    public async Task A_question_about_nothing_is_refused(string query) =>
        Assert.That(await Broker.SendAsOperatorAsync(HttpMethod.Get, $"/api/access?{query}"), Is.EqualTo(RunningAnswer.Error(400, "channel or owner required")));

    [TestCase("/api/lock", """{"channel":"public.a"}""")]
    [TestCase("/api/grant", """{"channel":"system.a","target":"bob"}""")]
    public async Task A_channel_without_an_owner_stays_open(string path, string body) =>
        Assert.That((await Broker.SendAsOperatorAsync(HttpMethod.Post, path, body)).Status, Is.EqualTo(400));

    private async Task<string> AccessAsync() => (await Broker.AskAsOperatorAsync($"/api/access?channel={Channel}")).ToString();

    private static string Answer(string locked, string granted, string advertised) =>
        $$"""{"ok":true,"channel":"{{Channel}}","owner":"alice","lockable":true,"locked":{{locked}},"granted":[{{granted}}],"advertised":{{advertised}}}""";
}

/// <summary>A server API that needs no key.</summary>
public sealed class InsecureAccessTests : RunningBrokerTests
{
    private protected override BrokerOptions Change(BrokerOptions options) => options with { Api = options.Api with { ServerApiInsecure = true } };

    [Test]
    public async Task There_nobody_acts_for_an_owner_without_a_key() =>
        Assert.That((await Broker.PostAsync("/api/lock", """{"channel":"agent.alice.a"}""")).Status, Is.EqualTo(401));
}
