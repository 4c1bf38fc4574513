using System.Text.Json;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.Api;

/// <summary>Signing in with an SSH key of the real ssh-keygen, against a server that stands in for clawkey.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class SshKeyLoginTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private RunningClawkey _clawkey = null!;
    private RunningBroker _broker = null!;
    private SshKeyPair _key = null!;

    [SetUp]
    public async Task StartBoth()
    {
        _clawkey = await RunningClawkey.StartAsync();
        _broker = await RunningBroker.StartAsync(options => options with { Identity = options.Identity with { ClawkeyApiBase = _clawkey.Origin }, Api = options.Api with { DevMode = false } }, _time);
        _key = await SshKeyPair.CreateAsync();
        _clawkey.Keys["/@alice/main"] = _key.PublicKey;
    }

    [TearDown]
    public async Task StopBoth()
    {
        await _broker.DisposeAsync();
        await _clawkey.DisposeAsync();
        Assert.That(_broker.Errors, Is.Empty);
    }

    public void Dispose() => _key.Dispose();

    [TestCase("/auth/agent")]
    [TestCase("/auth")]
    public async Task A_signed_challenge_gives_a_key_that_publishes_and_can_be_revoked(string path)
    {
        using var challenge = await InitAsync(path);
        var answer = await VerifyAsync(challenge, await _key.SignAsync(Text(challenge, "message")), path);
        using var json = JsonDocument.Parse(answer.Body);
        var token = Text(json, "token");

        Assert.That(answer, Is.EqualTo(RunningAnswer.Json(200, $$"""{"token":"{{token}}","username":"alice","hint":"API key created. Store it securely."}""")));
        Assert.That((await _broker.PostAsync("/api/publish", """{"channel":"agent.alice.news","payload":1}""", token)).Status, Is.EqualTo(200));
        Assert.That((await _broker.PostAsync("/auth/revoke", "", token)).Status, Is.EqualTo(200));
        Assert.That(await _broker.PostAsync("/api/publish", "{}", token), Is.EqualTo(RunningAnswer.Error(401, "Invalid or revoked API key")));
        Assert.That(_clawkey.Requests, Is.EqualTo(new[] { "GET /@alice/main?format=json ", "GET /@alice/main?format=json " }));
    }

    [TestCase("ecdsa", 256)]
    [TestCase("ecdsa", 384)]
    [TestCase("ecdsa", 521)]
    [TestCase("rsa", 2048)]
    public async Task Every_kind_of_key_can_sign(string type, int bits)
    {
        using var key = await SshKeyPair.CreateAsync(type, bits);
        _clawkey.Keys["/@alice/main"] = key.PublicKey;
        using var challenge = await InitAsync();

        Assert.That((await VerifyAsync(challenge, await key.SignAsync(Text(challenge, "message")))).Status, Is.EqualTo(200));
    }

    [Test]
    public async Task The_answer_to_init_has_the_text_to_sign_with_a_new_nonce()
    {
        _clawkey.Keys["/@alice/work#2"] = _key.PublicKey;
        var issuedAt = ManualTimeProvider.Start.ToUnixTimeSeconds();

        using var challenge = await InitAsync(fields: """{"username":" alice ","key_name":" work#2 "}""");
        using var other = await InitAsync();
        var nonce = Text(challenge, "nonce");

        Assert.That(challenge.RootElement.GetRawText(), Is.EqualTo(
            $$"""{"username":"alice","key_name":"work#2","nonce":"{{nonce}}","issuedAt":{{issuedAt}},"message":"claw.events login\nusername:alice\nkey:work#2\nnonce:{{nonce}}\nts:{{issuedAt}}","namespace":"claw.events","expires_at":{{issuedAt + 120}}000}"""));
        Assert.That(nonce, Does.Match("^[A-Za-z0-9_-]{22}$").And.Not.EqualTo(Text(other, "nonce")));
        Assert.That(_clawkey.Requests[0], Is.EqualTo("GET /@alice/work%232?format=json "));
    }

    [Test]
    public async Task A_new_key_revokes_the_old_one()
    {
        var old = await LoginAsync();
        var live = await LoginAsync();

        Assert.That(await _broker.PostAsync("/api/publish", "{}", old), Is.EqualTo(RunningAnswer.Error(401, "Invalid or revoked API key")));
        Assert.That(await _broker.PostAsync("/api/publish", "{}", live), Is.EqualTo(RunningAnswer.Error(400, "channel required")));
    }

    [Test]
    public async Task A_challenge_allows_one_attempt_even_if_that_fails()
    {
        using var challenge = await InitAsync();
        var signature = await _key.SignAsync(Text(challenge, "message"));

        Assert.That(await VerifyAsync(challenge, "nonsense"), Is.EqualTo(RunningAnswer.Error(401, "signature verification failed")));
        Assert.That(await VerifyAsync(challenge, signature), Is.EqualTo(RunningAnswer.Error(400, "invalid or expired challenge")));
    }

    [Test]
    public async Task Of_two_simultaneous_verifications_one_gets_a_key()
    {
        using var challenge = await InitAsync();
        var signature = await _key.SignAsync(Text(challenge, "message"));

        var answers = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => VerifyAsync(challenge, signature)));

        Assert.That(answers.Count(answer => answer.Status == 200), Is.EqualTo(1));
        Assert.That(answers, Has.One.EqualTo(RunningAnswer.Error(400, "invalid or expired challenge")));
    }

    [TestCase(119, 200)]
    [TestCase(120, 400)]
    public async Task A_challenge_expires_after_two_minutes(int seconds, int status)
    {
        using var challenge = await InitAsync();
        var signature = await _key.SignAsync(Text(challenge, "message"));

        _time.Advance(TimeSpan.FromSeconds(seconds));

        Assert.That((await VerifyAsync(challenge, signature)).Status, Is.EqualTo(status));
    }

    [Test]
    public async Task Another_key_another_namespace_and_another_text_prove_nothing()
    {
        using var stranger = await SshKeyPair.CreateAsync();
        var answers = new List<RunningAnswer>();
        foreach (var sign in new Func<string, Task<string>>[]
        {
            text => stranger.SignAsync(text),
            text => _key.SignAsync(text, "file"),
            text => _key.SignAsync(text + "\n"),
            text => _key.SignAsync(text.Replace("alice", "bob", StringComparison.Ordinal)),
        })
        {
            using var challenge = await InitAsync();
            answers.Add(await VerifyAsync(challenge, await sign(Text(challenge, "message"))));
        }

        Assert.That(answers, Is.All.EqualTo(RunningAnswer.Error(401, "signature verification failed")));
    }

    [Test]
    public async Task A_key_that_is_no_longer_published_proves_nothing()
    {
        using var challenge = await InitAsync();
        _clawkey.Keys.Clear();

        Assert.That(await VerifyAsync(challenge, await _key.SignAsync(Text(challenge, "message"))), Is.EqualTo(RunningAnswer.Error(404, "public key not found")));
    }

    // In the order of the checks: each body also has the fault of the next one.
    [TestCase("init", "nonsense", 400, "the body must be a JSON object with a text field username")]
    [TestCase("init", """{"key_name":"a.b"}""", 400, "username required")]
    [TestCase("init", """{"username":"a.b","key_name":"a.b"}""", 400, "invalid username: 1 to 64 letters, digits or any of _ - @ # +, and not 'anonymous'")]
    [TestCase("init", """{"username":"bob","key_name":5}""", 400, "key_name, nonce and signature must be text")]
    [TestCase("init", """{"username":"bob","key_name":".."}""", 400, "invalid key_name: 1 to 64 letters, digits or any of _ - @ # +")]
    [TestCase("init", """{"username":"bob","key_name":"a:b"}""", 400, "invalid key_name: 1 to 64 letters, digits or any of _ - @ # +")]
    [TestCase("init", """{"username":"bob","key_name":"a/b"}""", 400, "invalid key_name: 1 to 64 letters, digits or any of _ - @ # +")]
    [TestCase("init", """{"username":"bob"}""", 404, "public key not found")]
    [TestCase("verify", """{"username":" ","key_name":"a.b"}""", 400, "username required")]
    [TestCase("verify", """{"username":"bob","key_name":"a.b","nonce":5}""", 400, "invalid key_name: 1 to 64 letters, digits or any of _ - @ # +")]
    [TestCase("verify", """{"username":"bob","nonce":5}""", 400, "key_name, nonce and signature must be text")]
    [TestCase("verify", """{"username":"bob","signature":5}""", 400, "key_name, nonce and signature must be text")]
    [TestCase("verify", """{"username":"bob","nonce":" "}""", 400, "nonce required")]
    [TestCase("verify", """{"username":"bob","nonce":"n"}""", 400, "signature required")]
    [TestCase("verify", """{"username":"bob","nonce":"n","signature":"s"}""", 400, "invalid or expired challenge")]
    [TestCase("verify", """{"username":"bob","nonce":"AAAAAAAAAAAAAAAAAAAAAA","signature":"s"}""", 400, "invalid or expired challenge")]
    public async Task An_invalid_request_is_refused(string step, string body, int status, string error)
    {
        Assert.That(await _broker.PostAsync($"/auth/agent/{step}", body), Is.EqualTo(RunningAnswer.Error(status, error)));
    }

    [Test]
    public async Task A_signature_that_is_too_long_does_not_consume_the_challenge()
    {
        using var challenge = await InitAsync();

        Assert.That(await VerifyAsync(challenge, new string('a', 16_385)), Is.EqualTo(RunningAnswer.Error(413, "signature too large (max 16384 characters)")));
        Assert.That(await VerifyAsync(challenge, new string('a', 16_384)), Is.EqualTo(RunningAnswer.Error(401, "signature verification failed")));
    }

    private async Task<string> LoginAsync()
    {
        using var challenge = await InitAsync();
        using var json = JsonDocument.Parse((await VerifyAsync(challenge, await _key.SignAsync(Text(challenge, "message")))).Body);
        return Text(json, "token");
    }

    private async Task<JsonDocument> InitAsync(string path = "/auth/agent", string fields = """{"username":"alice"}""")
    {
        var answer = await _broker.PostAsync($"{path}/init", fields);
        Assert.That(answer.Status, Is.EqualTo(200), answer.Body);
        return JsonDocument.Parse(answer.Body);
    }

    private Task<RunningAnswer> VerifyAsync(JsonDocument challenge, string signature, string path = "/auth/agent") =>
        _broker.PostAsync($"{path}/verify", JsonSerializer.Serialize(new { username = Text(challenge, "username"), key_name = Text(challenge, "key_name"), nonce = Text(challenge, "nonce"), signature }));

    private static string Text(JsonDocument json, string name) => json.RootElement.GetProperty(name).GetString()!;
}
