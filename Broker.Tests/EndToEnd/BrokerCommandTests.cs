using System.Text.Json;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>The commands of the program other than running the broker.</summary>
[Checklist(183)]
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class BrokerCommandTests
{
    private const string Secret = "0123456789abcdef0123456789abcdef";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("clawevents-command-");

    [TearDown]
    public void RemoveFolder() => _folder.Delete(recursive: true);

    [TestCase("gentoken", "checktoken", "", "valid token for user 42", "\"sub\":\"42\"}")]
    [TestCase("gensubtoken", "checksubtoken", "-s chat:x", "valid token for user 42 and channel chat:x", "\"sub\":\"42\",\"channel\":\"chat:x\"}")]
    public async Task A_generated_token_is_valid(string make, string check, string more, string verdict, string payload)
    {
        var token = (await RunAsync([make, "-u", "42", "-q", .. more.Split(' ', StringSplitOptions.RemoveEmptyEntries)])).Output.Trim();
        var checkedAnswer = await RunAsync([check, token]);

        var lines = checkedAnswer.Output.Split('\n');
        Assert.That((checkedAnswer.ExitCode, lines[0]), Is.EqualTo((0, verdict)));
        Assert.That(lines[1], Does.StartWith("payload: {").And.EndsWith(payload));
        using var claims = JsonDocument.Parse(lines[1]["payload: ".Length..]);
        var life = claims.RootElement.GetProperty("exp").GetInt64() - claims.RootElement.GetProperty("iat").GetInt64();
        Assert.That(life, Is.EqualTo(604_800));
    }

    [Test]
    public async Task A_connection_token_is_not_a_subscription_token_and_vice_versa()
    {
        var (connect, subscribe) = ((await RunAsync(["gentoken", "-q"])).Output.Trim(), (await RunAsync(["gensubtoken", "-s", "x", "-q"])).Output.Trim());

        var (wrongSubscribe, wrongConnect) = (await RunAsync(["checksubtoken", connect]), await RunAsync(["checktoken", subscribe]));

        Assert.That((wrongSubscribe.ExitCode, wrongConnect.ExitCode), Is.EqualTo((1, 1)));
        Assert.That((wrongSubscribe.Errors, wrongConnect.Errors), Is.EqualTo((
            "error: not a subscription token: it has no channel\n", "error: not a connection token: it has a channel\n")));
    }

    [Test]
    public async Task A_token_can_be_without_expiry_and_is_shown_with_its_user()
    {
        var made = await RunAsync(["gentoken", "--user=alice", "-t", "-1"]);

        var lines = made.Output.Split('\n');
        Assert.That(lines[0], Is.EqualTo("HS256 token for user alice, never expires:"));
        Assert.That((await RunAsync(["checktoken", lines[1]])).Output, Does.Not.Contain("exp"));
    }

    [Test]
    public async Task A_token_of_another_key_and_an_expired_one_are_invalid()
    {
        var foreign = await RunAsync(["checktoken", TestToken.Of("""{"sub":"42"}""", "another secret of at least 32 bytes....")]);
        var ended = await RunAsync(["checktoken", TestToken.Of("""{"sub":"42","exp":1}""", Secret)]);

        Assert.That((foreign.ExitCode, foreign.Errors), Is.EqualTo((1, "error: invalid token: it is malformed, or its signature, audience or issuer does not match the settings\n")));
        Assert.That((ended.ExitCode, ended.Errors), Is.EqualTo((1, "error: token expired, or not valid yet\n")));
    }

    [Test]
    public async Task A_token_generated_next_to_a_broker_is_accepted_by_it()
    {
        await using var broker = BrokerProgram.Start(_folder.FullName, []);
        var url = await broker.ReadUrlAsync();
        var token = (await RunAsync(["gentoken", "-u", "alice", "-q"], secret: "")).Output.Trim();
        await using var client = await RunningWebSocket.OpenAsync(url, receiveBuffer: 0);
        await client.SendAsync($"GET /connection/websocket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        await client.ReadHeadAsync();

        Assert.That(await client.AskAsync($$$"""{"id":1,"connect":{"token":"{{{token}}}"}}"""), Does.Contain("\"expires\":true,\"ttl\":604"));
    }

    [Test]
    public async Task A_new_configuration_is_valid_private_and_replaces_no_file()
    {
        var made = await RunAsync(["genconfig"]);
        var again = await RunAsync(["genconfig"]);
        var check = await RunAsync(["checkconfig", "-s"]);

        var file = Path.Combine(_folder.FullName, "config.json");
        Assert.That((made.ExitCode, again.ExitCode, check), Is.EqualTo((0, 1, new Answer(0, "", ""))));
        Assert.That(again.Errors, Does.Contain("config.json' already exists"));
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(file));
        Assert.That(json.RootElement.GetProperty("client").GetProperty("token").GetProperty("hmac_secret_key").GetString(), Does.Match("^[0-9a-f]{64}$"));
        Assert.That(json.RootElement.GetProperty("http_api").GetProperty("key").GetString(), Does.Match("^[0-9a-f]{64}$"));
        if (!OperatingSystem.IsWindows())
        {
            Assert.That(File.GetUnixFileMode(file), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        }
    }

    [TestCase("new.yaml", "client:")]
    [TestCase("new.yml", "client:")]
    [TestCase("new.toml", "[client]")]
    public async Task A_new_configuration_has_the_format_of_its_file_extension(string file, string start)
    {
        var made = await RunAsync(["genconfig", "-c", file]);
        var check = await RunAsync(["checkconfig", "-s", "-c", file]);

        Assert.That((made.ExitCode, check), Is.EqualTo((0, new Answer(0, "", ""))));
        Assert.That(await File.ReadAllTextAsync(Path.Combine(_folder.FullName, file)), Does.StartWith(start));
    }

    [TestCase("""{"client":{"channel_limit":0}}""", "", 1, "clawevents-broker: MaxSubscriptionsPerConnection: '0' is not a whole number from 1 to 100000. Example: MaxSubscriptionsPerConnection=128\n")]
    [TestCase("""{"client":{"concurrency":8}}""", "", 0, "clawevents-broker: client.concurrency: a Centrifugo setting that has no effect in this broker\n")]
    [TestCase("""{"client":{"concurrency":8}}""", "-s", 1, "clawevents-broker: client.concurrency: a Centrifugo setting that has no effect in this broker\n")]
    [TestCase("""{"clint":{"insecure":true}}""", "", 0, "clawevents-broker: clint.insecure: unknown setting; did you mean client.insecure?\n")]
    [TestCase("""{"clint":{"insecure":true}}""", "-s", 1, "clawevents-broker: clint.insecure: unknown setting; did you mean client.insecure?\n")]
    [TestCase("""{"http_server":{"port":7000}}""", "--strict", 0, "")]
    public async Task A_configuration_is_checked_without_running_it(string json, string option, int exitCode, string errors)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "other.json"), json);

        var answer = await RunAsync(["checkconfig", "-c", "other.json", .. option.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);

        Assert.That(answer, Is.EqualTo(new Answer(exitCode, "", errors)));
    }

    [TestCase("gentokens", "unknown command 'gentokens'")]
    [TestCase("gentoken -x", "unexpected argument '-x'. Usage: clawevents-broker gentoken [-u USER]")]
    [TestCase("gentoken -u", "-u needs a value")]
    [TestCase("gentoken -q=1", "-q=1 takes no value")]
    [TestCase("doctor --url ftp://example.com", "doctor: --url: 'ftp://example.com' is not an http or https address")]
    [TestCase("doctor --wait 0", "doctor: --wait takes seconds, from 1 to 600")]
    [TestCase("doctor --pid 0", "doctor: --pid: there is no process '0'")]
    [TestCase("doctor now", "doctor: unexpected argument 'now'")]
    [TestCase("version 1", "unexpected argument '1'")]
    public async Task An_unknown_command_is_reported(string arguments, string fault)
    {
        var answer = await RunAsync(arguments.Split(' '));

        Assert.That((answer.ExitCode, answer.Output), Is.EqualTo((64, "")));
        Assert.That(answer.Errors, Does.StartWith($"clawevents-broker: {fault}"));
    }

    [TestCase("gentoken", "anonymous")]
    [TestCase("gentoken", "app:shop")]
    [TestCase("gensubtoken -s x", "anonymous")]
    public async Task No_token_is_made_for_a_name_that_no_user_has(string command, string user)
    {
        var answer = await RunAsync([.. command.Split(' '), "-u", user]);

        Assert.That((answer.ExitCode, answer.Output), Is.EqualTo((1, "")));
        Assert.That(answer.Errors, Does.StartWith($"error: invalid user '{user}': "));
    }

    [Test]
    public async Task A_check_shows_the_settings_in_effect_with_their_origins_and_without_secrets()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "appsettings.json"), """{"PingSeconds":"20","PORT":"1","Proxies":{"main":{"endpoint":"https://user:hush@example.com/","static_headers":{"X-Key":"hush"},"grpc_credentials_value":"hush"}}}""");
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "other.json"), """{"client":{"channel_limit":3},"http_api":{"key":"hush"}}""");

        var answer = await RunAsync(["checkconfig", "-e", "-c", "other.json", "--REDIS_URL=redis://:hush@example.com:1,redis+sentinel://example.com?master=m&sentinel_password=hush", "--AccessLog"]);

        string[] lines = answer.Output.Split('\n');
        using (Assert.EnterMultipleScope())
        {
            Assert.That(answer.ExitCode, Is.Zero, answer.Errors);
            Assert.That(lines, Has.Member("PORT = 0   (environment)").And.Member("PingSeconds = 20   (appsettings.json)").And.Member("PongSeconds = 8   (default)"));
            Assert.That(lines, Has.Member("MaxSubscriptionsPerConnection = 3   (Centrifugo's file, variables or flags)"));
            Assert.That(lines, Has.Member("CENTRIFUGO_API_KEY = (hidden)   (Centrifugo's file, variables or flags)"));
            Assert.That(lines, Has.Member("REDIS_URL = redis://(hidden)@example.com:1,redis+sentinel://example.com?master=m&sentinel_password=(hidden)   (argument)"));
            Assert.That(lines, Has.Member("AccessLog = true   (argument)").And.Member("JWT_SECRET = (hidden)   (environment)"));
            Assert.That(lines, Has.Member("Proxies:main:endpoint = https://(hidden)@example.com/   (appsettings.json)").And.Member("# Limits per address"));
            Assert.That(answer.Output + answer.Errors, Does.Not.Contain("hush").And.Not.Contain(Secret));
        }
    }

    [Test]
    public async Task A_misspelt_variable_is_named_with_the_setting_that_was_meant()
    {
        await using var program = BrokerProgram.Start(_folder.FullName, ["checkconfig"], ("CLAW_DATADIR", "/x"), ("Loging__LogLevel__Default", "Debug"), ("UNRELATED_NAME", "x"));

        Assert.That(await program.WaitForExitAsync(), Is.Zero);
        Assert.That((await program.ReadErrorsAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries), Is.EquivalentTo(new[]
        {
            "clawevents-broker: CLAW_DATADIR: unknown setting; did you mean CLAW_DATA_DIR?", "clawevents-broker: Loging: unknown setting; did you mean Logging?",
        }));
    }

    [Test]
    public async Task Help_names_every_command_and_setting()
    {
        var answer = await RunAsync(["--help"]);

        Assert.That(answer.ExitCode, Is.Zero);
        Assert.That(answer.Output, Does.Contain("gentoken").And.Contain("gensubtoken").And.Contain("checktoken").And.Contain("checksubtoken").And.Contain("genconfig").And.Contain("checkconfig").And.Contain("healthcheck").And.Contain("doctor"));
        Assert.That(answer.Output, Does.Contain("\nLimits per address:\n").And.Match("\n  PORT +TCP port; 0 takes any free one \\[8080\\]\n").And.Match("\n  Namespaces:N:OPTION +\\* "));
    }

    private async Task<Answer> RunAsync(string[] arguments, string secret = Secret)
    {
        await using var program = BrokerProgram.Start(_folder.FullName, arguments, ("JWT_SECRET", secret));
        var output = await program.ReadToEndAsync();
        return new(await program.WaitForExitAsync(), output, await program.ReadErrorsAsync());
    }

    private sealed record Answer(int ExitCode, string Output, string Errors);
}
