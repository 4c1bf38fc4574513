using System.Net.WebSockets;
using System.Text.RegularExpressions;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;
using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>The built program: what it prints, writes and answers to signals, and how it ends.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class BrokerProcessTests
{
    private const int WrongConfiguration = 78;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("clawevents-process-");

    private string DataFolder => Path.Combine(_folder.FullName, "data");

    [TearDown]
    public void RemoveFolder() => _folder.Delete(recursive: true);

    [Test]
    public async Task The_start_message_names_the_address_the_store_and_first_commands()
    {
        await using var broker = Start([]);

        var lines = new[] { await broker.ReadLineAsync(), await broker.ReadLineAsync(), await broker.ReadLineAsync(), await broker.ReadLineAsync(), await broker.ReadLineAsync() };

        var url = UrlIn(lines[0]);
        Assert.That(lines, Is.EqualTo(new[]
        {
            $"clawevents-broker {BrokerVersion.Number} listening on {url}",
            $"store:     {DataFolder}/state.db",
            $"open:      {url}/",
            $"publish:   claw.events --server {url} pub public.townsquare hello",
            $"subscribe: claw.events --server {url} sub public.townsquare",
        }));
    }

    [Test]
    public async Task The_start_message_warns_when_anybody_can_get_a_token()
    {
        await using var broker = Start([], ("CLAW_DEV_MODE", "true"));

        Assert.That(await broker.ReadLineAsync(), Does.EndWith(" (development mode: anybody gets a token)"));
    }

    [Test]
    public async Task The_broker_listens_before_it_prints_its_address()
    {
        await using var broker = Start([]);
        using var http = new HttpClient();

        var answer = await http.GetStringAsync(new Uri($"{UrlIn(await broker.ReadLineAsync())}/health"));

        Assert.That(answer, Is.EqualTo(RunningAnswer.Healthy));
    }

    [Test]
    public async Task The_built_program_listens_and_ends_as_a_published_file_does()
    {
        await using var broker = BrokerProgram.StartBuilt(_folder.FullName);
        using var http = new HttpClient();

        var answer = await http.GetStringAsync(new Uri(await broker.ReadUrlAsync(), "/health"));
        await broker.TerminateAsync();

        Assert.That(answer, Is.EqualTo(RunningAnswer.Healthy));
        Assert.That(await broker.WaitForExitAsync(), Is.Zero);
    }

    [Test]
    public async Task A_secret_that_only_its_owner_can_read_is_made_and_kept()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Ignore("Windows has no such modes.");
            return;
        }

        var file = Path.Combine(DataFolder, "jwt-secret");
        await RunOnceAsync();
        var secret = await File.ReadAllTextAsync(file);
        await RunOnceAsync();

        Assert.That(File.GetUnixFileMode(file), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        Assert.That(File.GetUnixFileMode(DataFolder), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));
        Assert.That(secret, Does.Match("^[0-9a-f]{64}$"));
        Assert.That(await File.ReadAllTextAsync(file), Is.EqualTo(secret));
        Assert.That(
            Directory.GetFiles(DataFolder).Select(Path.GetFileName),
            Is.EquivalentTo(new[] { "jwt-secret", "state.db", "state.lock" }));
    }

    [Test]
    public async Task A_configured_secret_is_not_written_to_disk()
    {
        await using var broker = Start([], ("JWT_SECRET", "a-secret-of-at-least-32-bytes-of-text"));
        await broker.ReadLineAsync();

        Assert.That(File.Exists(Path.Combine(DataFolder, "jwt-secret")), Is.False);
    }

    [Test]
    public async Task A_term_signal_ends_the_process_with_0()
    {
        await using var broker = Start([]);
        await broker.ReadLineAsync();

        await broker.TerminateAsync();

        Assert.That(await broker.WaitForExitAsync(), Is.Zero);
        Assert.That(await broker.ReadErrorsAsync(), Is.Empty);
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_term_signal_tells_every_client_to_reconnect_and_waits_for_none(CancellationToken cancellation)
    {
        await using var broker = Start([]);
        var url = new UriBuilder(UrlIn(await broker.ReadLineAsync())) { Scheme = "ws", Path = "/connection/websocket" }.Uri;
        using var client = new ClientWebSocket();
        await client.ConnectAsync(url, cancellation);
        await client.SendAsync("{\"id\":1,\"connect\":{}}"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, cancellation);
        var buffer = new byte[1024];
        await client.ReceiveAsync(buffer, cancellation);

        await broker.TerminateAsync();
        var close = await client.ReceiveAsync(buffer, cancellation);
        await client.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", cancellation);

        Assert.That(((int?)close.CloseStatus, close.CloseStatusDescription), Is.EqualTo((3001, "shutdown")));
        Assert.That(await broker.WaitForExitAsync(), Is.Zero);
    }

    [TestCase("PORT", "65536", "PORT: '65536' is not a whole number from 0 to 65535. Example: PORT=8080")]
    [TestCase("PORT", "http", "PORT: 'http' is not a whole number from 0 to 65535. Example: PORT=8080")]
    [TestCase("CLAW_HOST", "nowhere", "CLAW_HOST: 'nowhere' is neither localhost, * (every interface), an IP address nor unix:PATH. Example: CLAW_HOST=127.0.0.1")]
    [TestCase("CLAW_DEV_MODE", "yes", "CLAW_DEV_MODE: 'yes' is neither true nor false. Example: CLAW_DEV_MODE=true")]
    [TestCase("JWT_SECRET", "short", "JWT_SECRET: it is shorter than 32 bytes; AllowShortSecrets=true accepts it all the same. Example: JWT_SECRET=$(openssl rand -hex 32)")]
    [TestCase("TlsCertificateFile", "/no/such/file", "TlsCertificateFile: file '/no/such/file' does not exist. Example: TlsCertificateFile=/etc/clawevents/tls.pem")]
    [TestCase("PongSeconds", "25", "PongSeconds: 25 is not less than PingSeconds (25). Example: PongSeconds=12")]
    [TestCase("MaxQueuedBytes", "-1", "MaxQueuedBytes: '-1' is not a whole number from 1024 to 1073741824. Example: MaxQueuedBytes=1048576")]
    public async Task A_wrong_setting_stops_the_start_and_is_named(string name, string value, string fault)
    {
        await using var broker = Start([], (name, value));

        Assert.That(await broker.WaitForExitAsync(), Is.EqualTo(WrongConfiguration));
        Assert.That((await broker.ReadErrorsAsync()).Split('\n'), Does.Contain($"clawevents-broker: {fault}"));
        Assert.That(await broker.ReadToEndAsync(), Is.Empty);
    }

    [Test]
    public async Task A_second_broker_on_the_same_data_folder_is_refused_and_the_first_goes_on()
    {
        await using var first = Start([]);
        var url = UrlIn(await first.ReadLineAsync());
        await using var second = Start([]);

        Assert.That(await second.WaitForExitAsync(), Is.EqualTo(WrongConfiguration));
        Assert.That(await second.ReadErrorsAsync(), Is.EqualTo(
            $"clawevents-broker: CLAW_DATA_DIR: the folder '{DataFolder}' cannot be used: another broker uses it; "
            + "give each broker its own folder. Example: CLAW_DATA_DIR=/var/lib/clawevents\n"));
        using var http = new HttpClient();
        Assert.That(await http.GetStringAsync(new Uri($"{url}/health")), Is.EqualTo(RunningAnswer.Healthy));
    }

    [Test]
    public async Task An_invalid_state_file_stops_the_start_and_is_named()
    {
        Directory.CreateDirectory(DataFolder);
        await File.WriteAllTextAsync(Path.Combine(DataFolder, "state.db"), new string('x', 5_000));
        await using var broker = Start([]);

        Assert.That(await broker.WaitForExitAsync(), Is.EqualTo(WrongConfiguration));
        Assert.That(await broker.ReadErrorsAsync(), Does.StartWith("clawevents-broker: CLAW_DATA_DIR: ").And.Contain($"{DataFolder}/state.db: it is not a SQLite file"));
    }

    [Test]
    public async Task The_health_check_ends_with_0_while_the_broker_runs_and_with_1_otherwise()
    {
        await using var broker = Start([]);
        var port = new Uri(UrlIn(await broker.ReadLineAsync())).Port.ToString(System.Globalization.CultureInfo.InvariantCulture);

        await using var well = Start(["healthcheck"], ("PORT", port));
        Assert.That(await well.WaitForExitAsync(), Is.Zero);
        await broker.TerminateAsync();
        await broker.WaitForExitAsync();
        await using var gone = Start(["healthcheck"], ("PORT", port));

        Assert.That(await gone.WaitForExitAsync(), Is.EqualTo(1));
        Assert.That(await gone.ReadErrorsAsync(), Does.StartWith("clawevents-broker: no answer: "));
    }

    [TestCase("--config")]
    [TestCase("-c")]
    public async Task Settings_of_Centrifugo_are_used_where_possible_and_the_rest_is_named(string argument)
    {
        var file = Path.Combine(_folder.FullName, "config.json");
        await File.WriteAllTextAsync(file, """
            {"http_api":{"key":"file-key"},"channel":{"namespaces":[{"name":"chat","allow_subscribe_for_client":true}]},"admin":{"enabled":true},"client":{"concurrency":8}}
            """);
        await using var broker = Start([argument, file]);
        using var http = new HttpClient { BaseAddress = new Uri(UrlIn(await broker.ReadLineAsync())) };
        http.DefaultRequestHeaders.Add("X-API-Key", "file-key");

        var known = await PublishAsync(http, "chat:x");
        var unknown = await PublishAsync(http, "other:x");
        await broker.TerminateAsync();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(known, Is.EqualTo("""{"result":{}}"""));
            Assert.That(unknown, Does.StartWith("""{"error":{"code":102,"""));
            Assert.That(await broker.ReadErrorsAsync(), Is.EqualTo("clawevents-broker: Centrifugo settings without effect here, ignored: client.concurrency\n"));
        }
    }

    [TestCase("AllowUnboundProfileLogin", "any client that reads a new signature in a profile first gets the token.")]
    [TestCase("SkipTokenSignatures", "token signatures are not verified: any client can claim any identity.")]
    [TestCase("TokenJwksAnyValue", "a token chooses by any text of a form from where its keys are fetched: anyone who has keys at such an address can claim any identity.")]
    [TestCase("AdminInsecure", "the console needs no sign-in: anyone who reaches it is an operator, and can give out tokens of any user.")]
    public async Task A_setting_that_opens_the_broker_is_named_at_the_start(string name, string consequence)
    {
        await using var broker = Start([], (name, "true"), ("Admin", name is "AdminInsecure" ? "true" : "false"));
        await broker.ReadUrlAsync();
        await broker.TerminateAsync();

        Assert.That(await broker.ReadErrorsAsync(), Does.StartWith($"clawevents-broker: {name}: {consequence} "));
    }

    [Test]
    public async Task A_short_secret_that_is_allowed_works_and_is_warned_of()
    {
        const string Short = "ten bytes!";
        await using var broker = Start([], ("AllowShortSecrets", "true"), ("JWT_SECRET", Short), ("TokenSecret", Short));
        var socket = new Uri(await broker.ReadUrlAsync(), "/connection/websocket");
        await using var client = await RunningWebSocket.OpenAsync(socket);
        await client.UpgradeAsync(socket);

        var token = TestToken.Of("""{"sub":"alice"}""", Short);
        var answer = await client.AskAsync($$$"""{"id":1,"connect":{"token":"{{{token}}}"}}""");
        await broker.TerminateAsync();

        Assert.That(answer, Does.StartWith("""{"id":1,"connect":{"client":"""));
        Assert.That(await broker.ReadErrorsAsync(), Does.StartWith("clawevents-broker: AllowShortSecrets: a secret is shorter than 32 bytes, ").And.Not.Contains(Short));
    }

    [Test]
    public async Task An_engine_of_Centrifugo_without_a_Redis_of_ours_stops_the_start_unless_the_operator_accepts_that()
    {
        var file = Path.Combine(_folder.FullName, "config.json");
        await File.WriteAllTextAsync(file, """{"engine":{"type":"nats"}}""");
        await using var refused = Start(["--config", file]);
        await using var accepted = Start(["--config", file], ("IgnoredCentrifugoSettings", "engine.type"));

        Assert.That(await accepted.ReadUrlAsync(), Is.Not.Null);
        Assert.That(await refused.WaitForExitAsync(), Is.EqualTo(WrongConfiguration));
        Assert.That(await refused.ReadErrorsAsync(), Is.EqualTo(
            "clawevents-broker: engine.type: this broker does not read it, and without REDIS_URL this node would be alone: what is published on one node does not reach the others. "
            + "Remove it, or name it in IgnoredCentrifugoSettings to start anyway. Example: REDIS_URL=redis://localhost:6379, or IgnoredCentrifugoSettings=engine.type\n"));
    }

    [Test]
    public async Task A_misspelt_setting_of_the_file_or_the_arguments_is_named_with_the_one_that_was_meant()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "appsettings.json"), """{"AlowedOrigins":"*","Logging":{"LogLevel":{"ClawEvents":"Debug"}},"Namespaces":[{"name":"chat"}]}""");
        await using var broker = Start(["--MetricPath=/x"]);

        await broker.ReadUrlAsync();
        await broker.TerminateAsync();

        Assert.That(await broker.ReadErrorsAsync(), Is.EqualTo(
            "clawevents-broker: AlowedOrigins: unknown setting; did you mean AllowedOrigins?\nclawevents-broker: MetricPath: unknown setting; did you mean MetricsPath?\n"));
    }

    [Test]
    [Checklist(175)]
    public async Task Flags_of_Centrifugo_win_over_its_variables_and_those_over_its_file()
    {
        var file = Path.Combine(_folder.FullName, "config.json");
        await File.WriteAllTextAsync(file, """{"http_api":{"key":"file-key"},"health":{"handler_prefix":"/of-file"},"prometheus":{"handler_prefix":"/of-file-too"}}""");
        await using var broker = Start(
            ["-c", file, "--prometheus.enabled", "--prometheus.handler_prefix", "/of-flag"],
            ("CENTRIFUGO_HEALTH_HANDLER_PREFIX", "/of-variable"), ("CENTRIFUGO_PROMETHEUS_HANDLER_PREFIX", "/of-variable-too"));
        using var http = new HttpClient { BaseAddress = await broker.ReadUrlAsync() };
        http.DefaultRequestHeaders.Add("X-API-Key", "file-key");

        Assert.That(await PublishAsync(http, "public.x"), Is.EqualTo("""{"result":{}}"""));
        Assert.That(await http.GetStringAsync(new Uri("/of-variable", UriKind.Relative)), Is.EqualTo(RunningAnswer.Healthy));
        Assert.That(await http.GetStringAsync(new Uri("/of-flag", UriKind.Relative)), Does.Contain("clawevents_connections{} 0"));
    }

    [Test]
    public async Task Requests_and_upgrades_are_logged_without_secrets()
    {
        await using var broker = Start([], ("AccessLog", "true"), ("CENTRIFUGO_API_KEY", "key"));
        var url = await broker.ReadUrlAsync();
        using var http = new HttpClient { BaseAddress = url };
        using var client = new ClientWebSocket();

        using var body = new StringContent("""{"channel":"public.hush","data":"hush"}""");
        await http.PostAsync(new Uri("/api/publish?api_key=key", UriKind.Relative), body);
        var request = await broker.ReadLineWithAsync("/api/publish");
        await client.ConnectAsync(new UriBuilder(url) { Scheme = "ws", Path = "/connection/websocket", Query = "token=hush" }.Uri, CancellationToken.None);
        var upgrade = await broker.ReadLineWithAsync("/connection/websocket");

        Assert.That(request, Does.Match(@"127\.0\.0\.1 - \S+ POST /api/publish 200 \d+ bytes \d+ ms$"));
        Assert.That(upgrade, Does.Match(@"127\.0\.0\.1 - [0-9a-f-]{36} GET /connection/websocket 101 0 bytes 0 ms$"));
    }

    [Test]
    public async Task The_start_message_names_the_internal_port()
    {
        await using var broker = Start([], ("InternalPort", "0"));
        await broker.ReadUrlAsync();
        var line = await broker.ReadLineAsync();
        using var http = new HttpClient();

        Assert.That(line, Does.StartWith("internal:  http://127.0.0.1:"));
        Assert.That(await http.GetStringAsync(new Uri($"{UrlIn(line)}/metrics")), Does.Contain("clawevents_connections{} 0"));
    }

    [Test]
    public async Task Settings_that_are_not_JSON_stop_the_start()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "appsettings.json"), "{");
        await using var broker = Start([]);

        Assert.That(await broker.WaitForExitAsync(), Is.EqualTo(WrongConfiguration));
        Assert.That(await broker.ReadErrorsAsync(), Does.StartWith("clawevents-broker: appsettings.json: "));
    }

    [TestCase("nowhere.json", "Could not find file")]
    [TestCase(".", "Access to the path")]
    public async Task A_configuration_file_that_cannot_be_read_stops_the_start(string file, string fault)
    {
        await using var broker = Start(["--config", Path.Combine(_folder.FullName, file)]);

        Assert.That(await broker.WaitForExitAsync(), Is.EqualTo(WrongConfiguration));
        Assert.That(await broker.ReadErrorsAsync(), Does.StartWith($"clawevents-broker: --config: {fault}").And.EndsWith(". Example: --config config.json\n"));
    }

    [Test]
    public async Task The_version_is_printed()
    {
        await using var broker = Start(["--version"]);

        Assert.That(await broker.ReadToEndAsync(), Is.EqualTo($"clawevents-broker {BrokerVersion.Number}\n"));
        Assert.That(await broker.WaitForExitAsync(), Is.Zero);
    }

    private static async Task<string> PublishAsync(HttpClient http, string channel)
    {
        using var body = new StringContent($$"""{"channel":"{{channel}}","data":1}""");
        var answer = await http.PostAsync(new Uri("/api/publish", UriKind.Relative), body);
        return await answer.Content.ReadAsStringAsync();
    }

    private static string UrlIn(string? line) => Regex.Match(line ?? "", @"http://127\.0\.0\.1:\d+").Value;

    private async Task RunOnceAsync()
    {
        await using var broker = Start([]);
        await broker.ReadLineAsync();
        await broker.TerminateAsync();
        await broker.WaitForExitAsync();
    }

    private RunningProcess Start(string[] arguments, params (string Name, string Value)[] settings) =>
        BrokerProgram.Start(_folder.FullName, arguments, settings);
}
