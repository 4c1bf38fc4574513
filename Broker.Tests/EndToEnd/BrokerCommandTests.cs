using System.Text.Json;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>The words that the program takes in the place of running the broker.</summary>
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
    public async Task A_token_that_it_made_is_good(string make, string check, string more, string verdict, string payload)
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
    public async Task A_token_to_connect_with_is_none_to_subscribe_with_and_the_other_way_round()
    {
        var (connect, subscribe) = ((await RunAsync(["gentoken", "-q"])).Output.Trim(), (await RunAsync(["gensubtoken", "-s", "x", "-q"])).Output.Trim());

        var (wrongSubscribe, wrongConnect) = (await RunAsync(["checksubtoken", connect]), await RunAsync(["checktoken", subscribe]));

        Assert.That((wrongSubscribe.ExitCode, wrongConnect.ExitCode), Is.EqualTo((1, 1)));
        Assert.That((wrongSubscribe.Errors, wrongConnect.Errors), Is.EqualTo((
            "error: the token names no channel: it is not one to subscribe with\n", "error: the token names a channel: it is not one to connect with\n")));
    }

    [Test]
    public async Task A_token_may_have_no_end_and_says_for_whom_it_is()
    {
        var made = await RunAsync(["gentoken", "--user=alice", "-t", "-1"]);

        var lines = made.Output.Split('\n');
        Assert.That(lines[0], Is.EqualTo("HS256 token for user alice, without an end:"));
        Assert.That((await RunAsync(["checktoken", lines[1]])).Output, Does.Not.Contain("exp"));
    }

    [Test]
    public async Task A_token_of_another_key_and_one_that_has_ended_are_wrong()
    {
        var foreign = await RunAsync(["checktoken", TestToken.Of("""{"sub":"42"}""", "another secret of at least 32 bytes....")]);
        var ended = await RunAsync(["checktoken", TestToken.Of("""{"sub":"42","exp":1}""", Secret)]);

        Assert.That((foreign.ExitCode, foreign.Errors), Is.EqualTo((1, "error: invalid token: malformed, or not signed with a key, for an audience and by an issuer that the settings name\n")));
        Assert.That((ended.ExitCode, ended.Errors), Is.EqualTo((1, "error: token expired, or not valid yet\n")));
    }

    [Test]
    public async Task A_token_made_beside_a_broker_lets_in()
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
    public async Task A_new_configuration_is_right_is_its_owners_alone_and_replaces_none()
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
    public async Task A_new_configuration_is_written_as_the_ending_of_its_file_says(string file, string start)
    {
        var made = await RunAsync(["genconfig", "-c", file]);
        var check = await RunAsync(["checkconfig", "-s", "-c", file]);

        Assert.That((made.ExitCode, check), Is.EqualTo((0, new Answer(0, "", ""))));
        Assert.That(await File.ReadAllTextAsync(Path.Combine(_folder.FullName, file)), Does.StartWith(start));
    }

    [TestCase("""{"client":{"channel_limit":0}}""", "", 1, "clawevents-broker: MaxSubscriptionsPerConnection: '0' is not a whole number from 1 to 100000. Example: MaxSubscriptionsPerConnection=128\n")]
    [TestCase("""{"admin":{"enabled":true}}""", "", 0, "clawevents-broker: admin.enabled: a setting of Centrifugo that means nothing here\n")]
    [TestCase("""{"admin":{"enabled":true}}""", "-s", 1, "clawevents-broker: admin.enabled: a setting of Centrifugo that means nothing here\n")]
    [TestCase("""{"http_server":{"port":7000}}""", "--strict", 0, "")]
    public async Task A_configuration_is_judged_without_being_run(string json, string option, int exitCode, string errors)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "other.json"), json);

        var answer = await RunAsync(["checkconfig", "-c", "other.json", .. option.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);

        Assert.That(answer, Is.EqualTo(new Answer(exitCode, "", errors)));
    }

    [TestCase("gentokens", "there is no command 'gentokens'")]
    [TestCase("gentoken -x", "'-x' is not an option here. Usage: clawevents-broker gentoken [-u USER]")]
    [TestCase("gentoken -u", "-u needs a value")]
    [TestCase("gentoken -q=1", "-q=1 takes no value")]
    [TestCase("version 1", "'1' is not an option here")]
    public async Task What_is_no_command_is_told_so(string arguments, string fault)
    {
        var answer = await RunAsync(arguments.Split(' '));

        Assert.That((answer.ExitCode, answer.Output), Is.EqualTo((64, "")));
        Assert.That(answer.Errors, Does.StartWith($"clawevents-broker: {fault}"));
    }

    [Test]
    public async Task Help_names_every_command()
    {
        var answer = await RunAsync(["--help"]);

        Assert.That(answer.ExitCode, Is.Zero);
        Assert.That(answer.Output, Does.Contain("gentoken").And.Contain("gensubtoken").And.Contain("checktoken").And.Contain("checksubtoken").And.Contain("genconfig").And.Contain("checkconfig").And.Contain("healthcheck"));
    }

    private async Task<Answer> RunAsync(string[] arguments, string secret = Secret)
    {
        await using var program = BrokerProgram.Start(_folder.FullName, arguments, ("JWT_SECRET", secret));
        var output = await program.ReadToEndAsync();
        return new(await program.WaitForExitAsync(), output, await program.ReadErrorsAsync());
    }

    private sealed record Answer(int ExitCode, string Output, string Errors);
}
