using System.Text.Json;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;
using Microsoft.AspNetCore.Http;

namespace ClawEvents.Broker.Tests.Api;

/// <summary>Signing in with a Moltbook profile, against a server that stands in for Moltbook.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class LoginTests
{
    private RunningMoltbook _moltbook = null!;
    private RunningBroker _broker = null!;
    private string _verifier = "";

    private const string NeedsVerifier = "verifier required: send the verifier that /auth/init has answered with; a client that does not know it has to be updated";

    [SetUp]
    public async Task StartBoth()
    {
        _moltbook = await RunningMoltbook.StartAsync();
        _broker = await RunningBroker.StartAsync(options => options with { Identity = options.Identity with { MoltbookApiBase = _moltbook.Url, MoltbookApiKey = RunningMoltbook.Key }, Api = options.Api with { DevMode = false } });
    }

    [TearDown]
    public async Task StopBoth()
    {
        await _broker.DisposeAsync();
        await _moltbook.DisposeAsync();
        Assert.That(_broker.Errors, Is.Empty);
    }

    [Test]
    public async Task An_agent_with_the_signature_in_its_profile_gets_a_token_and_publishes()
    {
        var signature = await InitAsync("alice");
        _moltbook.Descriptions["alice"] = $"I am Alice. {signature} Nice to meet you.";

        var token = await VerifyForTokenAsync("alice");
        var client = await _broker.ConnectAsync(token);
        await client.SubscribeAsync("agent.alice.news");
        var published = await _broker.PostAsync("/api/publish", """{"channel":"agent.alice.news","payload":"hello"}""", token);

        Assert.That(published, Is.EqualTo(RunningAnswer.Json(200, """{"ok":true,"result":{}}""")));
        Assert.That(await client.ReadPublicationAsync(), Does.Contain("\"sender\":\"alice\"").And.Contain("\"payload\":\"hello\""));
        Assert.That(_moltbook.Requests, Is.EqualTo(new[] { $"GET /api/v1/agents/profile?name=alice Bearer {RunningMoltbook.Key}" }));
    }

    [Test]
    public async Task The_answer_to_init_has_the_signature_twice_and_a_verifier_and_each_is_new()
    {
        var answer = await _broker.PostAsync("/auth/init", """{"username":" alice "}""");
        using var json = JsonDocument.Parse(answer.Body);
        var signature = json.RootElement.GetProperty("signature").GetString()!;

        Assert.That(json.RootElement.EnumerateObject().Select(field => field.Name), Is.EqualTo(new[] { "username", "signature", "verifier", "instructions" }));
        Assert.That(json.RootElement.GetProperty("username").GetString(), Is.EqualTo("alice"));
        Assert.That(signature, Does.Match("^claw-sig-[A-Za-z0-9_-]{48}$"));
        Assert.That(json.RootElement.GetProperty("verifier").GetString(), Does.Match("^[A-Za-z0-9_-]{38}$"));
        Assert.That(json.RootElement.GetProperty("instructions").GetString(), Does.Contain(signature));
        Assert.That(await InitAsync("alice"), Is.Not.EqualTo(signature));
    }

    [TestCase("/auth/init", "{}", "username required")]
    [TestCase("/auth/verify", """{"username":"  "}""", "username required")]
    [TestCase("/auth/init", "null", "username required")]
    [TestCase("/auth/init", """{"username":5}""", "the body must be a JSON object with a text field username")]
    [TestCase("/auth/verify", "nonsense", "the body must be a JSON object with a text field username")]
    [TestCase("/auth/init", """{"username":"a.b"}""", "invalid username: 1 to 64 letters, digits or any of _ - @ # +, and not 'anonymous'")]
    [TestCase("/auth/init", """{"username":"app:x"}""", "invalid username: 1 to 64 letters, digits or any of _ - @ # +, and not 'anonymous'")]
    [TestCase("/auth/verify", """{"username":"alice"}""", NeedsVerifier)]
    [TestCase("/auth/verify", """{"username":"alice","verifier":" "}""", NeedsVerifier)]
    [TestCase("/auth/verify", """{"username":"alice","verifier":5}""", "verifier must be text")]
    [TestCase("/auth/verify", """{"username":"alice","verifier":"guessed"}""", "no pending signature")]
    public async Task An_invalid_request_is_a_400(string path, string body, string error)
    {
        Assert.That(await _broker.PostAsync(path, body), Is.EqualTo(RunningAnswer.Error(400, error)));
    }

    [Test]
    public async Task A_signature_stays_pending_until_it_is_in_the_profile_and_works_once()
    {
        var signature = await InitAsync("alice");
        _moltbook.Descriptions["alice"] = "claw-sig-somebody-elses";

        var early = await VerifyAsync("alice");
        _moltbook.Descriptions["alice"] = signature;
        await VerifyForTokenAsync("alice");

        Assert.That(early, Is.EqualTo(RunningAnswer.Error(401, "signature not found")));
        Assert.That(await VerifyAsync("alice"), Is.EqualTo(RunningAnswer.Error(400, "no pending signature")));
    }

    [TestCase(404, 1, "404")]
    [TestCase(401, 1, "401")]
    [TestCase(503, 3, "503")]
    public async Task A_profile_that_cannot_be_fetched_is_a_502_and_the_signature_stays_pending(int status, int requests, string fault)
    {
        var signature = await InitAsync("alice");
        _moltbook.Descriptions["alice"] = signature;
        _moltbook.NextStatus(status, requests);

        Assert.That(await VerifyAsync("alice"), Is.EqualTo(RunningAnswer.Error(502, $"profile fetch failed ({fault})")));
        Assert.That(_moltbook.Requests, Has.Count.EqualTo(requests));
        await VerifyForTokenAsync("alice");
    }

    [Test]
    public async Task A_server_with_a_temporary_error_is_asked_again()
    {
        _moltbook.Descriptions["alice"] = await InitAsync("alice");
        _moltbook.NextStatus(500);
        _moltbook.Next(context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });

        await VerifyForTokenAsync("alice");

        Assert.That(_moltbook.Requests, Has.Count.EqualTo(3));
    }

    [CancelAfter(30_000)]
    [TestCase(true)]
    [TestCase(false)]
    public async Task A_silent_or_endless_server_is_tried_three_times_for_five_seconds(bool isSilent, CancellationToken cancellation)
    {
        var time = new ManualTimeProvider();
        await using var broker = await RunningBroker.StartAsync(options => options with { Identity = options.Identity with { MoltbookApiBase = _moltbook.Url, MoltbookApiKey = RunningMoltbook.Key } }, time);
        await InitAsync("alice", broker);
        using var asked = new SemaphoreSlim(0);
        for (var attempt = 0; attempt < 3; attempt++)
        {
            _moltbook.Next(async context =>
            {
                await (isSilent ? Task.CompletedTask : context.Response.WriteAsync("{", cancellation));
                asked.Release();
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            });
        }

        var verified = VerifyAsync("alice", broker);
        for (var attempt = 0; attempt < 3; attempt++)
        {
            await MoveUntilAsync(time, TimeSpan.FromMilliseconds(100), () => asked.WaitAsync(1, cancellation));
            time.Advance(TimeSpan.FromMilliseconds(4_000));
            Assert.That(verified.IsCompleted, Is.False);
            time.Advance(TimeSpan.FromMilliseconds(1_000));
        }

        Assert.That(await verified, Is.EqualTo(RunningAnswer.Error(502, "profile fetch failed (timeout)")));
    }

    [Test]
    public async Task A_redirect_is_followed_on_the_same_server_only()
    {
        await using var stranger = await RunningMoltbook.StartAsync();
        _moltbook.Descriptions["alice"] = await InitAsync("alice");
        _moltbook.Next(context => RedirectAsync(context, stranger.Url.ToString()));

        var abroad = await VerifyAsync("alice");
        _moltbook.Next(context => RedirectAsync(context, "/elsewhere?name=alice"));
        await VerifyForTokenAsync("alice");

        Assert.That(abroad, Is.EqualTo(RunningAnswer.Error(502, "profile fetch failed (302)")));
        Assert.That(stranger.Requests, Is.Empty);
        Assert.That(_moltbook.Requests[^1], Is.EqualTo($"GET /elsewhere?name=alice Bearer {RunningMoltbook.Key}"));
    }

    [TestCase("[]", 401, "signature not found")]
    [TestCase("""{"agent":{"description":5}}""", 401, "signature not found")]
    [TestCase("nonsense", 502, "profile fetch failed (malformed answer)")]
    public async Task An_answer_that_is_not_a_profile_proves_nothing(string body, int status, string error)
    {
        await InitAsync("alice");
        _moltbook.Next(context => context.Response.WriteAsync(body));

        Assert.That(await VerifyAsync("alice"), Is.EqualTo(RunningAnswer.Error(status, error)));
    }

    [Test]
    public async Task An_endless_answer_is_aborted()
    {
        await InitAsync("alice");
        _moltbook.Next(async context =>
        {
            var piece = new byte[64 * 1024];
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.Body.WriteAsync(piece);
            }
        });

        Assert.That(await VerifyAsync("alice"), Is.EqualTo(RunningAnswer.Error(502, "profile fetch failed (answer too large)")));
    }

    [Test]
    public async Task Without_a_Moltbook_key_nobody_can_begin_or_verify()
    {
        await InitAsync("alice");
        await using var broker = await RunningBroker.StartAsync(options => options with { Identity = options.Identity with { MoltbookApiBase = _moltbook.Url } });

        Assert.That(await broker.PostAsync("/auth/init", """{"username":"alice"}"""), Is.EqualTo(RunningAnswer.Error(
            501, "sign-in with a Moltbook profile is not configured: sign in with an SSH key (/auth/agent/init), or ask the operator to set MOLTBOOK_API_KEY")));
        Assert.That(await VerifyAsync("alice", broker), Is.EqualTo(RunningAnswer.Error(500, "MOLTBOOK_API_KEY not configured")));
    }

    [Test]
    public async Task A_base_address_without_a_path_is_used_with_one_slash()
    {
        await using var broker = await RunningBroker.StartAsync(options => options with { Identity = options.Identity with { MoltbookApiBase = new Uri(_moltbook.Url, "/"), MoltbookApiKey = RunningMoltbook.Key } });
        await InitAsync("alice", broker);

        await VerifyAsync("alice", broker);

        Assert.That(_moltbook.Requests, Is.EqualTo(new[] { $"GET /agents/profile?name=alice Bearer {RunningMoltbook.Key}" }));
    }

    // The pause before the next attempt begins when the previous one has been given up, some time after the clock was moved.
    private static async Task MoveUntilAsync(ManualTimeProvider time, TimeSpan step, Func<Task<bool>> isDone)
    {
        while (!await isDone())
        {
            time.Advance(step);
        }
    }

    private static Task RedirectAsync(HttpContext context, string location)
    {
        context.Response.Redirect(location);
        return Task.CompletedTask;
    }

    // Keeps the verifier for the next verify.
    private async Task<string> InitAsync(string username, RunningBroker? broker = null)
    {
        var answer = await (broker ?? _broker).PostAsync("/auth/init", $$"""{"username":"{{username}}"}""");
        using var json = JsonDocument.Parse(answer.Body);
        _verifier = json.RootElement.GetProperty("verifier").GetString()!;
        return json.RootElement.GetProperty("signature").GetString()!;
    }

    private Task<RunningAnswer> VerifyAsync(string username, RunningBroker? broker = null) =>
        (broker ?? _broker).PostAsync("/auth/verify", $$"""{"username":"{{username}}","verifier":"{{_verifier}}"}""");

    private async Task<string> VerifyForTokenAsync(string username)
    {
        var answer = await VerifyAsync(username);
        Assert.That(answer.Status, Is.EqualTo(200), answer.Body);
        using var json = JsonDocument.Parse(answer.Body);
        Assert.That(json.RootElement.EnumerateObject().Select(field => field.Name), Is.EqualTo(new[] { "token" }));
        return json.RootElement.GetProperty("token").GetString()!;
    }
}
