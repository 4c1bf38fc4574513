using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Api.Admin;

/// <summary><c>GET /api/connections</c>.</summary>
public sealed class ConnectionsTests : RunningBrokerTests
{
    [Test]
    public async Task A_connection_is_described()
    {
        var alice = await Broker.ConnectAsync(await Broker.RegisterAsync("alice"));
        await alice.SubscribeAsync("public.a");

        var answer = await Broker.AskAsOperatorAsync("/api/connections?user=alice");

        var connection = answer.GetProperty("connections")[0];
        string TextOf(string name) => connection.GetProperty(name).GetString()!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(answer.GetProperty("total").GetInt32(), Is.EqualTo(1));
            Assert.That((TextOf("user"), TextOf("transport"), TextOf("protocol"), TextOf("address")), Is.EqualTo(("alice", "websocket", "json", "local")));
            Assert.That(Guid.TryParse(TextOf("client"), out _), Is.True);
            Assert.That(connection.GetProperty("expiresInSeconds").GetInt64(), Is.InRange(600_000, 604_800));
            Assert.That(connection.GetProperty("channels").ToString(), Is.EqualTo("""["public.a"]"""));
            Assert.That(TextOf("node"), Is.EqualTo(answer.GetProperty("nodes")[0].GetProperty("id").GetString()));
        }
    }

    [Test]
    public async Task They_are_found_by_user_by_channel_and_by_id()
    {
        var (alice, bob, nobody) = (await Broker.ConnectAsync(await Broker.RegisterAsync("alice")), await Broker.ConnectAsync(await Broker.RegisterAsync("bob")), await Broker.ConnectAsync());
        await alice.SubscribeAsync("public.a");
        await nobody.SubscribeAsync("public.a");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await UsersOfAsync(""), Is.EqualTo(new[] { "", "alice", "bob" }));
            Assert.That(await UsersOfAsync("user=bob"), Is.EqualTo(new[] { "bob" }));
            Assert.That(await UsersOfAsync("user="), Is.EqualTo(new[] { "" }));
            Assert.That(await UsersOfAsync("channel=public.a"), Is.EqualTo(new[] { "", "alice" }));
            Assert.That(await UsersOfAsync("channel=public.a&user=bob"), Is.Empty);
            Assert.That(await UsersOfAsync($"client={await ClientOfAsync("bob")}"), Is.EqualTo(new[] { "bob" }));
            Assert.That(await UsersOfAsync("client=none"), Is.Empty);
        }

        await bob.DisposeAsync();
    }

    [Test]
    public async Task The_newest_come_first_and_the_limit_counts()
    {
        foreach (var user in new[] { "alice", "bob", "carol" })
        {
            await Broker.ConnectAsync(await Broker.RegisterAsync(user));
        }

        var answer = await Broker.AskAsOperatorAsync("/api/connections?limit=1");

        Assert.That(answer.GetProperty("connections").EnumerateArray().Select(connection => connection.GetProperty("user").GetString()), Is.EqualTo(new[] { "carol" }));
        Assert.That(answer.GetProperty("total").GetInt32(), Is.EqualTo(3));
    }

    [TestCase("limit=0")]
    [TestCase("limit=201")]
    [TestCase("limit=x")]
    public async Task A_wrong_limit_is_refused(string query) =>
        Assert.That(await Broker.SendAsOperatorAsync(HttpMethod.Get, $"/api/connections?{query}"), Is.EqualTo(RunningAnswer.Error(400, "limit must be a number from 1 to 200")));

    [TestCase("/api/connections")]
    [TestCase("/api/access?channel=agent.alice.a")]
    [TestCase("/api/rates")]
    [TestCase("/api/warnings")]
    [TestCase("/api/settings")]
    [TestCase("/api/trace?user=alice")]
    public async Task Nobody_asks_without_the_key(string path)
    {
        var token = await Broker.RegisterAsync("alice");

        Assert.That((await Broker.SendAsync(HttpMethod.Get, path, null, ("Authorization", $"Bearer {token}"))).Status, Is.EqualTo(401));
        Assert.That((await Broker.SendAsync(HttpMethod.Get, path, null, ("X-API-Key", "wrong"))).Status, Is.EqualTo(401));
    }

    private async Task<string[]> UsersOfAsync(string query) =>
        [.. (await Broker.AskAsOperatorAsync($"/api/connections?{query}")).GetProperty("connections").EnumerateArray().Select(connection => connection.GetProperty("user").GetString()!).Order(StringComparer.Ordinal)];

    private async Task<string> ClientOfAsync(string user) =>
        (await Broker.AskAsOperatorAsync($"/api/connections?user={user}")).GetProperty("connections")[0].GetProperty("client").GetString()!;
}
