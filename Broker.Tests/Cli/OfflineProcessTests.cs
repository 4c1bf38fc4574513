using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Cli.Arguments;

namespace ClawEvents.Broker.Tests.Cli;

/// <summary>The built program without a server.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class OfflineProcessTests : IDisposable
{
    // The discard port: nothing listens there, so the refusal comes immediately.
    private const string AwayServer = "http://127.0.0.1:9";

    private readonly CliHome _home = new();

    public void Dispose() => _home.Dispose();

    [Test, CancelAfter(20_000)]
    public async Task The_version_is_one_line(CancellationToken cancellation)
    {
        var result = await CliProcess.RunAsync(_home, cancellation, "--version");

        Assert.That(result, Is.EqualTo(new CliResult(0, $"claw.events version {ProgramVersion.Text} (compatible with 1.0.2)\n", "")));
    }

    [Test, CancelAfter(20_000)]
    public async Task The_version_for_programs_has_a_name(CancellationToken cancellation)
    {
        var result = await CliProcess.RunAsync(_home, cancellation, "--version", "--json");

        var json = $$"""
            {
              "status": "success",
              "version": "{{ProgramVersion.Text}}",
              "name": "claw.events",
              "compatibleWith": "1.0.2"
            }

            """;
        Assert.That(result, Is.EqualTo(new CliResult(0, json, "")));
    }

    [Test, CancelAfter(20_000)]
    public async Task Help_is_shown_without_a_command(CancellationToken cancellation)
    {
        var result = await CliProcess.RunAsync(_home, cancellation);

        Assert.That((result.ExitCode, result.Error), Is.EqualTo((0, "")));
        Assert.That(result.Output, Does.Contain("claw.events CLI - ").And.Contain("USAGE:").And.Contain("GLOBAL OPTIONS:")
            .And.Contain("COMMANDS:").And.Contain("dev-register").And.Contain("DOCUMENTATION:"));
    }

    [Test, CancelAfter(20_000)]
    public async Task An_unknown_command_fails(CancellationToken cancellation)
    {
        var result = await CliProcess.RunAsync(_home, cancellation, "frobnicate");

        var error = "✗ Error: Unknown command: frobnicate\nHow to fix:\n  → See all commands: claw.events --help\n";
        Assert.That(result, Is.EqualTo(new CliResult(1, "", error)));
    }

    [Test, CancelAfter(20_000)]
    public async Task Whoami_without_a_login_is_not_an_error(CancellationToken cancellation)
    {
        var result = await CliProcess.RunAsync(_home, cancellation, "whoami", "--json");

        Assert.That((result.ExitCode, result.Error), Is.EqualTo((0, "")));
        Assert.That(result.Output, Is.EqualTo($$"""
            {
              "status": "success",
              "message": "Not authenticated",
              "data": {
                "authenticated": false,
                "checked": false,
                "username": null,
                "serverUrl": "https://claw.events",
                "configPath": "{{_home.ConfigFile}}",
                "globalOptions": {
                  "configPath": null,
                  "serverUrl": null,
                  "hasToken": false
                }
              },
              "nextSteps": [
                "Log in: claw.events login --user <name>",
                "On a development server: claw.events dev-register --user <name>"
              ],
              "documentation": [
                "https://claw.events/docs",
                "https://claw.events/docs/commands/whoami"
              ]
            }

            """));
    }

    [Test, CancelAfter(20_000)]
    public async Task Config_saves_a_server_and_shows_it(CancellationToken cancellation)
    {
        var saved = await CliProcess.RunAsync(_home, cancellation, "config", "--server", "http://localhost:8080/");
        var shown = await CliProcess.RunAsync(_home, cancellation, "--token", "secret", "config");

        Assert.That(saved.Output, Is.EqualTo($"""

            ✓ Server configuration updated

            • serverUrl    : http://localhost:8080
            • webSocketUrl : ws://localhost:8080/connection/websocket
            • configPath   : {_home.ConfigFile}

            Next steps:
              → Show the settings: claw.events config --show


            """));
        Assert.That(shown.Output, Is.EqualTo($"""

            ✓ Current configuration

            • serverUrl     : http://localhost:8080
            • wsUrl         : ws://localhost:8080/connection/websocket
            • username      : null
            • hasToken      : true
            • context       : default
            • configPath    : {_home.ConfigFile}
            • globalOptions :
              • configPath : null
              • serverUrl  : null
              • hasToken   : true

            Next steps:
              → Use another server: claw.events config --server <url>
              → Log in: claw.events login --user <name>


            """));
    }

    [TestCase("config --server", "No server URL provided")]
    [TestCase("config --server localhost", "Invalid URL format: localhost")]
    [TestCase("dev-register", "Missing --user flag")]
    [TestCase("pub", "Missing channel parameter")]
    [TestCase("pub public.x hello", "Authentication required")]
    [TestCase("sub", "No channels specified")]
    [TestCase("--token t --server " + AwayServer + " pub public.x hello", "Cannot reach " + AwayServer + ": Connection refused")]
    [TestCase("--server " + AwayServer + " dev-register --user a", "Cannot reach " + AwayServer + ": Connection refused")]
    [TestCase("--token t --server nonsense pub public.x hello", "Invalid URL format: nonsense")]
    [CancelAfter(20_000)]
    public async Task A_command_that_cannot_work_says_why_and_what_to_do(string line, string error, CancellationToken cancellation)
    {
        var result = await CliProcess.RunAsync(_home, cancellation, line.Split(' '));

        Assert.That((result.ExitCode, result.Output), Is.EqualTo((1, "")));
        Assert.That(result.Error, Does.StartWith($"✗ Error: {error}\nHow to fix:\n  → ").And.Not.Contain("   at "));
    }

    [Test, CancelAfter(20_000)]
    public async Task A_malformed_config_file_is_named_and_ignored(CancellationToken cancellation)
    {
        _home.WriteConfig("{ not json");

        var result = await CliProcess.RunAsync(_home, cancellation, "whoami");

        Assert.That(result.ExitCode, Is.Zero);
        Assert.That(result.Error, Is.EqualTo($"Warning: The config file {_home.ConfigFile} is not a JSON object; it is ignored\n"));
        Assert.That(result.Output, Does.Contain("ℹ Not authenticated"));
    }

    [Test, CancelAfter(20_000)]
    public async Task A_running_rate_limit_stops_pub_before_anything_is_sent(CancellationToken cancellation)
    {
        _home.WriteConfig($$"""{"token":"t","rateLimitedUntil":{{DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeMilliseconds()}}}""");

        var result = await CliProcess.RunAsync(_home, cancellation, "--server", AwayServer, "pub", "public.x", "hello");

        Assert.That(result.ExitCode, Is.EqualTo(1));
        Assert.That(result.Error, Does.StartWith("✗ Error: Rate limit active. You must wait 3"));
    }
}
