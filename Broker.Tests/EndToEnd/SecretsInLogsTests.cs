using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>The built program at its most verbose log level, through a whole day of an agent: no secret is logged.</summary>
public sealed class SecretsInLogsTests
{
    private const string ServerKey = "hush-server-api-key";
    private const string Payload = "hush-payload";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("clawevents-logs-");
    private readonly StringBuilder _log = new();
    private readonly List<string> _secrets = [ServerKey, Payload, RunningMoltbook.Key, TestToken.Secret];

    [TearDown]
    public void RemoveFolder() => _folder.Delete(recursive: true);

    [Test, CancelAfter(90_000)]
    public async Task No_token_key_signature_or_payload_is_logged_at_any_level([Values] TestStore store)
    {
        await using var moltbook = await RunningMoltbook.StartAsync();
        await using var database = store is TestStore.Redis ? RedisDatabase.Take() : null;
        await using var broker = Start(moltbook, database);
        var url = await ReadUrlAsync(broker);

        // Read as it is written: a broker whose output nobody reads waits.
        var rest = broker.ReadToEndAsync(TimeSpan.FromSeconds(90));
        using var http = new HttpClient { BaseAddress = url, Timeout = RunningBroker.Patience };

        var token = await LoginAsync(http, moltbook);
        await using (var subscriber = await ConnectAsync(url, token))
        {
            await subscriber.SubscribeAsync("agent.alice.news");
            await PostAsync(http, "/api/publish", $$"""{"channel":"agent.alice.news","payload":"{{Payload}}"}""", token);
            Assert.That(await subscriber.ReadPublicationAsync(), Does.Contain(Payload), "One flow from the login to the delivery.");
            await subscriber.AskAsync($$$"""{"id":3,"publish":{"channel":"public.x","data":"{{{Payload}}}"}}""");
            await subscriber.AskAsync($$$"""{"id":4,"publish":{"channel":"agent.bob.x","data":"{{{Payload}}}"}}""");
        }

        await UseApiAsync(http, token);
        await MisuseApiAsync(http, url, token);
        await broker.TerminateAsync();
        Assert.That(await broker.WaitForExitAsync(), Is.Zero);
        var log = _log.Append(await rest).Append(await broker.ReadErrorsAsync()).ToString();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(log, Does.Contain("dbug:").And.Contain("/api/publish"), "The levels are on.");
            Assert.That(_secrets.Where(secret => log.Contains(secret, StringComparison.Ordinal)), Is.Empty);
        }
    }

    // The start is logged, too, before the broker says where it listens.
    private async Task<Uri> ReadUrlAsync(RunningProcess broker)
    {
        while (await broker.ReadLineAsync() is { } line)
        {
            _log.AppendLine(line);
            if (Regex.Match(line, @" listening on (http://127\.0\.0\.1:\d+) \(development mode") is { Success: true } announcement)
            {
                return new Uri(announcement.Groups[1].Value);
            }
        }

        throw new AssertionException(await broker.ReadErrorsAsync());
    }

    private async Task<string> LoginAsync(HttpClient http, RunningMoltbook moltbook)
    {
        using var challenge = JsonDocument.Parse(await PostAsync(http, "/auth/init", """{"username":"alice"}"""));
        var verifier = challenge.RootElement.GetProperty("verifier").GetString()!;
        _secrets.Add(verifier);
        _secrets.Add(moltbook.Descriptions["alice"] = challenge.RootElement.GetProperty("signature").GetString()!);
        return await SecretAsync(http, "/auth/verify", $$"""{"username":"alice","verifier":"{{verifier}}"}""", "token");
    }

    private async Task UseApiAsync(HttpClient http, string token)
    {
        await SecretAsync(http, "/auth/dev-register", """{"username":"bob"}""", "token");
        await SecretAsync(http, "/api/apps", """{"name":"shop"}""", "key", token);
        await SecretAsync(http, "/api/apps/shop/rotate", "", "key", token);
        await SecretAsync(http, "/api/webhooks", """{"channel":"agent.alice.news","url":"https://example.com/"}""", "secret", token);
        await PostAsync(http, "/api/lock", """{"channel":"agent.alice.news"}""", token);
        await PostAsync(http, "/api/advertise", $$$"""{"channel":"agent.alice.news","description":"{{{Payload}}}","schema":{"type":"string"}}""", token);
        await PostAsync(http, "/api/publish", $$"""{"channel":"agent.alice.news","payload":["{{Payload}}"]}""", token);
        await PostAsync(http, "/api/request", $$"""{"channel":"agent.alice.news","reason":"{{Payload}}"}""", token);
        await PostAsync(http, $"/api/publish?api_key={ServerKey}", $$"""{"channel":"public.x","data":"{{Payload}}"}""");
        await PostAsync(http, "/auth/revoke", "", token);
    }

    private async Task MisuseApiAsync(HttpClient http, Uri url, string token)
    {
        var wrong = token[..^3] + "AAA";
        _secrets.Add(wrong);
        await PostAsync(http, "/api/publish", $$"""{"channel":"public.x","payload":"{{Payload}}"}""", wrong);
        await PostAsync(http, "/api/publish", $"not JSON {Payload}", token);
        await PostAsync(http, "/auth/verify", $$"""{"username":"{{Payload}} {{token}}"}""");
        await PostAsync(http, "/api?api_key=hush-wrong-key", $$$"""{"method":"publish","params":{"data":"{{{Payload}}}"}}""");
        _secrets.Add("hush-wrong-key");
        await using var refused = await RunningWebSocket.OpenAsync(url);
        await refused.UpgradeAsync(url);
        await refused.SendTextAsync($$$"""{"id":1,"connect":{"token":"{{{wrong}}}","data":"{{{Payload}}}"}}""");
        Assert.That(await refused.ReadCloseAsync(), Is.EqualTo((3500, "invalid token")));
    }

    private async Task<string> SecretAsync(HttpClient http, string path, string body, string field, string? token = null)
    {
        using var json = JsonDocument.Parse(await PostAsync(http, path, body, token));
        var secret = json.RootElement.GetProperty(field).GetString()!;
        _secrets.Add(secret);
        return secret;
    }

    private static async Task<string> PostAsync(HttpClient http, string path, string body, string? token = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative)) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        request.Headers.Authorization = token is null ? null : new("Bearer", token);
        using var response = await http.SendAsync(request);
        return await response.Content.ReadAsStringAsync();
    }

    private static async Task<RunningWebSocket> ConnectAsync(Uri url, string token)
    {
        var client = await RunningWebSocket.OpenAsync(url);
        await client.UpgradeAsync(url);
        Assert.That(await client.AskAsync($$$"""{"id":1,"connect":{"token":"{{{token}}}"}}"""), Does.StartWith("""{"id":1,"connect":{"client":"""));
        return client;
    }

    private RunningProcess Start(RunningMoltbook moltbook, RedisDatabase? database) => BrokerProgram.StartBare(
        _folder.FullName,
        [],
        ("PORT", "0"),
        ("CLAW_HOST", "127.0.0.1"),
        ("CLAW_DEV_MODE", "true"),
        ("CLAW_DATA_DIR", Path.Combine(_folder.FullName, "data")),
        ("JWT_SECRET", TestToken.Secret),
        ("REDIS_URL", database?.Url ?? ""),
        ("CENTRIFUGO_API_KEY", ServerKey),
        ("MOLTBOOK_API_BASE", moltbook.Url.ToString()),
        ("MOLTBOOK_API_KEY", RunningMoltbook.Key),
        ("Logging__LogLevel__Default", "Trace"),
        ("Logging__LogLevel__Microsoft", "Trace"),
        ("Logging__LogLevel__Microsoft.AspNetCore.Hosting", "Trace"),
        ("Logging__LogLevel__System", "Trace"));
}
