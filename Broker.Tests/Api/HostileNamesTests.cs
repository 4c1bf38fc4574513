using System.Text.Json;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Limits;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Api;

/// <summary>Names that are built to reach another's property, or to look as if they did.</summary>
[TestFixture(TestStore.Sqlite)]
[TestFixture(TestStore.Redis)]
public sealed class HostileNamesTests(TestStore store) : RunningBrokerTests(store)
{
    private const string Channel = "agent.alice.x";

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

    private protected override BrokerOptions Change(BrokerOptions options) => options with { Addresses = new() { SignIns = BucketRule.Unlimited } };

    [Test]
    public async Task Actions_on_other_names_than_ones_own_are_refused()
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

    [Test]
    public async Task A_hostile_agent_name_gets_no_token_and_no_login()
    {
        using (Assert.EnterMultipleScope())
        {
            foreach (var username in Usernames)
            {
                foreach (var path in new[] { "/auth/dev-register", "/auth/init", "/auth/verify", "/auth/agent/init", "/auth/agent/verify" })
                {
                    Assert.That(
                        await Broker.PostAsync(path, $$"""{"username":{{JsonSerializer.Serialize(username)}}}"""),
                        Is.EqualTo(RunningAnswer.Error(400, "invalid username: 1 to 64 letters, digits or any of _ - @ # +, and not 'anonymous'")),
                        $"{path} {username}");
                }
            }

            await AssertKeysAsync();
        }
    }

    [Test]
    public async Task A_hostile_app_name_cannot_be_created_shown_or_changed()
    {
        var token = await Broker.RegisterAsync("alice");
        var names = new[] { "a:b:c", "app:tool", "too*", "t??l", "[t]ool", "to\nol", "t\u043e\u043el", "tool\u200b", "to.ol", "../tool", "tool/x", new string('a', 33) };
        await Broker.PostAsync("/api/apps", """{"name":"tool"}""", token);
        using (Assert.EnterMultipleScope())
        {
            foreach (var name in names)
            {
                Assert.That(
                    await Broker.PostAsync("/api/apps", $$"""{"name":{{JsonSerializer.Serialize(name)}}}""", token),
                    Is.EqualTo(RunningAnswer.Error(400, "invalid app name. must be 3-32 alphanumeric characters or underscores, no dots")),
                    name);
                foreach (var (method, path) in new[] { (HttpMethod.Get, ""), (HttpMethod.Post, "/rotate"), (HttpMethod.Delete, "") })
                {
                    Assert.That(
                        await Broker.SendAsync(method, $"/api/apps/{Uri.EscapeDataString(name)}{path}", null, ("Authorization", $"Bearer {token}")),
                        Is.EqualTo(RunningAnswer.Error(404, "app not found")),
                        $"{method} {name}");
                }
            }

            await AssertKeysAsync("apikey:alice", "app:tool", "app_key:tool", "owner_apps:alice");
        }
    }

    [TestCase("*")]
    [TestCase("b*")]
    [TestCase("b?b")]
    [TestCase("[b]ob")]
    [TestCase("bob:x")]
    [TestCase("bob\nx")]
    [TestCase("bob\0")]
    [TestCase("b\u043eb")]
    [TestCase("bob\u200b")]
    [TestCase("BOB")]
    [TestCase("app:bob")]
    [TestCase("locked:alice:x")]
    public async Task A_grant_is_for_its_exact_target_only(string target)
    {
        var token = await Broker.RegisterAsync("alice");
        await Broker.PostAsync("/api/lock", $$"""{"channel":"{{Channel}}"}""", token);

        Assert.That((await Broker.PostAsync("/api/grant", $$"""{"channel":"{{Channel}}","target":{{JsonSerializer.Serialize(target)}}}""", token)).Status, Is.EqualTo(200));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await MaySubscribeAsync(target), Is.True);
            Assert.That(await MaySubscribeAsync("bob"), Is.False);
            Assert.That(await MaySubscribeAsync(""), Is.False);
            await AssertKeysAsync("apikey:alice", "clawevents:locks:agent.alice", "locked:alice:x", "perm:alice:x");
        }
    }

    [TestCase("/api/locks/*")]
    [TestCase("/api/profile/*")]
    [TestCase("/api/advertise/*")]
    [TestCase("/api/advertise/%2A")]
    [TestCase("/api/profile/ali%3Fe")]
    [TestCase("/api/profile/%5Ba%5Dlice")]
    [TestCase("/api/profile/alice%3Ax")]
    [TestCase("/api/profile/alice%0A")]
    public async Task A_name_in_a_path_is_not_a_pattern(string path)
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

    private async Task<bool> MaySubscribeAsync(string user)
    {
        var answer = await Broker.PostAsync("/proxy/subscribe", $$"""{"channel":"{{Channel}}","user":{{JsonSerializer.Serialize(user)}}}""");
        return answer.Body == """{"result":{}}""";
    }

    // Keys in Redis besides those that the broker stores itself: timers publish, too, and are counted within a second.
    private async Task AssertKeysAsync(params string[] expected)
    {
        if (Database is not null)
        {
            Assert.That((await Database.ListAsync()).Where(key => !IsAlwaysThere(key)), Is.EqualTo(expected));
        }
    }

    private static bool IsAlwaysThere(string key) =>
        key is "clawevents:scanned" or "clawevents:grants" or "stats:total_messages" || key.StartsWith("stats:messages_per_min:", StringComparison.Ordinal);

    private async Task AssertNothingKeptAsync()
    {
        await AssertKeysAsync("apikey:alice");
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
