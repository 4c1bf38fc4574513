using System.Runtime.Versioning;
using System.Text.Json;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.Cli;

/// <summary>The three logins of the built client against the real broker, with doubles of the servers that know the agents.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[UnsupportedOSPlatform("windows")]
internal sealed class LoginProcessTests : IDisposable
{
    // The discard port: nothing listens there.
    private const string Away = "http://127.0.0.1:9";

    private readonly CliHome _home = new();

    public void Dispose() => _home.Dispose();

    [Test, CancelAfter(30_000)]
    public async Task The_usual_ssh_key_logs_in_in_one_step(CancellationToken cancellation)
    {
        using var key = await SshKeyPair.CreateAsync();
        _home.AddKey(key);
        await using var clawkey = await RunningClawkey.StartAsync();
        clawkey.Keys["/@alice/main"] = key.PublicKey;
        await using var broker = await StartBrokerAsync(clawkey);

        var login = await RunAsync(broker, cancellation, "login", "--user", "alice", "--verbose");
        var published = await RunAsync(broker, cancellation, "pub", "agent.alice.news", "1");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(login, Is.EqualTo(new CliResult(0, $"""

                ✓ Authentication completed

                • username   : alice
                • keyName    : main
                • configPath : {_home.ConfigFile}

                Next steps:
                  → Publish: claw.events pub agent.alice.updates "hello"
                  → Subscribe: claw.events sub agent.alice.updates


                """, "")));
            Assert.That(published.ExitCode, Is.Zero);
            Assert.That(File.GetUnixFileMode(_home.ConfigFile), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        }
    }

    [TestCase("login -u alice -k laptop -p {0}", "")]
    [TestCase("login --user alice --key-name laptop", "{0}")]
    [CancelAfter(30_000)]
    public async Task A_named_key_signs_and_not_the_usual_one(string line, string variable, CancellationToken cancellation)
    {
        using var usual = await SshKeyPair.CreateAsync();
        using var named = await SshKeyPair.CreateAsync("ecdsa");
        _home.AddKey(usual);
        _home.Variables["CLAW_SSH_KEY"] = string.Format(null, variable, named.PrivateKeyFile);
        await using var clawkey = await RunningClawkey.StartAsync();
        clawkey.Keys["/@alice/laptop"] = named.PublicKey;
        await using var broker = await StartBrokerAsync(clawkey);

        var login = await RunAsync(broker, cancellation, string.Format(null, line, named.PrivateKeyFile).Split(' '));

        Assert.That(login.Output, Does.StartWith("\n✓ Authentication completed\n\n• username   : alice\n• keyName    : laptop\n"));
    }

    [Test, CancelAfter(30_000)]
    public async Task A_key_that_is_not_the_published_one_is_refused(CancellationToken cancellation)
    {
        using var mine = await SshKeyPair.CreateAsync();
        using var published = await SshKeyPair.CreateAsync();
        _home.AddKey(mine);
        await using var clawkey = await RunningClawkey.StartAsync();
        clawkey.Keys["/@alice/main"] = published.PublicKey;
        await using var broker = await StartBrokerAsync(clawkey);

        var login = await RunAsync(broker, cancellation, "login", "--user", "alice");

        Assert.That((login.ExitCode, login.Output), Is.EqualTo((1, "")));
        Assert.That(login.Error, Does.StartWith(
            "✗ Error: Authentication verification failed: signature verification failed\nHow to fix:\n  → Publish the public half"));
        Assert.That(File.Exists(_home.ConfigFile), Is.False);
    }

