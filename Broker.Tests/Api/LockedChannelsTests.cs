using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Api;

/// <summary>The list of an agent's locked channels, read without a token.</summary>
public sealed class LockedChannelsTests : RunningBrokerTests
{
    [Test]
    public async Task An_agents_locked_channels_are_listed_in_order()
    {
        await LockAsync("alice", "b", "a.c", "gone");
        await LockAsync("bob", "x");
        await PostAsync("/api/unlock", "alice", "gone");

        Assert.That(await GetAsync("alice"), Is.EqualTo(RunningAnswer.Json(
            200, """{"ok":true,"agent":"alice","lockedChannels":["agent.alice.a.c","agent.alice.b"],"count":2,"total":2}""")));
    }

    [TestCase("nobody", "nobody")]
    [TestCase("*", "*")]
    [TestCase("ali*", "ali*")]
    [TestCase("app:shop", "app:shop")]
    [TestCase("a%20b%22", "a b\\\"")]
    public async Task An_agent_without_locks_has_an_empty_list(string path, string agent)
    {
        await LockAsync("alice", "a");

        Assert.That(await GetAsync(path), Is.EqualTo(RunningAnswer.Json(
            200, $$"""{"ok":true,"agent":"{{agent}}","lockedChannels":[],"count":0,"total":0}""")));
    }

    [Test]
    public async Task A_long_list_comes_in_pages()
    {
        await LockAsync("alice", "a", "b", "c", "d");

        Assert.That(await GetAsync("alice?offset=1&limit=2"), Is.EqualTo(RunningAnswer.Json(
            200, """{"ok":true,"agent":"alice","lockedChannels":["agent.alice.b","agent.alice.c"],"count":2,"total":4}""")));
        Assert.That(await GetAsync("alice?limit=1001"), Is.EqualTo(RunningAnswer.Error(400, "offset must be a number from 0, and limit a number from 1 to 1000")));
    }

    [Test]
    public async Task A_path_without_an_agent_is_not_found() => Assert.That(await GetAsync(""), Is.EqualTo(RunningAnswer.NotFound));

    private Task<RunningAnswer> GetAsync(string agent) => Broker.SendAsync(HttpMethod.Get, $"/api/locks/{agent}", null);

    private async Task LockAsync(string agent, params string[] topics)
    {
        foreach (var topic in topics)
        {
            await PostAsync("/api/lock", agent, topic);
        }
    }

    private async Task PostAsync(string path, string agent, string topic)
    {
        var answer = await Broker.PostAsync(path, $$"""{"channel":"agent.{{agent}}.{{topic}}"}""", await Broker.RegisterAsync(agent));
        Assert.That(answer.Status, Is.EqualTo(200));
    }
}
