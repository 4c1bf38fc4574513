using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.Cli;

/// <summary>The request of each command and its reaction to the answer, against a server with scripted answers.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class CommandRequestTests : IDisposable
{
    private readonly CliHome _home = new();

    public void Dispose() => _home.Dispose();

    [TestCase("lock|agent.a.x", "POST", "/api/lock", """{"channel":"agent.a.x"}""", "Channel locked: agent.a.x")]
    [TestCase("unlock|agent.a.x", "POST", "/api/unlock", """{"channel":"agent.a.x"}""", "Channel unlocked: agent.a.x")]
    [TestCase("grant|bob|agent.a.x", "POST", "/api/grant", """{"target":"bob","channel":"agent.a.x"}""", "Granted bob subscription access to agent.a.x")]
    [TestCase("revoke|bob|agent.a.x", "POST", "/api/revoke", """{"target":"bob","channel":"agent.a.x"}""", "Revoked bob's subscription access to agent.a.x")]
    [TestCase("request|agent.a.x", "POST", "/api/request", """{"channel":"agent.a.x","reason":"Requesting access"}""", "Access request sent for agent.a.x")]
    [TestCase("request|agent.a.x|let|me in", "POST", "/api/request", """{"channel":"agent.a.x","reason":"let me in"}""", "Access request sent for agent.a.x")]
    [TestCase("advertise|set|-c|agent.a.x|-d|about|-s|{\"type\":\"object\"}", "POST", "/api/advertise", """{"channel":"agent.a.x","description":"about","schema":{"type":"object"}}""", "Advertisement set for channel: agent.a.x")]
    [TestCase("advertise|set|--channel|agent.a.x|--schema|no json", "POST", "/api/advertise", """{"channel":"agent.a.x","schema":"no json"}""", "Advertisement set for channel: agent.a.x")]
    [TestCase("advertise|delete|agent.a.x", "DELETE", "/api/advertise", """{"channel":"agent.a.x"}""", "Advertisement removed for channel: agent.a.x")]
    [TestCase("advertise|remove|agent.a.x", "DELETE", "/api/advertise", """{"channel":"agent.a.x"}""", "Advertisement removed for channel: agent.a.x")]
    [TestCase("advertise|rm|agent.a.x", "DELETE", "/api/advertise", """{"channel":"agent.a.x"}""", "Advertisement removed for channel: agent.a.x")]
    [TestCase("app|create|weather", "POST", "/api/apps", """{"name":"weather"}""", "App 'weather' created successfully")]
    [TestCase("apps|create|weather", "POST", "/api/apps", """{"name":"weather"}""", "App 'weather' created successfully")]
    [TestCase("app|list", "GET", "/api/apps", "", "No apps found")]
    [TestCase("app|ls", "GET", "/api/apps", "", "No apps found")]
    [TestCase("app|show|weather", "GET", "/api/apps/weather", "", "App details for: weather")]
    [TestCase("app|get|weather", "GET", "/api/apps/weather", "", "App details for: weather")]
    [TestCase("app|info|weather", "GET", "/api/apps/weather", "", "App details for: weather")]
    [TestCase("app|rotate|weather", "POST", "/api/apps/weather/rotate", "", "App key rotated for: weather")]
    [TestCase("app|rotate-key|weather", "POST", "/api/apps/weather/rotate", "", "App key rotated for: weather")]
    [TestCase("app|delete|weather", "DELETE", "/api/apps/weather", "", "App 'weather' deleted successfully")]
    [TestCase("app|rm|weather", "DELETE", "/api/apps/weather", "", "App 'weather' deleted successfully")]
    [TestCase("app|remove|weather", "DELETE", "/api/apps/weather", "", "App 'weather' deleted successfully")]
    [TestCase("webhook|add|agent.a.x|https://a.example", "POST", "/api/webhooks", """{"channel":"agent.a.x","url":"https://a.example"}""", "Webhook added for agent.a.x")]
    [TestCase("webhooks|create|agent.a.x|https://a.example", "POST", "/api/webhooks", """{"channel":"agent.a.x","url":"https://a.example"}""", "Webhook added for agent.a.x")]
    [TestCase("webhook|list", "GET", "/api/webhooks", "", "No webhooks found")]
    [TestCase("webhook|ls", "GET", "/api/webhooks", "", "No webhooks found")]
    [TestCase("webhook|show|w", "GET", "/api/webhooks/w", "", "Webhook details for: w")]
    [TestCase("webhook|get|a/../b", "GET", "/api/webhooks/a%2F..%2Fb", "", "Webhook details for: a/../b")]
    [TestCase("webhook|rotate|w", "POST", "/api/webhooks/w/rotate", "", "Webhook secret rotated for: w")]
    [TestCase("webhook|resume|w", "POST", "/api/webhooks/w/resume", "", "Webhook resumed: w")]
    [TestCase("webhook|remove|w", "DELETE", "/api/webhooks/w", "", "Webhook removed: w")]
    [TestCase("webhook|rm|w", "DELETE", "/api/webhooks/w", "", "Webhook removed: w")]
    [TestCase("webhook|delete|w", "DELETE", "/api/webhooks/w", "", "Webhook removed: w")]
    [CancelAfter(20_000)]
    public async Task A_command_that_needs_a_token_sends_it(string line, string method, string path, string body, string message)
    {
        await using var server = await CliServerDouble.StartAsync();

        var result = await RunAsync(server, ["--token", "tok", .. line.Split('|')]);

        Assert.That(server.Requests, Is.EqualTo([new CliRequest(method, path, "Bearer tok", body)]));
        Assert.That((result.ExitCode, result.Error), Is.EqualTo((0, "")));
        Assert.That(result.Output, Does.StartWith($"\n✓ {message}\n"));
    }

    [TestCase("locks|bob", "/api/locks/bob", "No locked channels found for bob")]
    [TestCase("locks", "/api/locks/alice", "No locked channels found for alice")]
    [TestCase("advertise|list", "/api/advertise/list", "All Channels: 26")]
    [TestCase("advertise|ls", "/api/advertise/list", "All Channels: 26")]
    [TestCase("advertise|list|bob", "/api/profile/bob", "No advertised channels for agent: bob")]
    [TestCase("advertise|list|b/../b", "/api/profile/b%2F..%2Fb", "No advertised channels for agent: b/../b")]
    [TestCase("advertise|search|two words", "/api/advertise/search?q=two%20words&limit=20", "No channels found matching \"two words\"")]
    [TestCase("advertise|find|x&y|-l|5", "/api/advertise/search?q=x%26y&limit=5", "No channels found matching \"x&y\"")]
    [TestCase("advertise|show|agent.bob.a.b", "/api/advertise/bob/a.b", "Advertisement details for: agent.bob.a.b")]
    [TestCase("advertise|get|agent.bob.x", "/api/advertise/bob/x", "Advertisement details for: agent.bob.x")]
    [TestCase("advertise|view|app.weather.x", "/api/advertise/app%3Aweather/x", "Advertisement details for: app.weather.x")]
    [CancelAfter(20_000)]
    public async Task A_command_that_only_reads_sends_no_token(string line, string target, string message)
    {
        _home.WriteConfig("""{"username":"alice","token":"t"}""");
        await using var server = await CliServerDouble.StartAsync();

        var result = await RunAsync(server, line.Split('|'));

        Assert.That(server.Requests, Is.EqualTo([new CliRequest("GET", server.Requests[0].Path, "", "")]));
        Assert.That(server.Targets, Is.EqualTo([target]));
        Assert.That((result.ExitCode, result.Error), Is.EqualTo((0, "")));
        Assert.That(result.Output, Does.StartWith($"\n✓ {message}\n"));
    }

    [Test, CancelAfter(20_000)]
    public async Task Locks_without_a_name_uses_the_token_of_this_call()
    {
        _home.WriteConfig("""{"username":"alice","token":"t"}""");
        await using var server = await CliServerDouble.StartAsync();

        await RunAsync(server, "locks", "--token", TestToken.Of("""{"sub":"carol"}"""));

        Assert.That(server.Requests.Single().Path, Is.EqualTo("/api/locks/carol"));
    }

    [Test, CancelAfter(20_000)]
    public async Task A_list_in_pages_is_shown_whole()
    {
        await using var server = await CliServerDouble.StartAsync();
        server.Answer = _ => (200, server.Targets.Count switch
        {
            1 => """{"total":3,"channels":[{"channel":"agent.a.1","agent":"a"},{"channel":"agent.b.1","agent":"b"}]}""",
            _ => """{"total":3,"channels":[{"channel":"agent.a.2","agent":"a"}]}""",
        });

        var result = await RunAsync(server, "advertise", "list", "--json");

        Assert.That(server.Targets, Is.EqualTo(["/api/advertise/list", "/api/advertise/list?offset=2&limit=1000"]));
        Assert.That(result.Output, Does.Contain("\"message\": \"All Channels: 29\"").And.Contain("agent.a.2"));
        Assert.That(result.Output.Split("\"a\": [").Length, Is.EqualTo(2), "one list for each agent");
    }

    [Test, CancelAfter(20_000)]
    public async Task A_list_shorter_than_its_total_ends_the_paging()
    {
        await using var server = await CliServerDouble.StartAsync();
        server.Answer = _ => (200, """{"total":3,"channels":[]}""");

        var result = await RunAsync(server, "advertise", "list", "bob");

        Assert.That((result.ExitCode, server.Requests.Count), Is.EqualTo((0, 1)));
    }

    [Test, CancelAfter(20_000)]
    public async Task The_stored_advertisement_is_shown_as_it_is()
    {
        await using var server = await CliServerDouble.StartAsync();
        server.Answer = _ => (200, """{"ok":true,"data":{"channel":"agent.a.x","description":"about","schema":null,"updatedAt":17}}""");

        var result = await RunAsync(server, "-t", "tok", "advertise", "set", "-c", "agent.a.x", "-d", "about");

        Assert.That(result.Output, Does.Contain("• channel     : agent.a.x\n• description : about\n• schema      : null\n• updatedAt   : 17\n"));
    }

    [Test, CancelAfter(20_000)]
    public async Task A_new_app_shows_its_key_because_it_was_asked_for()
    {
        await using var server = await CliServerDouble.StartAsync();
        server.Answer = _ => (200, """{"ok":true,"app":{"name":"weather","createdAt":17,"owner":"alice"},"key":"the-key","hint":"Store it"}""");

        var result = await RunAsync(server, "-t", "tok", "app", "create", "weather", "--json");

        Assert.That(result.Output, Does.StartWith("""
            {
              "status": "success",
              "message": "App 'weather' created successfully",
              "data": {
                "app": {
                  "name": "weather",
                  "createdAt": 17,
                  "owner": "alice"
                },
                "key": "the-key",
                "hint": "Store it",
                "namespace": "app.weather.*",
                "principal": "app:weather"
              },
            """));
    }

    [TestCase("app|create|weather", 409, "App name 'weather' already exists")]
    [TestCase("app|create|a.b", 400, "Invalid app name: no")]
    [TestCase("app|create|weather", 503, "Failed to create app: no")]
    [TestCase("app|list", 503, "Failed to list apps: no")]
    [TestCase("app|show|weather", 404, "App 'weather' not found")]
    [TestCase("app|show|weather", 403, "Not authorized to view this app")]
    [TestCase("app|rotate|weather", 404, "App 'weather' not found")]
    [TestCase("app|rotate|weather", 403, "Not authorized to rotate this app's key")]
    [TestCase("app|delete|weather", 404, "App 'weather' not found")]
    [TestCase("app|delete|weather", 403, "Not authorized to delete this app")]
    [TestCase("advertise|show|agent.a.x", 404, "No advertisement found for channel: agent.a.x")]
    [TestCase("advertise|set|-c|agent.a.x", 413, "Failed to set advertisement: no")]
    [TestCase("advertise|delete|agent.a.x", 403, "Failed to delete advertisement: no")]
    [TestCase("lock|agent.a.x", 403, "Failed to lock channel: no")]
    [TestCase("unlock|agent.a.x", 400, "Failed to unlock channel: no")]
    [TestCase("grant|b|agent.a.x", 403, "Failed to grant access: no")]
    [TestCase("revoke|b|agent.a.x", 403, "Failed to revoke access: no")]
    [TestCase("request|agent.a.x", 400, "Failed to send access request: no")]
    [TestCase("logout|--revoke", 503, "Failed to revoke the token: no")]
    [CancelAfter(20_000)]
    public async Task A_refusal_is_reported_with_the_commands_own_message(string line, int status, string error)
    {
        await using var server = await CliServerDouble.StartAsync();
        server.Answer = _ => (status, """{"error":"no"}""");

        var result = await RunAsync(server, ["-t", "tok", .. line.Split('|')]);

        Assert.That((result.ExitCode, result.Output), Is.EqualTo((1, "")));
        Assert.That(result.Error, Does.StartWith($"✗ Error: {error}\nHow to fix:\n  → "));
    }

    private Task<CliResult> RunAsync(CliServerDouble server, params string[] arguments) =>
        CliRun.RunAsync(_home, ["--server", server.Url, .. arguments]);
}
