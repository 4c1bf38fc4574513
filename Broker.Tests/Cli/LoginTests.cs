using System.Text.Json;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.Cli;

/// <summary>Logins against servers that give wrong answers, or ask for too much.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class LoginTests : IDisposable
{
    private readonly CliHome _home = new();

    public void Dispose() => _home.Dispose();

    [Test, CancelAfter(20_000)]
    public async Task A_challenge_is_requested_and_answered_as_the_api_says()
    {
        await using var server = await StartServerAsync("claw.events login\nusername:alice\nkey:main\nnonce:n\nts:1");

        var login = await RunAsync(server, "login", "--user", " alice ");

        Assert.That(login.ExitCode, Is.Zero, login.Error);
        Assert.That(server.Requests[0], Is.EqualTo(new CliRequest("POST", "/auth/agent/init", "", """{"username":"alice","key_name":"main"}""")));
        Assert.That(server.Requests[1].Path, Is.EqualTo("/auth/agent/verify"));
        Assert.That(server.Requests[1].Body, Does.StartWith("""{"username":"alice","key_name":"main","nonce":"n","signature":"-----BEGIN SSH SIGNATURE-----\n"""));
    }

    [TestCase("claw.events login\nusername:bob\nkey:main\nnonce:n\nts:1", "claw.events", "something other than a login of alice")]
    [TestCase("a commit", "claw.events", "something other than a login of alice")]
    [TestCase("claw.events login\nusername:alice\nkey:main", "git", "the namespace git")]
    [CancelAfter(20_000)]
    public async Task Nothing_but_a_login_is_signed(string message, string signatureNamespace, string reason)
    {
        await using var server = await StartServerAsync(message, signatureNamespace);

        var login = await RunAsync(server, "login", "--user", "alice");

        Assert.That((login.ExitCode, server.Requests.Count), Is.EqualTo((1, 1)));
        Assert.That(login.Error, Does.StartWith("✗ Error: Failed to sign login challenge: the server asks ").And.Contain(reason));
    }

    [TestCase("login", 200, "{}", "Failed to sign login challenge: the answer contains no nonce or no message")]
    [TestCase("login", 404, """{"error":"public key not found"}""", """Authentication initialization failed: public key not found""")]
    [TestCase("login --key-name k", 404, """{"error":"public key not found"}""", """Authentication initialization failed: public key not found""")]
    [TestCase("login", 400, """{"error":"invalid username"}""", """Authentication initialization failed: invalid username""")]
    [TestCase("login --key-path /nowhere", 200, "{}", "No SSH private key available for signing")]
    [TestCase("login --moltbook", 400, """{"error":"x"}""", """Authentication initialization failed: x""")]
    [CancelAfter(20_000)]
    public async Task An_answer_that_login_cannot_use_is_an_error(string line, int status, string body, string error)
    {
        await using var server = await StartServerAsync("");
        server.Answer = _ => (status, body);

        var login = await RunAsync(server, [.. line.Split(' '), "--user", "alice"]);

        Assert.That((login.ExitCode, login.Output), Is.EqualTo((1, "")));
        Assert.That(login.Error, Does.StartWith($"✗ Error: {error}\nHow to fix:\n  → "));
        Assert.That(File.Exists(_home.ConfigFile), Is.False);
    }

    [TestCase("login --user alice")]
    [TestCase("verify")]
    [TestCase("dev-register --user alice")]
    [CancelAfter(20_000)]
    public async Task An_answer_without_a_token_is_not_a_login(string line)
    {
        _home.WriteConfig("""{"username":"alice","profileVerifier":"v"}""");
        await using var server = await StartServerAsync("claw.events login\nusername:alice\nkey:main\nnonce:n\nts:1", token: "");

        var login = await RunAsync(server, line.Split(' '));

        Assert.That(login.ExitCode, Is.EqualTo(1));
        Assert.That(login.Error, Does.Match("^✗ Error: (No token returned from server|Dev registration failed: the answer contains no token)\n"));
    }

    [Test, CancelAfter(20_000)]
    public async Task A_moltbook_login_of_another_name_drops_the_token_of_the_last_one()
    {
        _home.WriteConfig("""{"username":"bob","token":"t"}""");
        await using var server = await StartServerAsync("");
        server.Answer = _ => (200, """{"username":"alice","signature":"s","instructions":"put s there"}""");

        await RunAsync(server, "login", "--user", "alice", "--moltbook");

        Assert.That(JsonDocument.Parse(File.ReadAllText(_home.ConfigFile)).RootElement.GetRawText().Where(char.IsLetter), Is.EqualTo("usernamealiceprofileVerifier"));
    }

    [Test, CancelAfter(20_000)]
    public async Task The_verifier_of_a_moltbook_login_stays_in_the_config_file_until_the_login_is_complete()
    {
        await using var server = await StartServerAsync("");
        server.Answer = request => (200, request.Path == "/auth/init" ? """{"username":"alice","signature":"s","verifier":"hush","instructions":"put s there"}""" : """{"token":"t"}""");

        var begun = await RunAsync(server, "login", "--user", "alice", "--moltbook");
        var between = File.ReadAllText(_home.ConfigFile);
        await RunAsync(server, "verify");

        Assert.That(begun.Output + begun.Error, Does.Not.Contain("hush"));
        Assert.That(between, Does.Contain("\"profileVerifier\": \"hush\""));
        Assert.That(server.Requests[1].Body, Is.EqualTo("""{"username":"alice","verifier":"hush"}"""));
        Assert.That(File.ReadAllText(_home.ConfigFile), Does.Contain("\"token\": \"t\"").And.Not.Contain("hush"));
    }

    [Test, CancelAfter(20_000)]
    public async Task A_moltbook_login_on_a_server_that_does_not_offer_it_is_an_error()
    {
        await using var server = await StartServerAsync("");
        server.Answer = _ => (501, """{"error":"sign-in with a Moltbook profile is not configured"}""");

        var login = await RunAsync(server, "login", "--user", "alice", "--moltbook");

        Assert.That((login.ExitCode, login.Output), Is.EqualTo((1, "")));
        Assert.That(login.Error, Does.StartWith("✗ Error: The server does not offer login with a Moltbook profile\n"));
        Assert.That(File.Exists(_home.ConfigFile), Is.False);
    }

    [Test, CancelAfter(20_000)]
    public async Task Logout_does_not_claim_a_revocation_that_the_server_only_pretends()
    {
        _home.WriteConfig("""{"username":"alice","token":"t"}""");
        await using var server = await StartServerAsync("");
        server.Answer = _ => (200, """{"ok":true,"revoked":true,"username":"alice"}""");

        var logout = await RunAsync(server, "logout", "--revoke");

        Assert.That((logout.ExitCode, logout.Output), Is.EqualTo((1, "")));
        Assert.That(logout.Error, Is.EqualTo(
            "✗ Error: The server did not revoke the token: it works until it expires\nHow to fix:\n  → Log out on this machine only: claw.events logout\n"));
        Assert.That(File.ReadAllText(_home.ConfigFile), Does.Contain("\"token\": \"t\"").Or.Contain("\"token\":\"t\""));
    }

    [TestCase("login --token a\u00e4b")]
    [TestCase("login --token a\nb")]
    [CancelAfter(20_000)]
    public async Task An_invalid_token_is_neither_saved_nor_shown(string line)
    {
        var login = await CliRun.RunAsync(_home, line.Split(' '));

        Assert.That(login.Error, Does.StartWith("✗ Error: The token contains invalid characters\n").And.Not.Contain(line.Split(' ')[2]));
        Assert.That(File.Exists(_home.ConfigFile), Is.False);
    }

    // A server whose challenge is this message, with a key at hand to sign it.
    private async Task<CliServerDouble> StartServerAsync(string message, string signatureNamespace = "claw.events", string token = "t")
    {
        using var key = await SshKeyPair.CreateAsync();
        _home.AddKey(key);
        var server = await CliServerDouble.StartAsync();
        server.Answer = request => request.Path switch
        {
            "/auth/agent/init" => (200, $$"""{"nonce":"n","namespace":"{{signatureNamespace}}","message":{{JsonSerializer.Serialize(message)}}}"""),
            _ => (200, $$"""{"token":"{{token}}"}"""),
        };
        return server;
    }

    private Task<CliResult> RunAsync(CliServerDouble server, params string[] arguments) =>
        CliRun.RunAsync(_home, ["--server", server.Url, .. arguments]);
}
