using System.Text;
using System.Text.Json;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>The log of the built program as JSON, at its most verbose level: what each event says, and that every line is one.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class LogEventsTests
{
    private const string ClientCategory = "ClawEvents.Broker.Connections.ClientConnection";
    private const string AccessCategory = "ClawEvents.Broker.Telemetry.AccessLog";
    private const string StartCategory = "ClawEvents.Broker.StartLog";
    private const string DrainCategory = "ClawEvents.Broker.Connections.Drain";

    private static readonly string Token = TestToken.Of($$"""{"sub":"alice","exp":{{DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds()}} }""");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("clawevents-events-");
    private readonly List<string> _lines = [];

    [TearDown]
    public void RemoveFolder() => _folder.Delete(recursive: true);

    [Test]
    public async Task A_session_of_a_client_is_events_with_its_connection_and_its_user()
    {
        var client = "";
        var events = await RunAsync(async (url, token) => client = await UseWebSocketAsync(url, token));

        var session = events.Where(one => one.Category == ClientCategory).ToList();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(session.Select(one => one.Message.Split(' ')[0]), Is.EqualTo(new[] { "Connected", "Subscribed", "Refused", "Unsubscribed", "Disconnecting", "Closed" }));
            Assert.That(session.Select(one => one.Level), Is.All.EqualTo("Debug"));
            Assert.That(session.Select(one => one["ConnectionId"]), Is.All.EqualTo(client));
            Assert.That(session.Select(one => one["User"]), Is.All.EqualTo("alice"));
            Assert.That(session[1]["Channel"], Is.EqualTo("agent.alice.news"));
            Assert.That(session[2]["Code"], Is.EqualTo("403"));
            Assert.That(session[^1]["Code"], Is.EqualTo("3501"));
        }
    }

    [Test]
    public async Task A_request_is_one_event_with_its_user_size_and_id_and_without_its_query()
    {
        var (client, answer) = ("", "");
        var events = await RunAsync(async (url, token) =>
        {
            client = await UseWebSocketAsync(url, token);
            answer = await PublishAsync(url, token);
        });

        var requests = events.Where(one => one.Category == AccessCategory).ToList();
        var (upgrade, publish) = (requests.Single(one => one["Status"] == "101"), requests.Single(one => one["Path"] == "/api/publish"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That((upgrade["Path"], upgrade["Id"], upgrade["User"]), Is.EqualTo(("/connection/websocket", client, "-")));
            Assert.That((publish["Method"], publish["Status"], publish["User"], publish["Remote"]), Is.EqualTo(("POST", "200", "alice", "127.0.0.1")));
            Assert.That(publish["Bytes"], Is.EqualTo($"{answer.Length}"));
            Assert.That(publish["Id"], Does.Match("^[0-9A-Z]+:0000000[0-9]$"));
            Assert.That(requests.Select(one => one.Level), Is.All.EqualTo("Debug"), "The setting AccessLog makes them Information.");
            Assert.That(_lines, Has.None.Contains("hush"));
        }
    }

    [Test]
    public async Task A_stream_is_one_event_with_the_connection_that_it_was()
    {
        var events = await RunAsync(async (url, token) =>
        {
            using var http = new HttpClient { BaseAddress = url };
            using var body = new StringContent($$$"""{"id":1,"connect":{"token":"{{{token}}}"}}""");
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/connection/http_stream", UriKind.Relative)) { Content = body };
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
            Assert.That(await reader.ReadLineAsync(), Does.StartWith("""{"id":1,"connect":{"""));
        });

        var connected = events.Single(one => one.Category == ClientCategory && one.Message.StartsWith("Connected", StringComparison.Ordinal));
        var request = events.Single(one => one.Category == AccessCategory && one["Path"] == "/connection/http_stream");
        Assert.That((request["Id"], request["User"], request["Status"]), Is.EqualTo((connected["ConnectionId"], "alice", "200")));
        Assert.That(int.Parse(request["Bytes"], System.Globalization.CultureInfo.InvariantCulture), Is.GreaterThan(100));
    }

    [Test]
    public async Task A_refused_token_is_an_event_without_the_token()
    {
        var wrong = "";
        var events = await RunAsync(async (url, token) =>
        {
            wrong = token[..^3] + "AAA";
            await using var socket = await OpenAsync(url);
            await socket.SendTextAsync($$$"""{"id":1,"connect":{"token":"{{{wrong}}}"}}""");
            Assert.That(await socket.ReadCloseAsync(), Is.EqualTo((3500, "invalid token")));
        });

        var refusal = events.Single(one => one.Category == ClientCategory && one.Message.StartsWith("Disconnecting", StringComparison.Ordinal));
        Assert.That((refusal["User"], refusal["Code"], refusal["Reason"]), Is.EqualTo(("anonymous", "3500", "invalid token")));
        Assert.That(_lines, Has.None.Contains(wrong));
    }

    [Test, CancelAfter(120_000)]
    public async Task An_outage_of_Redis_is_one_warning_and_its_end_one_information()
    {
        await using var redis = await RunningRedis.StartAsync();
        var events = await RunAsync(
            async (url, token) =>
            {
                using var http = new HttpClient { BaseAddress = url };

                // Counted activity, which cannot be stored once Redis is away.
                await PublishAsync(url, token);
                await redis.KillAsync();
                await Eventually.IsTrueAsync(async () => await HealthAsync(http) == 503, "the node does not notice the outage");
                for (var i = 0; i < 5; i++)
                {
                    Assert.That(await PublishAsync(url, token), Does.Contain("store unavailable"));
                }

                await redis.StartAgainAsync();
                await Eventually.IsTrueAsync(async () => await HealthAsync(http) == 200, "the node does not notice that Redis is back");
            },
            ("REDIS_URL", redis.Url()), ("Logging__LogLevel__Default", "Information"), ("Logging__LogLevel__Microsoft", "Warning"));

        var outage = events.Where(one => one.Category.Contains("Redis", StringComparison.Ordinal)).ToList();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outage.Select(one => one.Level), Is.EqualTo(new[] { "Warning", "Information" }));
            Assert.That(events.Where(one => one.Category is not (StartCategory or DrainCategory)), Is.EquivalentTo(outage));
            Assert.That(_lines, Has.None.Contains("   at ").And.None.Contains("Exception"));
        }
    }

    [Test]
    public async Task The_start_and_the_stop_are_events()
    {
        var events = await RunAsync((_, _) => Task.CompletedTask, ("SkipTokenSignatures", "true"));

        var steps = events.Where(one => one.Category is StartCategory or DrainCategory).ToList();
        Assert.That(steps.Select(one => (one.Level, one.Message.Split(' ', ':', '.')[0])), Is.EqualTo(new[]
        {
            ("Warning", "SkipTokenSignatures"), ("Information", "Started"),
            ("Information", "Draining"), ("Information", "Drained"), ("Information", "Stopping"), ("Information", "Stopped"),
        }));
    }

    private static async Task<int> HealthAsync(HttpClient http)
    {
        using var answer = await http.GetAsync(new Uri("/health", UriKind.Relative));
        return (int)answer.StatusCode;
    }

    private static async Task<RunningWebSocket> OpenAsync(Uri url)
    {
        var socket = await RunningWebSocket.OpenAsync(url);
        await socket.UpgradeAsync(url);
        return socket;
    }

    // Returns the client's id.
    private static async Task<string> UseWebSocketAsync(Uri url, string token)
    {
        await using var socket = await OpenAsync(url);
        using var connected = JsonDocument.Parse(await socket.AskAsync($$$"""{"id":1,"connect":{"token":"{{{token}}}","data":"hush"}}"""));
        await socket.AskAsync("""{"id":2,"subscribe":{"channel":"agent.alice.news"}}""");
        await socket.AskAsync("""{"id":3,"publish":{"channel":"agent.bob.news","data":"hush"}}""");
        await socket.AskAsync("""{"id":4,"unsubscribe":{"channel":"agent.alice.news"}}""");
        await socket.SendTextAsync("hush, this is not JSON");
        Assert.That(await socket.ReadCloseAsync(), Is.EqualTo((3501, "bad request")));
        return connected.RootElement.GetProperty("connect").GetProperty("client").GetString()!;
    }

    private static async Task<string> PublishAsync(Uri url, string token)
    {
        using var http = new HttpClient { BaseAddress = url };
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        using var body = new StringContent("""{"channel":"public.x","payload":"hush"}""", Encoding.UTF8, "application/json");
        using var response = await http.PostAsync(new Uri("/api/publish?key=hush", UriKind.Relative), body);
        return await response.Content.ReadAsStringAsync();
    }

    // Returns all events of a broker that was used, and stopped.
    private async Task<List<LogEvent>> RunAsync(Func<Uri, string, Task> use, params (string Name, string Value)[] settings)
    {
        await using var broker = BrokerProgram.Start(
            _folder.FullName,
            [],
            [
                ("JWT_SECRET", TestToken.Secret), ("Logging__Console__FormatterName", "json"), ("Logging__LogLevel__Default", "Trace"),
                ("Logging__LogLevel__Microsoft", "Trace"), .. settings,
            ]);
        var url = await ReadUrlAsync(broker);
        var rest = broker.ReadToEndAsync();
        await use(url, Token);
        await broker.TerminateAsync();
        Assert.That(await broker.WaitForExitAsync(), Is.Zero);
        Assert.That(await broker.ReadErrorsAsync(), Is.Empty);
        _lines.AddRange((await rest).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        return [.. _lines.Select(LogEvent.Parse)];
    }

    private async Task<Uri> ReadUrlAsync(RunningProcess broker)
    {
        while (await broker.ReadLineAsync() is { } line)
        {
            _lines.Add(line);
            if (LogEvent.Parse(line) is { Category: StartCategory, Level: "Information" } started)
            {
                return new Uri(started["Address"]);
            }
        }

        throw new AssertionException(await broker.ReadErrorsAsync());
    }

    /// <summary>A line of the log.</summary>
    private sealed record LogEvent(string Level, string Category, string Message, IReadOnlyDictionary<string, string> Values)
    {
        public string this[string name] => Values.GetValueOrDefault(name, "(missing)");

        public static LogEvent Parse(string line)
        {
            using var json = JsonDocument.Parse(line);
            var root = json.RootElement;
            var values = root.TryGetProperty("State", out var state)
                ? state.EnumerateObject().ToDictionary(pair => pair.Name, pair => pair.Value.ToString())
                : [];
            return new(Text(root, "LogLevel"), Text(root, "Category"), Text(root, "Message"), values);
        }

        private static string Text(JsonElement root, string name) => root.GetProperty(name).GetString()!;
    }
}
