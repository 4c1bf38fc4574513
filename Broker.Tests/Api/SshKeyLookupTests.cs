using System.Text.Json;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;
using Microsoft.AspNetCore.Http;

namespace ClawEvents.Broker.Tests.Api;

/// <summary>Signing in with an SSH key when something around the broker is wrong, and beside the login with a Moltbook profile.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class SshKeyLookupTests
{
    private const string Rule =
        "unsupported public key: it must be one line, ssh-ed25519, ecdsa-sha2-nistp256, -384 or -521, ssh-rsa of 2048 bits or more, or sk-*, without options";

    private RunningClawkey _clawkey = null!;

    [SetUp]
    public async Task StartClawkey() => _clawkey = await RunningClawkey.StartAsync();

    [TearDown]
    public async Task StopClawkey() => await _clawkey.DisposeAsync();

    [TestCase(404, 1)]
    [TestCase(401, 1)]
    [TestCase(503, 3)]
    public async Task A_refusal_means_no_key_and_a_temporary_error_is_retried(int status, int requests)
    {
        await using var broker = await StartAsync();
        _clawkey.NextStatus(status, requests);

        Assert.That(await InitAsync(broker), Is.EqualTo(RunningAnswer.Error(404, "public key not found")));
        Assert.That(_clawkey.Requests, Has.Count.EqualTo(requests));
    }

    [TestCase("""{"key":{"public_key":KEY}}""", 200)]
    [TestCase("""{"public_key":null,"key":{"public_key":KEY}}""", 200)]
    [TestCase("{}", 404)]
    [TestCase("[]", 404)]
    [TestCase("""{"public_key":5}""", 404)]
    [TestCase("""{"key":KEY}""", 404)]
    public async Task The_key_is_in_either_of_two_fields(string body, int status)
    {
        await using var broker = await StartAsync();
        using var key = await SshKeyPair.CreateAsync();
        _clawkey.Next(context => context.Response.WriteAsync(body.Replace("KEY", JsonSerializer.Serialize(key.PublicKey), StringComparison.Ordinal)));

        Assert.That((await InitAsync(broker)).Status, Is.EqualTo(status));
    }

    [Test]
    public async Task A_key_of_another_form_is_refused_with_the_rule()
    {
        await using var broker = await StartAsync();
        _clawkey.Keys["/@alice/main"] = "ssh-ed25519 nonsense";

        Assert.That(await InitAsync(broker), Is.EqualTo(RunningAnswer.Error(400, Rule)));
    }

    [Test]
    public async Task An_answer_that_is_malformed_endless_or_a_redirect_is_not_trusted()
    {
        await using var broker = await StartAsync();
        await using var stranger = await RunningClawkey.StartAsync();
        _clawkey.Next(context => context.Response.WriteAsync("nonsense"));
        _clawkey.Next(context => context.Response.Body.WriteAsync(new byte[2 * 1024 * 1024]).AsTask());
        _clawkey.Next(context =>
        {
            context.Response.Redirect(stranger.Origin.ToString());
            return Task.CompletedTask;
        });

        Assert.That(await InitAsync(broker), Is.EqualTo(RunningAnswer.Error(502, "public key lookup failed (malformed answer)")));
        Assert.That(await InitAsync(broker), Is.EqualTo(RunningAnswer.Error(502, "public key lookup failed (answer too large)")));
        Assert.That(await InitAsync(broker), Is.EqualTo(RunningAnswer.Error(404, "public key not found")));
        Assert.That(stranger.Requests, Is.Empty);
    }

    [Test]
    public async Task A_server_that_cannot_be_reached_is_a_502_at_both_steps()
    {
        await using var broker = await StartAsync();
        using var key = await SshKeyPair.CreateAsync();
        _clawkey.Keys["/@alice/main"] = key.PublicKey;
        var answer = await InitAsync(broker);
        using var challenge = JsonDocument.Parse(answer.Body);
        await _clawkey.DisposeAsync();

        var expected = RunningAnswer.Error(502, "public key lookup failed (no connection)");
        Assert.That(await InitAsync(broker), Is.EqualTo(expected));
        Assert.That(await VerifyAsync(broker, challenge, "signature"), Is.EqualTo(expected));
    }

    [TestCase("""{"username":"alice"}""", false)]
    [TestCase("""{"username":"alice","key_name":" "}""", false)]
    [TestCase("""{"username":"alice","key_name":null}""", false)]
    [TestCase("""{"username":"alice","key_name":"main"}""", true)]
    [TestCase("""{"username":"alice","nonce":"n"}""", true)]
    [TestCase("""{"username":"alice","signature":"s"}""", true)]
    [TestCase("""{"username":"alice","key_name":5}""", true)]
    public async Task Beside_Moltbook_the_body_shows_which_login_is_meant(string body, bool isSshKey)
    {
        await using var broker = await StartAsync(options => options with { Identity = options.Identity with { MoltbookApiKey = "key" } });

        var init = await broker.PostAsync("/auth/init", body);
        var verify = await broker.PostAsync("/auth/verify", body);

        Assert.That(init.Body.Contains("claw-sig-", StringComparison.Ordinal), Is.Not.EqualTo(isSshKey), init.Body);
        Assert.That(verify.Body.Contains("verifier required", StringComparison.Ordinal), Is.Not.EqualTo(isSshKey), verify.Body);
    }

    [Test]
    public async Task Beside_Moltbook_the_agent_paths_mean_the_SSH_key()
    {
        await using var broker = await StartAsync(options => options with { Identity = options.Identity with { MoltbookApiKey = "key" } });

        Assert.That(await InitAsync(broker), Is.EqualTo(RunningAnswer.Error(404, "public key not found")));
        Assert.That(await broker.PostAsync("/auth/agent/verify", """{"username":"alice"}"""), Is.EqualTo(RunningAnswer.Error(400, "nonce required")));
    }

    private static Task<RunningAnswer> InitAsync(RunningBroker broker) => broker.PostAsync("/auth/agent/init", """{"username":"alice"}""");

    private static Task<RunningAnswer> VerifyAsync(RunningBroker broker, JsonDocument challenge, string signature) =>
        broker.PostAsync("/auth/agent/verify", JsonSerializer.Serialize(new { username = "alice", nonce = challenge.RootElement.GetProperty("nonce").GetString(), signature }));

    // Moltbook's address cannot be reached.
    private Task<RunningBroker> StartAsync(Func<BrokerOptions, BrokerOptions>? change = null) => RunningBroker.StartAsync(options =>
    {
        var changed = options with { Identity = options.Identity with { ClawkeyApiBase = _clawkey.Origin, MoltbookApiBase = new Uri("http://127.0.0.1:1") }, Api = options.Api with { DevMode = false } };
        return change?.Invoke(changed) ?? changed;
    });
}
