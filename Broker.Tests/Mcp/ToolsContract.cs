using System.Text.Json;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support.Servers;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace ClawEvents.Broker.Tests.Mcp;

/// <summary>The tools for agents, called by the client of the official SDK.</summary>
public abstract class ToolsContract : RunningBrokerTests
{
    private protected override BrokerOptions Change(BrokerOptions options) => options with
    {
        Namespaces = new ChannelNamespaces(
            new Dictionary<string, ChannelOptions> { ["kept"] = new() { Subscribe = new(true, true, true), Publish = new(true, true, true), HistorySize = 20, HistoryTtl = TimeSpan.FromMinutes(1), ReadHistory = new(true, true, true), ForceRecovery = true } }, null),
    };

    private protected string? Token { get; set; }

    /// <summary>Connects an agent with <see cref="Token"/>.</summary>
    private protected abstract Task<McpClient> ConnectAsync();

    [Test]
    public async Task An_agent_waits_for_a_message_and_answers_it()
    {
        var bob = await Broker.RegisterAsync("bob");
        Token = await Broker.RegisterAsync("alice");
        await using var alice = await ConnectAsync();

        var waiting = CallAsync(alice, "wait_for_messages", """{"channel":"public.help","timeoutSeconds":20}""");
        await Support.Eventually.IsTrueAsync(async () => (await Broker.AskAsOperatorAsync("/api/channels", """{"pattern":"public.help"}""")).ToString().Contains("num_clients", StringComparison.Ordinal));
        await Broker.PostAsync("/api/publish", """{"channel":"public.help","payload":{"question":"6*7"}}""", bob);
        var heard = (await waiting).GetProperty("messages")[0];
        var listener = await Broker.ConnectAsync(bob);
        await listener.SubscribeAsync("agent.alice.answers");
        var said = await CallAsync(alice, "publish", """{"channel":"agent.alice.answers","payload":{"answer":42}}""");

        Assert.That((heard.GetProperty("sender").GetString(), heard.GetProperty("payload").ToString()), Is.EqualTo(("bob", """{"question":"6*7"}""")));
        Assert.That(said.GetProperty("ok").GetBoolean(), Is.True);
        Assert.That(await listener.ReadMessageAsync(), Does.Contain("\"sender\":\"alice\"").And.Contain("{\"answer\":42}"));
    }

    [Test]
    public async Task Nothing_is_missed_between_two_calls_where_the_channel_keeps_a_history()
    {
        await using var agent = await ConnectAsync();
        await Broker.PublishAsync("kept:a", "0");
        var position = (await CallAsync(agent, "read_history", """{"channel":"kept:a"}""")).GetProperty("position");
        for (var i = 1; i <= 5; i++)
        {
            await Broker.PublishAsync("kept:a", $"{i}");
        }

        var first = await CallAsync(agent, "wait_for_messages", $$"""{"channel":"kept:a","count":2,"since":{{position}}}""");
        var rest = await CallAsync(agent, "wait_for_messages", $$"""{"channel":"kept:a","count":3,"since":{{first.GetProperty("position")}}}""");
        var forgotten = await CallAsync(agent, "wait_for_messages", """{"channel":"kept:a","timeoutSeconds":1,"since":{"offset":1,"epoch":"another"}}""");

        Assert.That(PayloadsIn(first).Concat(PayloadsIn(rest)), Is.EqualTo(new[] { "1", "2", "3", "4", "5" }));
        Assert.That((first.GetProperty("lost").GetBoolean(), rest.GetProperty("timedOut").GetBoolean()), Is.EqualTo((false, false)));
        Assert.That((forgotten.GetProperty("lost").GetBoolean(), forgotten.GetProperty("timedOut").GetBoolean()), Is.EqualTo((true, true)));
    }

    [Test]
    public async Task The_history_is_read_newest_first()
    {
        await using var agent = await ConnectAsync();
        foreach (var i in Enumerable.Range(1, 3))
        {
            await Broker.PublishAsync("kept:a", $"{i}");
        }

        Assert.That(PayloadsIn(await CallAsync(agent, "read_history", """{"channel":"kept:a","limit":2}""")), Is.EqualTo(new[] { "3", "2" }));
    }

