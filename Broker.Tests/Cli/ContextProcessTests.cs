using System.Runtime.Versioning;
using System.Text.Json;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Cli;

/// <summary>The built client's contexts, with a real broker in each.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[UnsupportedOSPlatform("windows")]
internal sealed class ContextProcessTests : IDisposable
{
    private readonly CliHome _home = new();

    private string StagingFile => Path.Combine(Path.GetDirectoryName(_home.ConfigFile)!, "contexts", "staging.json");

    public void Dispose() => _home.Dispose();

    [Test, CancelAfter(60_000)]
    public async Task Each_context_has_a_server_and_a_login_of_its_own(CancellationToken cancellation)
    {
        await using var first = await CliBroker.StartAsync();
        await using var second = await CliBroker.StartAsync();
        await RunAsync(cancellation, "-s", first.Url, "config", "--server", first.Url);
        await RunAsync(cancellation, "dev-register", "--user", "alice");
        await RunAsync(cancellation, "context", "add", "staging", "--server", second.Url);
        await RunAsync(cancellation, "--context", "staging", "dev-register", "--user", "bob");
        var before = await NameAndServerAsync(cancellation);
        await RunAsync(cancellation, "context", "use", "staging");
        var chosen = await NameAndServerAsync(cancellation);
        var published = await RunAsync(cancellation, "pub", "agent.bob.x", "1");
        var other = await NameAndServerAsync(cancellation, "--context", "default");
        _home.Variables["CLAW_CONTEXT"] = "default";
        var byVariable = await NameAndServerAsync(cancellation);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(before, Is.EqualTo(("alice", first.Url)));
            Assert.That(chosen, Is.EqualTo(("bob", second.Url)));
            Assert.That(published.ExitCode, Is.Zero);
            Assert.That(other, Is.EqualTo(("alice", first.Url)));
            Assert.That(byVariable, Is.EqualTo(("alice", first.Url)));
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task A_context_is_as_private_as_the_config_file_and_its_token_is_not_shown(CancellationToken cancellation)
    {
        using var add = CliProcess.Start(_home, ["context", "add", "staging", "-s", "http://localhost:1", "--token", "-"], "secret-token\n");
        var added = await add.WaitAsync(cancellation);
        var listed = await RunAsync(cancellation, "context", "list");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(File.GetUnixFileMode(StagingFile), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
            Assert.That(File.GetUnixFileMode(Path.GetDirectoryName(StagingFile)!), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));
            Assert.That(await File.ReadAllTextAsync(StagingFile, cancellation), Does.Contain("secret-token"));
            Assert.That(added.Output + added.Error + listed.Output, Does.Not.Contain("secret-token"));
            Assert.That(listed.Output, Does.Contain("  staging  no     http://localhost:1   -         yes\n"));
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task A_removed_context_is_not_in_use_any_more(CancellationToken cancellation)
    {
        await RunAsync(cancellation, "context", "add", "staging", "--server", "http://localhost:1");
        await RunAsync(cancellation, "context", "use", "staging");
        var removed = await RunAsync(cancellation, "context", "rm", "staging");
        var who = await NameAndServerAsync(cancellation);

        Assert.That(removed.ExitCode, Is.Zero);
        Assert.That(File.Exists(StagingFile), Is.False);
        Assert.That(who, Is.EqualTo(((string?)null, "https://claw.events")));
    }

    [TestCase("--context stagign whoami", "There is no context named stagign\nHow to fix:\n  → Did you mean staging?")]
    [TestCase("context use stagign", "There is no context named stagign\nHow to fix:\n  → Did you mean staging?")]
    [TestCase("context remove nothing", "There is no context named nothing")]
    [TestCase("context remove default", "The context default is the config file itself")]
    [TestCase("context add staging --server http://x", "There is a context named staging already")]
    [TestCase("context add other", "Missing --server flag")]
    [TestCase("context add other --server nonsense", "Invalid URL format: nonsense")]
    [TestCase("context add ../other --server http://x", "Invalid context name: ../other")]
    [TestCase("--context ../config whoami", "There is no context named ../config")]
    [TestCase("context use", "Missing context name")]
    [CancelAfter(30_000)]
    public async Task A_context_that_cannot_be_is_an_error(string line, string error, CancellationToken cancellation)
    {
        await RunAsync(cancellation, "context", "add", "staging", "--server", "http://localhost:1");

        var result = await RunAsync(cancellation, line.Split(' '));

        Assert.That((result.ExitCode, result.Output), Is.EqualTo((1, "")));
        Assert.That(result.Error, Does.StartWith($"✗ Error: {error}"));
    }

    [Test, CancelAfter(30_000)]
    public async Task A_chosen_context_that_is_gone_stops_commands_but_not_the_choice_of_another_one(CancellationToken cancellation)
    {
        _home.WriteConfig("""{"context":"gone","token":"t"}""");

        var who = await RunAsync(cancellation, "whoami");
        var version = await RunAsync(cancellation, "version");
        var listed = await RunAsync(cancellation, "context", "list");
        var used = await RunAsync(cancellation, "context", "use", "default");
        var after = await RunAsync(cancellation, "whoami");

        Assert.That(who.Error, Does.StartWith("✗ Error: There is no context named gone\n"));
        Assert.That((version.ExitCode, listed.ExitCode, used.ExitCode, after.ExitCode), Is.EqualTo((0, 0, 0, 0)));
        Assert.That(await File.ReadAllTextAsync(_home.ConfigFile, cancellation), Does.Contain("\"token\": \"t\"").And.Not.Contain("gone"));
    }

    [Test, CancelAfter(30_000)]
    public async Task Variables_of_another_server_do_not_mix_with_a_context_that_was_asked_for(CancellationToken cancellation)
    {
        await RunAsync(cancellation, "context", "add", "staging", "--server", "http://localhost:1", "--token", "own");
        _home.Variables["CLAW_API_URL"] = "http://localhost:2";
        _home.Variables["CLAW_TOKEN"] = "of-another-server";

        var asked = await RunAsync(cancellation, "--context", "staging", "config", "--json");

        var data = JsonDocument.Parse(asked.Output).RootElement.GetProperty("data");
        Assert.That(data.GetProperty("serverUrl").GetString(), Is.EqualTo("http://localhost:1"));
        Assert.That(data.GetProperty("context").GetString(), Is.EqualTo("staging"));
    }

    private async Task<(string? Name, string? Server)> NameAndServerAsync(CancellationToken cancellation, params string[] options)
    {
        var result = await RunAsync(cancellation, [.. options, "whoami", "--json"]);
        var data = JsonDocument.Parse(result.Output).RootElement.GetProperty("data");
        return (data.GetProperty("username").GetString(), data.GetProperty("serverUrl").GetString());
    }

    private Task<CliResult> RunAsync(CancellationToken cancellation, params string[] arguments) =>
        CliProcess.RunAsync(_home, cancellation, arguments);
}
