using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>The broker as <c>dotnet publish Broker -r linux-x64</c> makes it: native code, in one file.</summary>
/// <remarks>All other tests that start the broker as a program run on it, too: docs/contributing/README.md.</remarks>
[Category("Native")]
[Parallelizable(ParallelScope.Self)] // All of them wait for the publish: one after another, so that the other workers have something to do meanwhile.
[Platform("Linux")]
internal sealed class NativeBrokerTests : IDisposable
{
    private const long MaxFileBytes = 57_000_000;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Test]
    public async Task The_native_broker_is_one_small_file()
    {
        var file = await NativeBroker.FileAsync();

        Assert.That(file.Directory!.EnumerateFileSystemInfos().Select(entry => entry.Name), Is.EqualTo(new[] { "clawevents-broker" }));
        Assert.That(file.Length, Is.LessThanOrEqualTo(MaxFileBytes));
    }

    [Test]
    public async Task A_client_of_the_native_broker_gets_what_is_published()
    {
        await using var broker = await StartAsync();
        using var http = await ConnectAsync(broker);
        await using var client = await SubscribeAsync(http.BaseAddress!, "public.news");

        var published = await PostAsync(http, "/api/publish", """{"channel":"public.news","data":{"n":1}}""");

        Assert.That(await http.GetStringAsync(new Uri("/health", UriKind.Relative)), Is.EqualTo(RunningAnswer.Healthy));
        Assert.That(published, Does.StartWith("""{"result":{"""));
        Assert.That(await client.ReadMessageAsync(), Is.EqualTo("""{"push":{"channel":"public.news","pub":{"data":{"n":1}}}}"""));
    }

    [TestCase(TestStore.Sqlite, "sqlite")]
    [TestCase(TestStore.Redis, "redis")]
    public async Task A_lock_survives_a_restart_of_the_native_broker(TestStore store, string name)
    {
        await using var database = store is TestStore.Redis ? RedisDatabase.Take() : null;
        (string, string)[] settings = [("REDIS_URL", database?.Url ?? ""), ("JWT_SECRET", TestToken.Secret)];
        string token;
        await using (var broker = await StartAsync(settings))
        {
            using var http = await ConnectAsync(broker);
            token = await RegisterAsync(http, "alice");
            Assert.That(await PostAsync(http, "/api/lock", """{"channel":"agent.alice.news"}""", token), Does.StartWith("""{"ok":true"""));
            await broker.KillAsync();
        }

        await using var next = await StartAsync(settings);
        using var again = await ConnectAsync(next);
        Assert.That(await again.GetStringAsync(new Uri("/health", UriKind.Relative)), Does.Contain($"\"type\":\"{name}\""));
        Assert.That(await ReasonAsync(again.BaseAddress!, "agent.alice.news"), Does.Contain("\"code\":403"));
        Assert.That(await PostAsync(again, "/api/publish", """{"channel":"agent.alice.news","payload":1}""", token), Does.StartWith("""{"ok":true"""));
    }

    [Test]
    public async Task The_native_broker_logs_JSON_when_asked()
    {
        await using var broker = await StartAsync(("Logging__Console__FormatterName", "json"));

        using var started = JsonDocument.Parse((await broker.ReadLineAsync())!);

        Assert.That(started.RootElement.GetProperty("LogLevel").GetString(), Is.EqualTo("Information"));
        Assert.That(started.RootElement.GetProperty("State").GetProperty("Address").GetString(), Does.StartWith("http://127.0.0.1:"));
    }

    [TestCase("broker.json", """{"client":{"allow_anonymous_connect_without_token":true},"channel":{"namespaces":[{"name":"chat","allow_subscribe_for_client":true,"allow_subscribe_for_anonymous":true}]}}""")]
    [TestCase("broker.yaml", "client: {allow_anonymous_connect_without_token: true}\nchannel:\n  namespaces:\n    - {name: chat, allow_subscribe_for_client: true, allow_subscribe_for_anonymous: true}\n")]
    [TestCase("broker.toml", "client.allow_anonymous_connect_without_token = true\n[[channel.namespaces]]\nname = \"chat\"\nallow_subscribe_for_client = true\nallow_subscribe_for_anonymous = true\n")]
    public async Task The_native_broker_reads_a_configuration_file(string name, string text)
    {
        var file = Path.Combine(_folder.Path, name);
        await File.WriteAllTextAsync(file, text);
        await using var broker = await NativeBroker.StartAsync(_folder.Path, ["--config", file]);
        var url = await broker.ReadUrlAsync();

        await using var client = await SubscribeAsync(url, "chat:room");

        Assert.That(await ReasonAsync(url, "news:room"), Does.Contain("\"code\":102"));
    }

    [Test]
    public async Task An_Ed25519_key_signs_in_to_the_native_broker()
    {
        await using var clawkey = await RunningClawkey.StartAsync();
        using var key = await SshKeyPair.CreateAsync();
        clawkey.Keys["/@alice/main"] = key.PublicKey;
        await using var broker = await StartAsync(("CLAWKEY_API_BASE", clawkey.Origin.ToString()));
        using var http = await ConnectAsync(broker);

        using var challenge = JsonDocument.Parse(await PostAsync(http, "/auth/agent/init", """{"username":"alice","key_name":"main"}"""));
        var signature = await key.SignAsync(challenge.RootElement.GetProperty("message").GetString()!);
        var answer = await PostAsync(http, "/auth/agent/verify", JsonSerializer.Serialize(new
        {
            nonce = challenge.RootElement.GetProperty("nonce").GetString(),
            username = "alice",
            signature,
        }));

        Assert.That(answer, Does.StartWith("""{"token":""").And.Contain("\"username\":\"alice\""));
    }

    [Test]
    public async Task The_native_broker_describes_its_API_as_the_built_one()
    {
        await using var native = await StartAsync();
        await using var built = await RunningBroker.StartAsync();
        using var http = await ConnectAsync(native);

        var description = await http.GetStringAsync(new Uri("/docs/openapi.json", UriKind.Relative));

        var expected = (await built.SendAsync(HttpMethod.Get, "/docs/openapi.json", null)).Body;
        Assert.That(description, Is.EqualTo(expected.Replace(built.Url.Authority, http.BaseAddress!.Authority, StringComparison.Ordinal)));
    }

    private Task<RunningProcess> StartAsync(params (string Name, string Value)[] settings) =>
        NativeBroker.StartAsync(_folder.Path, [], [("CLAW_DEV_MODE", "true"), ("CENTRIFUGO_API_KEY", RunningBroker.Key), .. settings]);

    private static async Task<HttpClient> ConnectAsync(RunningProcess broker) =>
        new() { BaseAddress = await broker.ReadUrlAsync(), Timeout = RunningBroker.Patience };

    private static async Task<RunningWebSocket> SubscribeAsync(Uri url, string channel)
    {
        var client = await OpenAsync(url);
        Assert.That(await client.AskAsync(Subscribe(channel)), Does.StartWith("""{"id":2,"subscribe":{"""));
        return client;
    }

    // The reply to a subscribe that must fail.
    private static async Task<string> ReasonAsync(Uri url, string channel)
    {
        await using var client = await OpenAsync(url);
        var reply = await client.AskAsync(Subscribe(channel));
        Assert.That(reply, Does.StartWith("""{"id":2,"error":{"""));
        return reply;
    }

    private static string Subscribe(string channel) => $$$"""{"id":2,"subscribe":{"channel":"{{{channel}}}"}}""";

    private static async Task<RunningWebSocket> OpenAsync(Uri url)
    {
        var client = await RunningWebSocket.OpenAsync(url);
        await client.UpgradeAsync(url);
        Assert.That(await client.AskAsync("""{"id":1,"connect":{}}"""), Does.StartWith("""{"id":1,"connect":{"""));
        return client;
    }

    private static async Task<string> RegisterAsync(HttpClient http, string agent)
    {
        using var json = JsonDocument.Parse(await PostAsync(http, "/auth/dev-register", $$"""{"username":"{{agent}}"}"""));
        return json.RootElement.GetProperty("token").GetString()!;
    }

    // Without a token, with the key of the server API.
    private static async Task<string> PostAsync(HttpClient http, string path, string body, string? token = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (token is null)
        {
            request.Headers.Add("X-API-Key", RunningBroker.Key);
        }
        else
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        using var answer = await http.SendAsync(request);
        return await answer.Content.ReadAsStringAsync();
    }
}
