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
            200, """{"ok":true,"revoked":true,"username":"alice","hint":"API key revoked. Register again to get a new one."}""")));
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

    private Task<RunningAnswer> LockAsync(string agent, string token) => Broker.PostAsync("/api/lock", $$"""{"channel":"agent.{{agent}}.x"}""", token);
}
