using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Cli;

/// <summary>Mistakes of users and errors around them: each gives one line, a next step and exit code 1, and nothing is left half done.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class BadInputTests : IDisposable
{
    // The discard port: nothing listens there, so the refusal comes immediately.
    private const string AwayServer = "http://127.0.0.1:9";

    private static readonly string[] Writing =
    [
        "pub public.x 1", "lock agent.a.x", "unlock agent.a.x", "grant b agent.a.x", "revoke b agent.a.x", "request agent.a.x",
        "advertise set -c agent.a.x", "advertise delete agent.a.x",
        "app create weather", "app list", "app show weather", "app rotate weather", "app delete weather",
        "webhook add public.x https://a.example", "webhook list", "webhook show w", "webhook rotate w", "webhook resume w", "webhook test w", "webhook remove w",
    ];

    private static readonly string[] Reading =
        ["locks bob", "advertise list", "advertise list bob", "advertise search x", "advertise show agent.a.x", "channels", "channels --key k", "server info --key k", "history public.x --key k", "presence public.x --key k"];

    private static readonly string[] Saving =
        ["login --token t", "login --user alice --moltbook", "dev-register --user alice", "verify", "logout", "config --server http://x"];

    private readonly CliHome _home = new();

    public void Dispose() => _home.Dispose();

    private static IEnumerable<string> Asking => [.. Writing, .. Reading, "dev-register --user alice", "login --user alice --moltbook", "logout --revoke"];

    [TestCase("frobnicate", "Unknown command: frobnicate")]
    [TestCase("--frobnicate pub x", "Unknown command: --frobnicate")]
    [TestCase("help frobnicate", "Unknown command: frobnicate")]
    [TestCase("help advertise frobnicate", "Unknown command: advertise frobnicate")]
    [TestCase("advertise frobnicate", "Unknown advertise subcommand: frobnicate")]
    [TestCase("app --json-ish", "Unknown app subcommand: --json-ish")]
    [TestCase("completion", null)]
    [TestCase("login", "Missing --user or --token flag")]
    [TestCase("login --user", "Missing value for --user")]
    [TestCase("dev-register", "Missing --user flag")]
    [TestCase("verify", "The verify command is deprecated")]
    [TestCase("pub", "Missing channel parameter")]
    [TestCase("lock", "Missing channel parameter")]
    [TestCase("unlock", "Missing channel parameter")]
    [TestCase("locks", "Authentication required")]
    [TestCase("grant bob", "Missing target_agent or channel parameter")]
    [TestCase("revoke", "Missing target_agent or channel parameter")]
    [TestCase("request", "Missing channel parameter")]
    [TestCase("advertise set", "Missing --channel parameter")]
    [TestCase("advertise delete", "Missing channel parameter")]
    [TestCase("advertise search", "Missing search query")]
    [TestCase("advertise search x --limit 0", "Invalid --limit value. Must be a positive integer.")]
    [TestCase("advertise search x -l many", "Invalid --limit value. Must be a positive integer.")]
    [TestCase("advertise show", "Missing channel parameter")]
    [TestCase("advertise show public.x", "Invalid channel format")]
    [TestCase("advertise show agent.bob", "Invalid channel format")]
    [TestCase("history", "Missing channel parameter")]
    [TestCase("history public.x --limit 0", "Invalid --limit value. Must be a positive integer.")]
    [TestCase("history public.x --since soon", "Invalid --since value. Must be an offset, an age such as 10m, or a date.")]
    [TestCase("history public.x --format xml", "Invalid --format value. Must be json or table.")]
    [TestCase("history public.x --key -", "This needs the key of the server API")]
    [TestCase("presence", "Missing channel parameter")]
    [TestCase("channels --key -", "This needs the key of the server API")]
    [TestCase("server info", "This needs the key of the server API")]
    [TestCase("ping --count 0", "Invalid --count value. Must be a number from 1 to 1000.")]
    [TestCase("ping --count 1001", "Invalid --count value. Must be a number from 1 to 1000.")]
    [TestCase("sub", "No channels specified")]
    [TestCase("sub public.x --prety", "Unknown option: --prety")]
    [TestCase("subexec --bufer 10 public.x -- true", "Unknown option: --bufer")]
    [TestCase("app create", "Missing app name")]
    [TestCase("webhook add public.x", "Missing channel or url parameter")]
    [TestCase("webhook remove", "Missing webhook id")]
    [TestCase("webhook frobnicate", "Unknown webhook subcommand: frobnicate")]
    [TestCase("app show", "Missing app name")]
    [TestCase("app rotate", "Missing app name")]
    [TestCase("app delete", "Missing app name")]
    [TestCase("lock agent.a.x too-much", "Unexpected argument: too-much")]
    [TestCase("config --server localhost", "Invalid URL format: localhost")]
    public async Task An_incomplete_command_line_names_the_missing_part(string line, string? error)
    {
        var result = await CliRun.RunAsync(_home, line.Split(' '));

        if (error is null)
        {
            Assert.That((result.ExitCode, result.Error), Is.EqualTo((0, "")));
            return;
        }
        Assert.That((result.ExitCode, result.Output), Is.EqualTo((1, "")));
        Assert.That(result.Error, Does.StartWith($"✗ Error: {error}\nHow to fix:\n  → "));
    }

    [TestCase("pbu public.x 1", "Did you mean pub?")]
    [TestCase("subscirbe public.x", "Did you mean subscribe?")]
    [TestCase("--jsno whoami", "Did you mean --json?")]
    [TestCase("help whomai", "Did you mean whoami?")]
    [TestCase("advertise serach x", "Did you mean search?")]
    [TestCase("advertise set --chanel agent.a.x", "Did you mean --channel?")]
    [TestCase("lock agent.a.x --servr http://x", "Did you mean --server?")]
    [TestCase("sub public.x --prety", "Did you mean --pretty?")]
    [TestCase("subexec --bufer 10 public.x -- true", "Did you mean --buffer?")]
    public async Task A_slip_of_the_finger_is_answered_with_what_was_meant(string line, string suggestion)
    {
        var result = await CliRun.RunAsync(_home, line.Split(' '));

        Assert.That((result.ExitCode, result.Output), Is.EqualTo((1, "")));
        Assert.That(result.Error, Does.Match("^✗ Error: Unknown .+\nHow to fix:\n").And.Contain($"\n  → {suggestion}\n"));
    }

    [TestCaseSource(nameof(Asking))]
    [CancelAfter(20_000)]
    public async Task An_unreachable_server_is_named_in_the_error(string line)
    {
        _home.WriteConfig("""{"username":"alice","token":"t"}""");

        var result = await CliRun.RunAsync(_home, ["-s", AwayServer, .. line.Split(' ')]);

        Assert.That((result.ExitCode, result.Output), Is.EqualTo((1, "")));
        Assert.That(result.Error, Does.StartWith($"✗ Error: Cannot reach {AwayServer}: Connection refused\nHow to fix:\n  → "));
    }

    [TestCaseSource(nameof(Writing))]
    public async Task Without_a_token_nothing_is_sent(string line)
    {
        var result = await CliRun.RunAsync(_home, ["-s", AwayServer, .. line.Split(' ')]);

        Assert.That((result.ExitCode, result.Output), Is.EqualTo((1, "")));
        Assert.That(result.Error, Does.StartWith("✗ Error: Authentication required\nHow to fix:\n  → Log in: claw.events login"));
    }

    [TestCaseSource(nameof(Writing))]
    [CancelAfter(20_000)]
    public async Task A_rejected_token_leads_to_a_new_login(string line)
    {
        await using var server = await CliServerDouble.StartAsync();
        server.Answer = _ => (401, """{"error":"Invalid or expired token"}""");

        var result = await CliRun.RunAsync(_home, ["-s", server.Url, .. WithToken(line)]);

        Assert.That((result.ExitCode, result.Output), Is.EqualTo((1, "")));
        Assert.That(result.Error, Does.Match("^✗ Error: .+: Invalid or expired token\nHow to fix:\n  → Log in again: "));
        Assert.That(result.Error, Does.Not.Contain("the-token"));
    }

    [TestCaseSource(nameof(Writing))]
    [CancelAfter(20_000)]
    public async Task A_rate_limit_is_waited_out_before_anything_is_sent_again(string line)
    {
        await using var server = await CliServerDouble.StartAsync();
        var until = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeMilliseconds();
        server.Answer = _ => (429, $$"""{"error":"rate limit exceeded","retry_timestamp":{{until}}}""");

        var first = await CliRun.RunAsync(_home, ["-s", server.Url, .. WithToken(line)]);
        var second = await CliRun.RunAsync(_home, ["-s", server.Url, .. WithToken("lock agent.a.x")]);
        var reading = await CliRun.RunAsync(_home, ["-s", server.Url, "locks", "bob"]);

        Assert.That(first.Error, Does.Match(@"^✗ Error: Server rate limit exceeded\. You must wait 3\d\d\d second\(s\)"));
        Assert.That(second.Error, Does.Match(@"^✗ Error: Rate limit active\. You must wait 3\d\d\d second\(s\)"));
        Assert.That(reading.Error, Does.StartWith("✗ Error: Failed to list locked channels: "));
        Assert.That(server.Requests, Has.Count.EqualTo(2));
    }

    [TestCaseSource(nameof(Writing))]
    [CancelAfter(20_000)]
    public async Task Any_other_answer_ends_the_wait(string line)
    {
        _home.WriteConfig($$"""{"token":"t","rateLimitedUntil":{{DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - 1}}}""");
        await using var server = await CliServerDouble.StartAsync();

        await CliRun.RunAsync(_home, ["-s", server.Url, .. line.Split(' ')]);

        Assert.That(await File.ReadAllTextAsync(_home.ConfigFile), Does.Not.Contain("rateLimitedUntil"));
    }

    // The file is checked first: the server must not issue or revoke a key if the result cannot be saved.
    [TestCaseSource(nameof(Saving))]
    [CancelAfter(20_000)]
    public async Task A_config_file_that_cannot_be_read_is_left_alone_and_nothing_is_sent(string line)
    {
        _home.WriteConfig("{ \"token\": \"half");
        await using var server = await CliServerDouble.StartAsync();

        var result = await CliRun.RunAsync(_home, ["-s", server.Url, .. line.Split(' ')]);

        Assert.That((result.ExitCode, result.Output), Is.EqualTo((1, "")));
        Assert.That(result.Error, Does.Contain(line is "verify"
            ? "✗ Error: The verify command is deprecated\n"
            : $"✗ Error: The config file {_home.ConfigFile} is not a JSON object\nHow to fix:\n  → Repair or remove the file: "));
        Assert.That(server.Requests, Is.Empty);
        Assert.That(await File.ReadAllTextAsync(_home.ConfigFile), Is.EqualTo("{ \"token\": \"half"));
    }

    [TestCaseSource(nameof(Saving))]
    [CancelAfter(20_000)]
    public async Task A_home_that_cannot_be_written_is_named_and_nothing_is_sent(string line)
    {
        // With so long a name no temporary file can be created beside it, not even by root.
        var config = Path.Combine(_home.Folder, $"{new string('c', 240)}.json");
        await File.WriteAllTextAsync(config, """{"username":"alice","token":"t","profileVerifier":"v"}""");
        await using var server = await CliServerDouble.StartAsync();

        var result = await CliRun.RunAsync(_home, ["-s", server.Url, "-c", config, .. line.Split(' ')]);

        Assert.That((result.ExitCode, result.Output), Is.EqualTo((1, "")));
        Assert.That(result.Error, Does.StartWith($"✗ Error: Cannot write the config file {config}: "));
        Assert.That(result.Error, Does.Contain("How to fix:\n  → Make the folder writable\n"));
        Assert.That(server.Requests, Is.Empty);
        Assert.That(await File.ReadAllTextAsync(config), Is.EqualTo("""{"username":"alice","token":"t","profileVerifier":"v"}"""));
    }

    [Test, CancelAfter(20_000), Platform("Linux")]
    public async Task A_home_that_cannot_be_written_ends_the_program_before_anything_is_sent(CancellationToken cancellation)
    {
        // Nobody can write there, not even root.
        _home.Variables["HOME"] = "/proc";
        await using var server = await CliServerDouble.StartAsync();

        var result = await CliProcess.RunAsync(_home, cancellation, "-s", server.Url, "dev-register", "--user", "alice");

        Assert.That((result.ExitCode, result.Output), Is.EqualTo((1, "")));
        Assert.That(result.Error, Does.StartWith("✗ Error: Cannot write the config file /proc/.config/.claw.events/config.json: "));
        Assert.That(server.Requests, Is.Empty);
    }

    [Test, CancelAfter(20_000)]
    public async Task A_config_file_without_read_permission_is_reported_and_ignored()
    {
        Directory.CreateDirectory(_home.ConfigFile);

        var result = await CliRun.RunAsync(_home, "whoami");

        Assert.That(result.ExitCode, Is.Zero);
        Assert.That(result.Error, Does.StartWith($"Warning: Cannot read the config file {_home.ConfigFile}: ").And.EndWith("; it is ignored\n"));
        Assert.That(result.Output, Does.StartWith("\nℹ Not authenticated\n"));
    }

    private static IEnumerable<string> WithToken(string line) => ["--token", "the-token", .. line.Split(' ')];
}
