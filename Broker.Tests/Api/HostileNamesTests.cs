using System.Text.Json;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Api;

/// <summary>Names that are built to reach what belongs to somebody else, or to look as if they did.</summary>
public sealed class HostileNamesTests : RunningBrokerTests
{
    private static readonly string[] Channels =
    [
        "agent.bob.x", "agent.alice:bob.x", "agent.app:tool.x", "app:tool.x", "app.alice.x", "agent:alice.x", "locked:agent.alice.x",
        "agent.*.x", "agent.alic?.x", "agent.[a]lice.x", "agent.{alice}.x",
        "agent.alice\n.x", "agent.bob\r\n.x", "agent.alice\0.x", "agent.alice\t.x", "agent. alice.x", "agent.alice .x",
        "agent.\u0430lice.x", "agent.al\u0131ce.x", "agent.\uFF41lice.x", "agent.alice\u200B.x", "agent.\u202Eecila.x", "agent.ALICE.x", "Agent.alice.x",
        "agent..x", "agent.alice", "agent", "agent.", ".", "..", "agent.alice/../bob.x",
        "public.x", "system.timer.second", "app.alice.agent", "app.alice.agent.bob", "claw.alice.x", "alice:x", ":alice", "$agent.alice.x",
    ];

    private static readonly string[] Actions = ["/api/lock", "/api/unlock", "/api/grant", "/api/revoke", "/api/advertise"];

    private static readonly string[] Usernames =
    [
        "anonymous", "app:tool", "ali:ce", "ali.ce", "*", "a*", "a\nb", "a\0b", "\u0430lice", "ali\u200Bce", "a/b", "a b", "a\"b", "a\\b", "{alice}", new('a', 65),
    ];

    [Test]
    public async Task No_other_name_than_ones_own_can_be_acted_on()
    {
        var token = await Broker.RegisterAsync("alice");
        using (Assert.EnterMultipleScope())
        {
            foreach (var channel in Channels)
            {
                foreach (var action in Actions)
                {
                    var answer = await Broker.PostAsync(action, $$"""{"channel":{{JsonSerializer.Serialize(channel)}},"target":"bob"}""", token);
                    Assert.That(answer.Status, Is.EqualTo(400).Or.EqualTo(403), $"{action} {channel}: {answer.Body}");
                    Assert.That(answer.Body, Does.StartWith("{\"error\":\""), $"{action} {channel}");
                }
            }
        }

        await AssertNothingKeptAsync();
    }

    [TestCaseSource(nameof(Usernames))]
    public async Task No_such_agent_gets_a_token(string username)
    {
        var answer = await Broker.PostAsync("/auth/dev-register", $$"""{"username":{{JsonSerializer.Serialize(username)}}}""");

        Assert.That((answer.Status, answer.Body[..27]), Is.EqualTo((400, """{"error":"invalid username:""")));
    }

    [TestCase("/api/locks/*")]
    [TestCase("/api/profile/*")]
    [TestCase("/api/advertise/*")]
    [TestCase("/api/advertise/%2A")]
    [TestCase("/api/profile/ali%3Fe")]
    [TestCase("/api/profile/%5Ba%5Dlice")]
    [TestCase("/api/profile/alice%3Ax")]
    [TestCase("/api/profile/alice%0A")]
    public async Task A_name_in_a_path_is_no_pattern(string path)
    {
        var token = await Broker.RegisterAsync("alice");
        await Broker.PostAsync("/api/advertise", """{"channel":"agent.alice.x"}""", token);
        await Broker.PostAsync("/api/lock", """{"channel":"agent.alice.x"}""", token);

        var answer = await Broker.SendAsync(HttpMethod.Get, path, null);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(answer.Status, Is.EqualTo(200));
            Assert.That(answer.Body, Does.Contain("\"count\":0"));
        }
    }

    private async Task AssertNothingKeptAsync()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That((await Broker.SendAsync(HttpMethod.Get, "/api/advertise/list", null)).Body, Does.Contain("\"total\":0"));
            foreach (var owner in new[] { "alice", "bob", "tool", "app:tool", "app:alice", "*" })
            {
                Assert.That((await Broker.SendAsync(HttpMethod.Get, $"/api/locks/{owner}", null)).Body, Does.Contain("\"count\":0"), owner);
            }
        }
    }
}
