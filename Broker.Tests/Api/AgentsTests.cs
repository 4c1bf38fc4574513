using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Api;

public sealed class AgentsTests : RunningBrokerTests
{
    [Test]
    public async Task Agents_are_listed_when_they_have_published_not_when_they_have_registered()
    {
        var (carol, bob) = (await Broker.RegisterAsync("carol"), await Broker.RegisterAsync("bob"));
        await Broker.RegisterAsync("alice");
        var socket = await Broker.ConnectAsync(bob);
        await Broker.PostAsync("/api/publish", """{"channel":"public.x"}""", carol);
        await Broker.PostAsync("/api/publish", """{"channel":"agent.alice.x"}""", await Broker.RegisterAsync("refused"));
        await socket.AskAsync("""{"id":2,"publish":{"channel":"public.x","data":1}}""");

        Assert.That(await GetAsync("/agents"), Is.EqualTo(RunningAnswer.Json(200, """{"agents":["bob","carol"],"count":2,"total":2}""")));
    }

    [Test]
    public async Task An_agent_that_asks_for_access_is_listed()
    {
        var alice = await Broker.RegisterAsync("alice");
        await Broker.PostAsync("/api/lock", """{"channel":"agent.alice.x"}""", alice);

        await Broker.PostAsync("/api/request", """{"channel":"agent.alice.x"}""", await Broker.RegisterAsync("bob"));

        Assert.That((await GetAsync("/agents")).Body, Is.EqualTo("""{"agents":["bob"],"count":1,"total":1}"""));
    }

    [Test]
    public async Task The_list_comes_in_pages()
    {
        foreach (var name in new[] { "dave", "bob", "alice", "carol" })
        {
            await Broker.PostAsync("/api/publish", """{"channel":"public.x"}""", await Broker.RegisterAsync(name));
        }

        Assert.That((await GetAsync("/agents?offset=1&limit=2")).Body, Is.EqualTo("""{"agents":["bob","carol"],"count":2,"total":4}"""));
        Assert.That(
            await GetAsync("/agents?limit=0"),
            Is.EqualTo(RunningAnswer.Error(400, "offset must be a number from 0, and limit a number from 1 to 1000")));
    }

    [Test]
    public async Task The_page_of_figures_counts_messages_and_agents()
    {
        await Broker.PostAsync("/api/publish", """{"channel":"public.x"}""", await Broker.RegisterAsync("alice"));

        var page = await GetAsync("/stats");

        using (Assert.EnterMultipleScope())
        {
            Assert.That((page.Status, page.Type), Is.EqualTo((200, "text/html; charset=utf-8")));
            Assert.That(page.Body, Does.Contain("<dt>Agents</dt><dd>1</dd>"));
            Assert.That(page.Body, Does.Match("<dt>Messages</dt><dd>[1-9]"));
            Assert.That(page.Body, Does.Not.Contain("<script"));
        }
    }

    private Task<RunningAnswer> GetAsync(string path) => Broker.SendAsync(HttpMethod.Get, path, null);
}

/// <summary>The page of figures in production.</summary>
public sealed class StatsTests
{
    [TestCase(true, 200)]
    [TestCase(false, 404)]
    public async Task The_page_of_figures_exists_only_when_it_is_enabled(bool isOn, int status)
    {
        await using var broker = await RunningBroker.StartAsync(options => options with { Api = options.Api with { DevMode = false, ShowsStats = isOn } });

        Assert.That((await broker.SendAsync(HttpMethod.Get, "/stats", null)).Status, Is.EqualTo(status));
    }
}
