using System.Net.Security;
using System.Net.Sockets;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>The program's reaction to SIGHUP and SIGTERM.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class SignalTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string ConfigFile => Path.Combine(_folder.Path, "config.json");

    public void Dispose() => _folder.Dispose();

    [Test]
    [Checklist(181)]
    public async Task A_hang_up_signal_reloads_options_and_log_levels_and_names_the_rest()
    {
        await File.WriteAllTextAsync(ConfigFile, """{"channel":{"namespaces":[{"name":"chat"}],"max_length":100},"http_api":{"key":"key"},"client":{"channel_limit":3}}""");
        await using var broker = BrokerProgram.Start(_folder.Path, ["--config", ConfigFile]);
        using var http = await ClientOfAsync(broker);
        var before = await PublishAsync(http, "news:x");

        await File.WriteAllTextAsync(ConfigFile, """{"channel":{"namespaces":[{"name":"news"}],"max_length":101},"http_api":{"key":"key"},"client":{"channel_limit":4},"log":{"level":"debug"}}""");
        await broker.SignalAsync("HUP");
        await broker.ReadLineWithAsync("Configuration reloaded: Logging:LogLevel:Default, MaxSubscriptionsPerConnection, Namespaces:0:name.");
        var waiting = await broker.ReadLineWithAsync("need a restart");

        Assert.That(waiting, Does.EndWith("These settings have changed and need a restart: MaxChannelBytes."));
        Assert.That(before, Does.Contain("\"code\":102"));
        Assert.That(await PublishAsync(http, "news:x"), Is.EqualTo("""{"result":{}}"""));
        Assert.That(await PublishAsync(http, "chat:x"), Does.Contain("\"code\":102"));
    }

    [Test]
    [Checklist(181)]
    public async Task A_hang_up_signal_reloads_the_keys_of_tokens()
    {
        const string former = "the former secret, of thirty-two bytes or more";
        const string latter = "the latter secret, of thirty-two bytes or more";
        await WriteSecretAsync(former);
        await using var broker = BrokerProgram.Start(_folder.Path, ["--config", ConfigFile]);
        var url = await broker.ReadUrlAsync();
        var before = (await ConnectAsync(url, former), await ConnectAsync(url, latter));

        await WriteSecretAsync(latter);
        await broker.SignalAsync("HUP");
        await broker.ReadLineWithAsync("Configuration reloaded: ");

        Assert.That(before, Is.EqualTo((true, false)));
        Assert.That((await ConnectAsync(url, former), await ConnectAsync(url, latter)), Is.EqualTo((false, true)));
    }

    [Test]
    public async Task A_hang_up_signal_reloads_keys_origins_hosts_limits_and_the_access_log()
    {
        await WriteSettingsAsync("""{"CENTRIFUGO_API_KEY":"key"}""");
        await using var broker = BrokerProgram.Start(_folder.Path, []);
        using var http = await ClientOfAsync(broker);
        var before = (await StatusAsync(http), await StatusAsync(http, ("Host", "other.example")), await CorsAsync(http));

        await WriteSettingsAsync("""{"CENTRIFUGO_API_KEY":"new","AllowedHosts":"*.example","AllowedOrigins":"https://app.example","MaxConnections":"1","AccessLog":"true"}""");
        await broker.SignalAsync("HUP");
        await broker.ReadLineWithAsync("Configuration reloaded: AccessLog, AllowedHosts, AllowedOrigins, CENTRIFUGO_API_KEY, MaxConnections.");

        Assert.That(before, Is.EqualTo((200, 200, (string?)null)));
        Assert.That((await StatusAsync(http), await StatusAsync(http, ("X-API-Key", "new"))), Is.EqualTo((401, 200)));
        Assert.That((await StatusAsync(http, ("Host", "other.org")), await StatusAsync(http, ("Host", "a.example"), ("X-API-Key", "new"))), Is.EqualTo((403, 200)));
        Assert.That(await CorsAsync(http), Is.EqualTo("https://app.example"));
        Assert.That(await broker.ReadLineWithAsync("/health"), Does.Contain(" GET /health 200 "));
        await using var first = await RunningWebSocket.OpenAsync(http.BaseAddress!);
        await first.UpgradeAsync(http.BaseAddress!);
        await using var second = await RunningWebSocket.OpenAsync(http.BaseAddress!);
        await second.SendAsync("GET /connection/websocket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        Assert.That(await second.ReadHeadAsync(), Does.StartWith("HTTP/1.1 503 "));
    }

    [Test]
    public async Task A_broker_that_was_started_with_hang_ups_ignored_reloads_its_settings_on_one()
    {
        await using var broker = BrokerProgram.StartIgnoringHangUps(_folder.Path);
        await broker.ReadUrlAsync();

        await broker.SignalAsync("HUP");

        await broker.ReadLineWithAsync("Configuration reloaded: ");
    }

    private Task WriteSettingsAsync(string json) => File.WriteAllTextAsync(Path.Combine(_folder.Path, "appsettings.json"), json);

    // Of a publish through the server API.
    private static async Task<int> StatusAsync(HttpClient http, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/api/info", UriKind.Relative)) { Content = new StringContent("{}") };
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        if (!request.Headers.Contains("X-API-Key"))
        {
            request.Headers.Add("X-API-Key", "key");
        }

        using var response = await http.SendAsync(request);
        return (int)response.StatusCode;
    }

    // The origin whose pages may read the answer.
    private static async Task<string?> CorsAsync(HttpClient http)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/health", UriKind.Relative));
        request.Headers.Add("Origin", "https://app.example");
        using var response = await http.SendAsync(request);
        return response.Headers.TryGetValues("Access-Control-Allow-Origin", out var values) ? values.Single() : null;
    }

    private Task WriteSecretAsync(string secret) => File.WriteAllTextAsync(ConfigFile, $$$$"""{"client":{"token":{"hmac_secret_key":"{{{{secret}}}}"}}}""");

    private static async Task<bool> ConnectAsync(Uri url, string secret)
    {
        await using var client = await RunningWebSocket.OpenAsync(url);
        await client.UpgradeAsync(url);
        await client.SendTextAsync($$$"""{"id":1,"connect":{"token":"{{{TestToken.Of("""{"sub":"42"}""", secret)}}}"}}""");
        var frame = await client.ReadFrameAsync();
        return frame!.PayloadText.Contains("\"connect\"", StringComparison.Ordinal);
    }

    [Test]
    [Checklist(181)]
    public async Task Invalid_settings_change_nothing([Values("{", """{"channel":{"namespaces":[{"name":"news","history_size":-1}]}}""")] string json)
    {
        await File.WriteAllTextAsync(ConfigFile, """{"channel":{"namespaces":[{"name":"chat"}]},"http_api":{"key":"key"}}""");
        await using var broker = BrokerProgram.Start(_folder.Path, ["--config", ConfigFile]);
        using var http = await ClientOfAsync(broker);

        await File.WriteAllTextAsync(ConfigFile, json);
        await broker.SignalAsync("HUP");
        await broker.ReadLineWithAsync("Configuration not reloaded, because it has faults: ");

        Assert.That(await PublishAsync(http, "chat:x"), Is.EqualTo("""{"result":{}}"""));
    }

    [Test]
    [Checklist(181, 182)]
    public async Task A_hang_up_signal_reloads_the_certificate_if_the_new_one_is_valid()
    {
        using var certificate = new RunningCertificate();
        await using var broker = BrokerProgram.Start(_folder.Path, [], ("TlsCertificateFile", certificate.CertificateFile), ("TlsKeyFile", certificate.KeyFile));
        var url = await broker.ReadUrlAsync();
        var first = await ReadCertificateAsync(url);

        using var renewed = new RunningCertificate();
        File.Copy(renewed.CertificateFile, certificate.CertificateFile, overwrite: true);
        await broker.SignalAsync("HUP");
        await broker.ReadLineWithAsync("The certificate was not reloaded: ");
        var between = await ReadCertificateAsync(url);
        File.Copy(renewed.KeyFile, certificate.KeyFile, overwrite: true);
        await broker.SignalAsync("HUP");
        await broker.ReadLineWithAsync("Configuration reloaded: ");
        var second = await Eventually.GetAsync(() => ReadCertificateAsync(url), serial => serial != first);

        Assert.That(between, Is.EqualTo(first));
        Assert.That(second, Is.Not.EqualTo(first));
    }

    [Test]
    [Checklist(177)]
    public async Task A_term_signal_sends_3001_and_ends_the_program_without_waiting_for_clients()
    {
        await using var broker = BrokerProgram.Start(_folder.Path, [], ("ShutdownSeconds", "1"));
        var url = await broker.ReadUrlAsync();
        await using var client = await RunningWebSocket.OpenAsync(url, receiveBuffer: 0);
        await client.SendAsync("GET /connection/websocket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        await client.ReadHeadAsync();
        await client.AskAsync("""{"id":1,"connect":{}}""");

        await broker.TerminateAsync();

        Assert.That(await client.ReadCloseAsync(), Is.EqualTo((3001, "shutdown")));
        Assert.That(await broker.WaitForExitAsync(TimeSpan.FromSeconds(10)), Is.Zero);
    }

    [Test]
    public async Task A_term_signal_drains_first_and_another_one_ends_its_waits()
    {
        await using var broker = BrokerProgram.Start(_folder.Path, [], ("DrainDelaySeconds", "3600"), ("CENTRIFUGO_API_KEY", "key"));
        using var http = await ClientOfAsync(broker);
        await using var client = await RunningWebSocket.OpenAsync(http.BaseAddress!);
        await client.UpgradeAsync(http.BaseAddress!);
        await client.AskAsync("""{"id":1,"connect":{}}""");

        await broker.TerminateAsync();
        await broker.ReadLineWithAsync("Draining: not ready. In 3600 s the node accepts no new connections, and sends its 1 clients away over 0 s.");
        var (ready, live) = (await PathStatusAsync(http, "/health/ready"), await PathStatusAsync(http, "/health/live"));
        var cancelled = await http.DeleteAsync(new Uri("/api/drain", UriKind.Relative));
        Assert.That(await client.AskAsync("""{"id":2,"subscribe":{"channel":"public.a"}}"""), Is.EqualTo("""{"id":2,"subscribe":{}}"""));
        await broker.TerminateAsync();

        Assert.That((ready, live, (int)cancelled.StatusCode), Is.EqualTo((503, 200, 409)));
        Assert.That(await client.ReadCloseAsync(), Is.EqualTo((3001, "shutdown")));
        await broker.ReadLineWithAsync("Drained: 1 clients were sent away in ");
        await broker.ReadLineWithAsync("Stopped.");
        Assert.That(await broker.WaitForExitAsync(), Is.Zero);
    }

    private static async Task<int> PathStatusAsync(HttpClient http, string path)
    {
        using var answer = await http.GetAsync(new Uri(path, UriKind.Relative));
        return (int)answer.StatusCode;
    }

    private static async Task<HttpClient> ClientOfAsync(RunningProcess broker)
    {
        var http = new HttpClient { BaseAddress = await broker.ReadUrlAsync() };
        http.DefaultRequestHeaders.Add("X-API-Key", "key");
        return http;
    }

    private static async Task<string> PublishAsync(HttpClient http, string channel)
    {
        using var body = new StringContent($$"""{"channel":"{{channel}}","data":1}""");
        using var answer = await http.PostAsync(new Uri("/api/publish", UriKind.Relative), body);
        return await answer.Content.ReadAsStringAsync();
    }

    private static async Task<string> ReadCertificateAsync(Uri url)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(url.Host, url.Port);
#pragma warning disable CA5359 // The test made the certificate itself.
        await using var secure = new SslStream(socket.GetStream(), leaveInnerStreamOpen: false, (_, _, _, _) => true);
#pragma warning restore CA5359
        await secure.AuthenticateAsClientAsync("localhost");
        return secure.RemoteCertificate!.GetSerialNumberString();
    }
}
