using System.Runtime.Versioning;
using System.Text.Json;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary><c>clawevents-broker doctor</c> as a program, with real servers around it and faults planted in them.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[UnsupportedOSPlatform("windows")]
internal sealed class DoctorTests : IDisposable
{
    // The configuration that the pages show, and a broker that pings often, so that silences are short.
    private const string GoodProxy = "proxy_http_version 1.1; proxy_set_header Host $http_host; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; proxy_buffering off;";

    private static readonly (string, string) OftenPings = ("PingSeconds", "2");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Test]
    public async Task A_set_up_in_order_has_no_fault()
    {
        await using var redis = await RunningRedis.StartAsync("--appendonly", "yes", "--maxmemory", "64mb", "--maxmemory-policy", "noeviction");
        (string, string)[] settings = [OftenPings, ("REDIS_URL", redis.Url()), ("JWT_SECRET", new string('s', 32)), ("CENTRIFUGO_API_KEY", new string('k', 32)), ("InternalPort", "0")];
        await using var broker = BrokerProgram.Start(_folder.Path, [], settings);
        await using var proxy = await RunningProxy.StartNginxAsync(await broker.ReadUrlAsync(), GoodProxy);

        var (exitCode, verdict, checks) = await ExamineAsync(["--url", proxy.Url.ToString(), "--pid", $"{broker.Id}"], settings);

        Assert.That(checks.Where(check => check.Verdict == "fault"), Is.Empty);
        Assert.That((exitCode, verdict), Is.EqualTo((0, "ok")).Or.EqualTo((0, "warning")));
        Assert.That(OfVerdict(checks, "ok"), Is.SupersetOf(new[]
        {
            "settings", "open-files", "clock", "data-folder", "development-mode", "server-key", "tls", "redis", "redis-version", "redis-persistence", "redis-memory", "redis-replicas",
            "public-address", "websocket", "websocket-idle", "stream", "stream-idle",
        }));
    }

    [Test]
    public async Task Faults_planted_in_the_machine_and_the_settings_are_found_by_name()
    {
        using var certificate = new RunningCertificate(age: TimeSpan.FromDays(10));
        Directory.CreateDirectory(Path.Combine(_folder.Path, "data"));
        File.SetUnixFileMode(Path.Combine(_folder.Path, "data"), (UnixFileMode)0x1FF);

        var doctor = BrokerProgram.StartWithDescriptors(
            _folder.Path,
            128,
            ["doctor", "--json"],
            ("CLAW_HOST", "*"),
            ("MaxConnections", "1000"),
            ("TlsCertificateFile", certificate.CertificateFile),
            ("TlsKeyFile", certificate.KeyFile),
            ("CLAW_DEV_MODE", "true"),
            ("SkipTokenSignatures", "true"),
            ("ClientInsecure", "true"),
            ("ServerApiInsecure", "true"),
            ("TrustedProxies", "0.0.0.0/0"),
            ("TokenJwksUrl", $"http://127.0.0.1:{RunningRedis.FreePort()}/keys"),
            ("AllowedOrigins", "*"),
            ("PongSeconds", "99"));
        var (exitCode, verdict, checks) = await ReadAsync(doctor);

        Assert.That((exitCode, verdict), Is.EqualTo((1, "fault")));
        Assert.That(OfVerdict(checks, "fault"), Is.EquivalentTo(new[]
        {
            "settings", "open-files", "data-folder", "certificate", "development-mode", "token-signatures", "insecure-clients", "server-key", "trusted-headers", "back-ends",
        }));
        Assert.That(OfVerdict(checks, "warning"), Has.Member("allowed-origins"));
        Assert.That(checks.Where(check => check.Verdict is "fault" or "warning" && check.Advice.Length == 0), Is.Empty);
    }

    [Test]
    public async Task Faults_planted_in_Redis_are_found_by_name()
    {
        await using var redis = await RunningRedis.StartAsync("--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru");

        var (exitCode, _, checks) = await ExamineAsync([], ("REDIS_URL", redis.Url()), ("JWT_SECRET", new string('s', 32)));

        Assert.That((exitCode, string.Join(", ", OfVerdict(checks, "fault"))), Is.EqualTo((1, "redis-persistence, redis-memory")));
    }

    [TestCase("proxy_http_version 1.0; proxy_ignore_headers X-Accel-Buffering;", "websocket, stream", TestName = "A proxy that upgrades nothing and buffers is found")]
    [TestCase("proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; proxy_read_timeout 1s;", "websocket-idle, stream-idle", TestName = "A time-out below the interval of pings is found")]
    public async Task Faults_planted_in_the_proxy_in_front_are_found_by_name(string directives, string faults)
    {
        await using var broker = BrokerProgram.Start(_folder.Path, [], OftenPings);
        await using var proxy = await RunningProxy.StartNginxAsync(await broker.ReadUrlAsync(), directives);

        var (exitCode, _, checks) = await ExamineAsync(["--url", proxy.Url.ToString()], OftenPings);

        Assert.That((exitCode, string.Join(", ", OfVerdict(checks, "fault"))), Is.EqualTo((1, faults)));
    }

    [Test]
    public async Task A_served_certificate_that_no_client_knows_is_found()
    {
        using var certificate = new RunningCertificate();
        (string, string)[] settings = [OftenPings, ("TlsCertificateFile", certificate.CertificateFile), ("TlsKeyFile", certificate.KeyFile)];
        await using var broker = BrokerProgram.Start(_folder.Path, [], settings);

        var (_, _, checks) = await ExamineAsync(["--url", (await broker.ReadUrlAsync()).ToString()], settings);

        Assert.That(OfVerdict(checks, "fault"), Is.EqualTo(new[] { "public-certificate" }));
        Assert.That(OfVerdict(checks, "warning"), Has.Member("certificate"), "It ends tomorrow.");
        Assert.That(OfVerdict(checks, "ok"), Has.Member("websocket-idle").And.Member("stream-idle"));
    }

    [Test]
    public async Task A_client_that_is_refused_needs_a_token_to_be_watched()
    {
        (string, string)[] settings = [OftenPings, ("AllowAnonymous", "false"), ("JWT_SECRET", new string('s', 32))];
        await using var broker = BrokerProgram.Start(_folder.Path, [], settings);
        var url = (await broker.ReadUrlAsync()).ToString();
        await using var maker = BrokerProgram.Start(_folder.Path, ["gentoken", "-u", "42", "-q"], settings);
        var token = (await maker.ReadToEndAsync()).Trim();

        var without = await ExamineAsync(["--url", url], settings);
        var with = await ExamineAsync(["--url", url, "--token", token], settings);

        Assert.That(OfVerdict(without.Checks, "skipped"), Is.SupersetOf(new[] { "websocket-idle", "stream" }));
        Assert.That(OfVerdict(with.Checks, "ok"), Is.SupersetOf(new[] { "websocket-idle", "stream", "stream-idle" }));
    }

    [Test]
    public async Task The_report_for_people_has_a_line_for_each_check()
    {
        await using var doctor = BrokerProgram.Start(_folder.Path, ["doctor", "--CLAW_DEV_MODE=true"]);
        var lines = (await doctor.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.That(lines, Has.Some.StartsWith("warning  development-mode: development mode gives anybody a token").And.Some.Contains(". To do: remove CLAW_DEV_MODE"));
        Assert.That(lines[..^1], Has.All.Match("^(ok|skipped|warning|fault) +[a-z-]+: "));
        Assert.That(lines[^1], Does.Match("^0 faults, [1-9][0-9]* warnings, [1-9][0-9]* ok, [0-9]+ skipped$"));
        Assert.That(Directory.Exists(Path.Combine(_folder.Path, "data")), Is.False, "It changes nothing.");
    }

    private Task<Report> ExamineAsync(string[] arguments, params (string Name, string Value)[] settings) =>
        ReadAsync(BrokerProgram.Start(_folder.Path, ["doctor", "--json", .. arguments], settings));

    private static async Task<Report> ReadAsync(RunningProcess doctor)
    {
        await using (doctor)
        {
            var output = await doctor.ReadToEndAsync();
            Assert.That(output, Is.Not.Empty, await doctor.ReadErrorsAsync());
            using var json = JsonDocument.Parse(output);
            var checks = json.RootElement.GetProperty("checks").EnumerateArray().Select(check => new Check(
                check.GetProperty("check").GetString()!, check.GetProperty("verdict").GetString()!, check.GetProperty("text").GetString()!, check.GetProperty("advice").GetString()!));
            return new(await doctor.WaitForExitAsync(), json.RootElement.GetProperty("verdict").GetString()!, [.. checks]);
        }
    }

    private static IEnumerable<string> OfVerdict(IEnumerable<Check> checks, string verdict) => checks.Where(check => check.Verdict == verdict).Select(check => check.Name);

    private sealed record Check(string Name, string Verdict, string Text, string Advice);

    private sealed record Report(int ExitCode, string Verdict, IReadOnlyList<Check> Checks);
}
