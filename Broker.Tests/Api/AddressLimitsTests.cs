using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Api;

/// <summary>The costs of one address and one owner are bounded, over all its connections.</summary>
public sealed class AddressLimitsTests : RunningBrokerTests
{
    private protected override BrokerOptions Change(BrokerOptions options) => options with
    {
        Addresses = new() { SignIns = new(0.1, 3), AccessRequests = new(0.1, 3), Searches = new(0.1, 3), AnonymousPublishes = new(0.1, 20) },
        Api = options.Api with { MaxGrants = 3 },
    };

    [TestCase("/auth/init")]
    [TestCase("/auth/verify")]
    [TestCase("/auth/agent/init")]
    [TestCase("/auth/agent/verify")]
    public async Task Sign_ins_of_one_address_are_limited(string path)
    {
        for (var i = 0; i < 3; i++)
        {
            Assert.That((await Broker.PostAsync(path, "{\"username\":\"alice\"}")).Status, Is.Not.EqualTo(429));
        }

        var refused = await Broker.PostAsync(path, "{\"username\":\"alice\"}");

        Assert.That(refused.Status, Is.EqualTo(429));
        Assert.That(refused.Body, Does.StartWith("{\"error\":\"too many sign-ins from this address\",\"retry_after\":"));
    }

    [Test]
    public async Task Searches_and_lists_of_one_address_are_limited()
    {
        var statuses = new List<int>();
        foreach (var path in new[] { "/api/advertise/search?q=a", "/api/advertise/list", "/api/profile/alice", "/api/advertise/alice" })
        {
            statuses.Add((await Broker.SendAsync(HttpMethod.Get, path, null)).Status);
        }

        Assert.That(statuses, Is.EqualTo(new[] { 200, 200, 200, 429 }));
    }

    [Test]
    public async Task A_search_for_a_long_text_is_refused()
    {
        Assert.That(
            await Broker.SendAsync(HttpMethod.Get, $"/api/advertise/search?q={new string('a', 101)}", null),
            Is.EqualTo(RunningAnswer.Error(400, "search query too long (max 100 characters)")));
    }

    [Test]
    public async Task Access_requests_of_one_address_are_limited_over_all_its_agents()
    {
        var alice = await Broker.RegisterAsync("alice");
        await Broker.PostAsync("/api/lock", "{\"channel\":\"agent.alice.x\"}", alice);
        var statuses = new List<int>();
        for (var i = 0; i < 4; i++)
        {
            statuses.Add((await Broker.PostAsync("/api/request", "{\"channel\":\"agent.alice.x\"}", await Broker.RegisterAsync($"agent{i}"))).Status);
        }

        Assert.That(statuses, Is.EqualTo(new[] { 200, 200, 200, 429 }));
    }

    [Test]
    public async Task Anonymous_publishes_of_one_address_are_limited_over_all_its_connections()
    {
        var published = 0;
        for (var connection = 0; connection < 10; connection++)
        {
            await using var client = await Broker.ConnectAsync();
            for (var i = 0; i < 5; i++)
            {
                published += await client.AskAsync("{\"id\":2,\"publish\":{\"channel\":\"public.a\",\"data\":1}}") == "{\"id\":2,\"publish\":{}}" ? 1 : 0;
            }
        }

        Assert.That(published, Is.EqualTo(20));
    }

    [Test]
    public async Task Grants_of_one_owner_are_limited_over_all_its_channels()
    {
        var alice = await Broker.RegisterAsync("alice");
        var answers = new List<RunningAnswer>();
        for (var i = 0; i < 4; i++)
        {
            answers.Add(await Broker.PostAsync("/api/grant", $$"""{"channel":"agent.alice.{{i}}","target":"bob"}""", alice));
        }

        await Broker.PostAsync("/api/revoke", "{\"channel\":\"agent.alice.0\",\"target\":\"bob\"}", alice);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(answers.Select(answer => answer.Status), Is.EqualTo(new[] { 200, 200, 200, 403 }));
            Assert.That(answers[^1], Is.EqualTo(RunningAnswer.Error(403, "too many grants of this owner (max 3): revoke others first")));
            Assert.That((await Broker.PostAsync("/api/grant", "{\"channel\":\"agent.alice.3\",\"target\":\"bob\"}", alice)).Status, Is.EqualTo(200));
        }
    }
}
