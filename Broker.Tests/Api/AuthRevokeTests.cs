using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Api;

/// <summary>Revoking one's own key. <see cref="BearerTests"/> covers the token.</summary>
public sealed class AuthRevokeTests : RunningBrokerTests
{
    private const string Path = "/auth/revoke";

    [TestCase("{}")]
    [TestCase("")]
    [TestCase("{")]
    public async Task The_token_stops_working_with_any_body(string body)
    {
        var token = await Broker.RegisterAsync("alice");

        Assert.That(await Broker.PostAsync(Path, body, token), Is.EqualTo(RunningAnswer.Json(
            200, """{"ok":true,"revoked":true,"username":"alice","hint":"All tokens that were issued to this name until now are revoked. Sign in again to get a new one."}""")));
        Assert.That(await Broker.PostAsync(Path, body, token), Is.EqualTo(RunningAnswer.Error(401, "Invalid or revoked API key")));
    }

    [Test]
    public async Task Tokens_of_others_and_a_new_token_work()
    {
        var alice = await Broker.RegisterAsync("alice");
        var bob = await Broker.RegisterAsync("bob");

        await Broker.PostAsync(Path, """{"username":"bob"}""", alice);
        var again = await Broker.RegisterAsync("alice");

        Assert.That((await LockAsync("bob", bob)).Status, Is.EqualTo(200));
        Assert.That((await LockAsync("alice", again)).Status, Is.EqualTo(200));
        Assert.That((await LockAsync("alice", alice)).Status, Is.EqualTo(401));
    }

    [Test]
    public async Task Open_connections_close_with_the_key_and_those_of_others_stay()
    {
        var alice = await Broker.RegisterAsync("alice");
        var (mine, other) = (await Broker.ConnectAsync(alice), await Broker.ConnectAsync(await Broker.RegisterAsync("bob")));

        await Broker.PostAsync(Path, "", alice);

        Assert.That(await mine.ReadCloseAsync(), Is.EqualTo((3005, "connection expired")));
        Assert.That(await other.AskAsync("""{"id":2,"subscribe":{"channel":"public.x"}}"""), Is.EqualTo("""{"id":2,"subscribe":{}}"""));
    }

    [Test]
    public async Task A_token_that_is_not_a_key_stops_working_and_its_connections_close()
    {
        var token = Broker.SessionToken("alice");
        var client = await Broker.ConnectAsync(token);
        var before = await LockAsync("alice", token);

        var revoked = await Broker.PostAsync(Path, "", token);

        Assert.That((before.Status, revoked.Status), Is.EqualTo((200, 200)));
        Assert.That(await client.ReadCloseAsync(), Is.EqualTo((3005, "connection expired")));
        Assert.That(await LockAsync("alice", token), Is.EqualTo(RunningAnswer.Error(401, "Invalid or revoked API key")));
    }

    [Test]
    public async Task All_tokens_of_a_name_are_revoked_with_one_and_those_of_the_next_login_work()
    {
        var (first, second, key) = (Broker.SessionToken("alice"), Broker.SessionToken("alice"), await Broker.RegisterAsync("alice"));

        await Broker.PostAsync(Path, "", second);
        var next = Broker.SessionToken("alice", await Broker.Store.GetRevokedUntilAsync("alice"));

        foreach (var token in new[] { first, second, key })
        {
            Assert.That((await LockAsync("alice", token)).Status, Is.EqualTo(401));
        }

        Assert.That((await LockAsync("alice", next)).Status, Is.EqualTo(200));
        Assert.That((await LockAsync("bob", Broker.SessionToken("bob"))).Status, Is.EqualTo(200));
    }

    [Test]
    public async Task A_new_login_closes_the_connections_of_the_key_that_it_replaces_only()
    {
        var old = await Broker.ConnectAsync(await Broker.RegisterAsync("alice"));
        var session = await Broker.ConnectAsync(Broker.SessionToken("alice"));

        var token = await Broker.RegisterAsync("alice");
        var renewed = await Broker.ConnectAsync(token);

        Assert.That(await old.ReadCloseAsync(), Is.EqualTo((3005, "connection expired")));
        foreach (var client in new[] { session, renewed })
        {
            Assert.That(await client.AskAsync("""{"id":2,"subscribe":{"channel":"public.x"}}"""), Is.EqualTo("""{"id":2,"subscribe":{}}"""));
        }
    }

    private Task<RunningAnswer> LockAsync(string agent, string token) => Broker.PostAsync("/api/lock", $$"""{"channel":"agent.{{agent}}.x"}""", token);
}