    [Test, CancelAfter(30_000)]
    public async Task A_file_that_is_not_a_key_is_named_by_ssh_keygen(CancellationToken cancellation)
    {
        using var key = await SshKeyPair.CreateAsync();
        var broken = Path.Combine(_home.Folder, "broken");
        await File.WriteAllTextAsync(broken, "no key\n", cancellation);
        File.SetUnixFileMode(broken, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await using var clawkey = await RunningClawkey.StartAsync();
        clawkey.Keys["/@alice/main"] = key.PublicKey;
        await using var broker = await StartBrokerAsync(clawkey);

        var login = await RunAsync(broker, cancellation, "login", "--user", "alice", "--key-path", broken);

        Assert.That((login.ExitCode, login.Output), Is.EqualTo((1, "")));
        Assert.That(login.Error, Does.Match("^✗ Error: Failed to sign login challenge: .*broken.*\nHow to fix:\n  → "));
    }

    [Test, CancelAfter(30_000)]
    public async Task A_moltbook_profile_logs_in_in_two_steps(CancellationToken cancellation)
    {
        await using var moltbook = await RunningMoltbook.StartAsync();
        await using var broker = await CliBroker.StartAsync(
            change: options => options with { Identity = options.Identity with { MoltbookApiBase = moltbook.Url, MoltbookApiKey = RunningMoltbook.Key } });
        moltbook.Descriptions["alice"] = "nothing yet";

        var begun = await RunAsync(broker, cancellation, "login", "--user", "alice", "--moltbook");
        var mode = File.GetUnixFileMode(_home.ConfigFile);
        var early = await RunAsync(broker, cancellation, "verify");
        moltbook.Descriptions["alice"] = $"I am alice. {SignatureIn(begun.Output)}";
        var verified = await RunAsync(broker, cancellation, "verify");
        var published = await RunAsync(broker, cancellation, "pub", "agent.alice.news", "1");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(begun.Output, Does.StartWith("\n✓ Authentication initiated\n\n• username     : alice\n• instructions : "));
            Assert.That(mode, Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
            Assert.That(early.Error, Does.StartWith(
                "✗ Error: Authentication verification failed: signature not found\nHow to fix:\n  → Put the signature"));
            Assert.That(verified.Output, Does.StartWith(
                $"\n✓ Authentication verified successfully\n\n• username   : alice\n• configPath : {_home.ConfigFile}\n"));
            Assert.That(published.ExitCode, Is.Zero);
        }
    }

    [Test, CancelAfter(30_000)]
    public async Task A_server_without_any_login_says_so(CancellationToken cancellation)
    {
        await using var broker = await CliBroker.StartAsync();

        var login = await RunAsync(broker, cancellation, "login", "--user", "alice", "--moltbook");

        Assert.That((login.ExitCode, login.Output), Is.EqualTo((1, "")));
        Assert.That(login.Error, Does.StartWith("✗ Error: The server does not offer login with a Moltbook profile\n"));
    }

    [TestCase(false)]
    [TestCase(true)]
    [CancelAfter(30_000)]
    public async Task The_login_that_the_server_offers_is_used_without_a_flag(bool hasKey, CancellationToken cancellation)
    {
        using var key = await SshKeyPair.CreateAsync();
        if (hasKey)
        {
            _home.AddKey(key, "id_rsa");
        }
        // This clawkey has no key of alice.
        await using var clawkey = await RunningClawkey.StartAsync();
        await using var moltbook = await RunningMoltbook.StartAsync();
        await using var broker = await CliBroker.StartAsync(change: options => options with
        {
            Identity = options.Identity with { ClawkeyApiBase = clawkey.Origin, MoltbookApiBase = moltbook.Url, MoltbookApiKey = RunningMoltbook.Key },
        });

        var begun = await RunAsync(broker, cancellation, "login", "--user", "alice");

        Assert.That(begun.Output, Does.StartWith("\n✓ Authentication initiated\n"));
        Assert.That(begun.Error, Does.StartWith("Cannot log in with an SSH key (").And.EndsWith("); using the Moltbook profile instead\n"));
    }

    [Test, CancelAfter(30_000)]
    public async Task A_server_of_ssh_keys_has_no_second_step_and_no_profiles(CancellationToken cancellation)
    {
        await using var clawkey = await RunningClawkey.StartAsync();
        await using var broker = await StartBrokerAsync(clawkey);
        _home.WriteConfig("""{"username":"alice","profileVerifier":""}""");

        var verify = await RunAsync(broker, cancellation, "verify");
        var moltbook = await RunAsync(broker, cancellation, "login", "--user", "alice", "--moltbook");
        var noKey = await RunAsync(broker, cancellation, "login", "--user", "alice");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(verify.Error, Is.EqualTo(
                "✗ Error: The verify command is deprecated\nHow to fix:\n  → Log in with one command: claw.events login --user alice\n"));
            Assert.That(moltbook.Error, Does.StartWith("✗ Error: The server does not offer login with a Moltbook profile\n"));
            Assert.That(noKey.Error, Does.StartWith("✗ Error: No SSH private key available for signing\nHow to fix:\n  → Create one: ssh-keygen"));
            Assert.That((verify.ExitCode, moltbook.ExitCode, noKey.ExitCode), Is.EqualTo((1, 1, 1)));
        }
    }