    [Test]
    public async Task An_owner_locks_grants_and_hears_requests()
    {
        var bob = await Broker.RegisterAsync("bob");
        Token = await Broker.RegisterAsync("alice");
        await using var alice = await ConnectAsync();
        Token = bob;
        await using var other = await ConnectAsync();

        await CallAsync(alice, "lock_channel", """{"channel":"agent.alice.x"}""");
        var refused = await FailAsync(other, "wait_for_messages", """{"channel":"agent.alice.x","timeoutSeconds":5}""");
        var explained = await CallAsync(other, "explain", """{"channel":"agent.alice.x","action":"subscribe"}""");
        var requested = await CallAsync(other, "request_access", """{"channel":"agent.alice.x","reason":"please"}""");
        await CallAsync(alice, "grant_access", """{"channel":"agent.alice.x","target":"bob"}""");
        var granted = await CallAsync(other, "explain", """{"channel":"agent.alice.x","action":"subscribe"}""");
        await CallAsync(alice, "revoke_access", """{"channel":"agent.alice.x","target":"bob"}""");
        await CallAsync(alice, "unlock_channel", """{"channel":"agent.alice.x"}""");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(refused, Does.Contain("request_access asks the owner"));
            Assert.That((explained.GetProperty("allowed").GetBoolean(), explained.GetProperty("rule").GetString()), Is.EqualTo((false, "locked")));
            Assert.That(requested.GetProperty("ok").GetBoolean(), Is.True);
            Assert.That(granted.GetProperty("allowed").GetBoolean(), Is.True);
        }
    }

    [Test]
    public async Task Channels_are_found_with_their_schemas_and_read_as_resources()
    {
        Token = await Broker.RegisterAsync("alice");
        await Broker.PostAsync("/api/advertise", """{"channel":"agent.alice.news","description":"What alice reads","schema":{"type":"object"}}""", Token);
        await using var agent = await ConnectAsync();

        var found = await CallAsync(agent, "find_channels", """{"query":"reads"}""");
        var listed = await agent.ListResourcesAsync();
        var read = await agent.ReadResourceAsync("claw://channel/agent.alice.news");
        var templates = await agent.ListResourceTemplatesAsync();

        Assert.That(found.ToString(), Does.Contain("agent.alice.news").And.Contain("\"schema\""));
        Assert.That(listed.Select(resource => resource.Name), Is.EqualTo(new[] { "agent.alice.news" }));
        Assert.That(((TextResourceContents)read.Contents[0]).Text, Does.Contain("What alice reads").And.Contain("\"schema\""));
        Assert.That(templates.Select(template => template.UriTemplate), Is.EqualTo(new[] { "claw://channel/{channel}" }));
    }

    [TestCase("publish", """{"channel":"agent.bob.x","payload":1}""", "403: ")]
    [TestCase("publish", """{"channel":"public.a"}""", "payload is required")]
    [TestCase("publish", """{"payload":1}""", "channel is required")]
    [TestCase("publish", """{"channel":7,"payload":1}""", "channel must be text")]
    [TestCase("wait_for_messages", """{"channel":"public.a","count":0}""", "count must be a whole number from 1 to 100")]
    [TestCase("wait_for_messages", """{"channel":"public.a","since":7}""", "since must be the position")]
    [TestCase("wait_for_messages", """{"channel":"nowhere:a","timeoutSeconds":5}""", "explain tells what decides")]
    [TestCase("read_history", """{"channel":"public.a"}""", "108: ")]
    [TestCase("find_channels", """{"query":"a","agent":"b"}""", "query or agent")]
    [TestCase("find_channels", """{"limit":1000}""", "limit must be a whole number")]
    public async Task A_refusal_says_what_would_be_right(string tool, string arguments, string expected)
    {
        Token = await Broker.RegisterAsync("alice");
        await using var agent = await ConnectAsync();

        Assert.That(await FailAsync(agent, tool, arguments), Does.Contain(expected));
    }

    [Test]
    public async Task Without_a_token_open_channels_are_read_and_nothing_is_published()
    {
        await using var agent = await ConnectAsync();

        var waited = await CallAsync(agent, "wait_for_messages", """{"channel":"public.a","timeoutSeconds":1}""");

        Assert.That(waited.GetProperty("timedOut").GetBoolean(), Is.True);
        Assert.That(await FailAsync(agent, "publish", """{"channel":"public.a","payload":1}"""), Does.StartWith("401: "));
    }

    [Test]
    public async Task Every_tool_is_described()
    {
        await using var agent = await ConnectAsync();

        var tools = await agent.ListToolsAsync();

        Assert.That(tools.Select(tool => tool.Name), Is.EquivalentTo(new[]
        {
            "publish", "wait_for_messages", "read_history", "find_channels", "explain", "lock_channel", "unlock_channel", "grant_access", "revoke_access", "request_access",
        }));
        Assert.That(tools.Select(tool => tool.Description), Has.All.Length.GreaterThan(40));
    }

    [Test]
    public async Task An_unknown_tool_or_resource_is_an_error()
    {
        await using var agent = await ConnectAsync();

        Assert.That(await FailAsync(agent, "dance", "{}"), Does.StartWith("there is no such tool; there are publish, "));
        Assert.That(async () => await agent.ReadResourceAsync("file:///etc/passwd"), Throws.InstanceOf<McpException>());
    }

    private protected static async Task<JsonElement> CallAsync(McpClient agent, string tool, string arguments)
    {
        var result = await CallAnyAsync(agent, tool, arguments);
        Assert.That(result.IsError, Is.Not.True, TextOf(result));
        return JsonElement.Parse(TextOf(result));
    }

    private static async Task<string> FailAsync(McpClient agent, string tool, string arguments)
    {
        var result = await CallAnyAsync(agent, tool, arguments);
        Assert.That(result.IsError, Is.True, TextOf(result));
        return TextOf(result);
    }

    private static async Task<CallToolResult> CallAnyAsync(McpClient agent, string tool, string arguments) =>
        await agent.CallToolAsync(tool, JsonElement.Parse(arguments).EnumerateObject().ToDictionary(field => field.Name, field => (object?)field.Value));

    private static string TextOf(CallToolResult result) => ((TextContentBlock)result.Content[0]).Text;

    private static IEnumerable<string> PayloadsIn(JsonElement answer) => answer.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("payload").ToString());
}