    [Test, CancelAfter(30_000)]
    public async Task A_given_token_is_saved_and_not_shown(CancellationToken cancellation)
    {
        var token = TestToken.Of("""{"sub":"carol"}""");
        using var process = CliProcess.Start(_home, ["-s", Away, "login", "--token", "-", "--verbose"], token + "\n");
        var piped = await process.WaitAsync(cancellation);
        var saved = await File.ReadAllTextAsync(_home.ConfigFile, cancellation);
        var given = await CliProcess.RunAsync(_home, cancellation, "-s", Away, "--token", "secret-token", "login", "--user", "bob", "--verbose");
        var shown = await CliProcess.RunAsync(_home, cancellation, "config", "--show", "--verbose");
        var who = await CliProcess.RunAsync(_home, cancellation, "whoami", "--json", "--verbose");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(piped.Output, Does.StartWith($"\n✓ Authentication token saved\n\n• username   : carol\n• checked    : false\n• configPath : {_home.ConfigFile}\n"));
            Assert.That(saved, Does.Contain(token));
            Assert.That(given.Output, Does.StartWith("\n✓ Authentication token saved\n\n• username   : bob\n"));
            Assert.That(string.Concat(piped, given, shown, who), Does.Not.Contain("secret-token").And.Not.Contain(token));
            Assert.That(await File.ReadAllTextAsync(_home.ConfigFile, cancellation), Does.Contain("secret-token"));
            Assert.That(who.Output, Does.Contain("\"username\": \"bob\""));
        }
    }

    [Test, CancelAfter(30_000)]
    public async Task A_given_token_is_shown_to_the_server_before_it_is_saved(CancellationToken cancellation)
    {
        await using var broker = await CliBroker.StartAsync();
        await RunAsync(broker, cancellation, "dev-register", "--user", "alice");
        var own = JsonDocument.Parse(await File.ReadAllTextAsync(_home.ConfigFile, cancellation)).RootElement.GetProperty("token").GetString()!;
        File.Delete(_home.ConfigFile);

        var refused = await RunAsync(broker, cancellation, "login", "--token", "from-elsewhere");
        var isSaved = File.Exists(_home.ConfigFile);
        var accepted = await RunAsync(broker, cancellation, "login", "--token", own);
        var away = await CliProcess.RunAsync(_home, cancellation, "-s", Away, "login", "--token", "from-elsewhere");

        using (Assert.EnterMultipleScope())
        {
            Assert.That((refused.ExitCode, refused.Output, isSaved), Is.EqualTo((1, "", false)));
            Assert.That(refused.Error, Does.StartWith("✗ Error: The server does not accept the token: Invalid or expired token\nHow to fix:\n  → Use the server that issued it: --server <url>\n"));
            Assert.That(accepted.Output, Does.StartWith("\n✓ Authentication token saved\n\n• username   : alice\n• checked    : true\n"));
            Assert.That((away.ExitCode, away.Error), Is.EqualTo((0, $"Warning: the token was not checked: Cannot reach {Away}: Connection refused\n")));
        }
    }

    [Test, CancelAfter(30_000)]
    public async Task A_saved_app_key_leads_to_a_channel_of_the_app(CancellationToken cancellation)
    {
        await using var broker = await CliBroker.StartAsync();
        await RunAsync(broker, cancellation, "dev-register", "--user", "alice");
        var created = await RunAsync(broker, cancellation, "app", "create", "weather", "--json");
        var key = JsonDocument.Parse(created.Output).RootElement.GetProperty("data").GetProperty("key").GetString()!;

        var saved = await RunAsync(broker, cancellation, "login", "--token", key);

        Assert.That(saved.Output, Does.Contain("• username   : app:weather\n• checked    : true\n").And.Contain("claw.events pub app.weather.updates"));
    }

    [Test, CancelAfter(30_000)]
    public async Task Whoami_says_whether_the_server_was_asked(CancellationToken cancellation)
    {
        await using var broker = await CliBroker.StartAsync();
        await RunAsync(broker, cancellation, "dev-register", "--user", "alice");

        var stored = await RunAsync(broker, cancellation, "whoami");
        var asked = await RunAsync(broker, cancellation, "whoami", "--check", "--json");
        var foreign = await RunAsync(broker, cancellation, "--token", "from-elsewhere", "whoami", "--check");
        var away = await CliProcess.RunAsync(_home, cancellation, "-s", Away, "whoami", "--check");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(stored.Output, Does.StartWith("\n✓ Authentication status\n\n• authenticated : true\n• checked       : false\n• username      : alice\n• expiresAt     : in ")
                .And.Contain("  → Nothing was asked. Ask the server whether it accepts the token: claw.events whoami --check\n"));
            Assert.That(JsonDocument.Parse(asked.Output).RootElement.GetProperty("data").GetProperty("checked").GetBoolean(), Is.True);
            Assert.That((foreign.ExitCode, foreign.Output), Is.EqualTo((1, "")));
            Assert.That(foreign.Error, Does.StartWith("✗ Error: The server does not accept the token: Invalid or expired token\n"));
            Assert.That(away.Error, Does.StartWith($"✗ Error: The token was not checked: Cannot reach {Away}: Connection refused\n"));
        }
    }

    [Test, CancelAfter(30_000)]
    public async Task Logout_removes_the_token_and_can_revoke_it_on_the_server(CancellationToken cancellation)
    {
        await using var broker = await CliBroker.StartAsync();
        await RunAsync(broker, cancellation, "dev-register", "--user", "alice");
        var config = await File.ReadAllTextAsync(_home.ConfigFile, cancellation);

        var logout = await RunAsync(broker, cancellation, "logout", "--revoke");
        var again = await RunAsync(broker, cancellation, "logout");
        _home.WriteConfig(config);
        var published = await RunAsync(broker, cancellation, "pub", "agent.alice.news", "1");
        var endedTwice = await RunAsync(broker, cancellation, "logout", "--revoke");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(logout.Output, Does.StartWith(
                $"\n✓ Logged out successfully, and the token no longer works\n\n• configPath  : {_home.ConfigFile}\n• hadToken    : true\n• hadUsername : true\n"));
            Assert.That(again.Output, Does.StartWith("\n✓ Already logged out\n"));
            Assert.That(published.Error, Does.StartWith(
                "✗ Error: Failed to publish to channel: Invalid or revoked API key\nHow to fix:\n  → Log in again"));
            Assert.That(endedTwice.Output, Does.StartWith("\n✓ Logged out successfully, and the token no longer works\n"));
        }
    }

    private static string SignatureIn(string output) => output[output.IndexOf("claw-sig-", StringComparison.Ordinal)..].Split('\n')[0].Trim();

    private static Task<CliBroker> StartBrokerAsync(RunningClawkey clawkey) =>
        CliBroker.StartAsync(change: options => options with { Identity = options.Identity with { ClawkeyApiBase = clawkey.Origin } });

    private Task<CliResult> RunAsync(CliBroker broker, CancellationToken cancellation, params string[] arguments) =>
        CliProcess.RunAsync(_home, cancellation, ["--server", broker.Url, .. arguments]);
}
