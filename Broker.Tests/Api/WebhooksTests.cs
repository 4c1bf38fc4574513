using System.Net;
using System.Text.Json;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Webhooks;

namespace ClawEvents.Broker.Tests.Api;

/// <summary><c>/api/webhooks</c>, with a real receiver. docs/reference/webhooks.md</summary>
public sealed class WebhooksTests : RunningBrokerTests
{
    private const string Channel = "chat:news";

    private RunningReceiver _receiver = null!;
    private string _alice = null!;

    [SetUp]
    public async Task StartReceiver()
    {
        _receiver = await RunningReceiver.StartAsync();
        _alice = await Broker.RegisterAsync("alice");
    }

    [TearDown]
    public ValueTask StopReceiver() => _receiver.DisposeAsync();

    private protected override BrokerOptions Change(BrokerOptions options) => options with
    {
        Namespaces = TestNamespaces.Of(
            ("chat", TestNamespaces.History with { HistorySize = 1_000 }), ("talk", TestNamespaces.Open), ("agent", TestNamespaces.History)),
        Webhooks = new() { AllowedNetworks = [IPNetwork.Parse("127.0.0.0/8")], AllowsHttp = true, MaxOfOwner = 3 },
    };

    [Test]
    public async Task Publications_arrive_signed_and_in_order()
    {
        var (_, secret) = await AddAsync(Channel);

        await PublishAsync(Channel, 1, 3);
        await Eventually.IsTrueAsync(() => _receiver.Accepted.Count == 3);

        var first = _receiver.Accepted[0];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(_receiver.Numbers, Is.EqualTo(new[] { 1, 2, 3 }));
            Assert.That(_receiver.Accepted.All(message => message.IsSignedWith(secret)), Is.True);
            Assert.That(_receiver.Accepted.Select(message => message.Id).Distinct().Count(), Is.EqualTo(3));
            Assert.That(first.Json.GetProperty("channel").GetString(), Is.EqualTo(Channel));
            Assert.That(first.Json.GetProperty("offset").GetUInt64(), Is.EqualTo(1));
            Assert.That(long.Parse(first.Timestamp, System.Globalization.CultureInfo.InvariantCulture), Is.EqualTo(DateTimeOffset.UtcNow.ToUnixTimeSeconds()).Within(30));
        }
    }

    [Test]
    public async Task Many_publications_arrive_once_each_and_one_after_the_other()
    {
        await AddAsync(Channel);

        await PublishAsync(Channel, 1, 300);
        await Eventually.IsTrueAsync(() => _receiver.Accepted.Count >= 300);

        Assert.That(_receiver.Numbers, Is.EqualTo(Enumerable.Range(1, 300)));
        Assert.That(_receiver.MostRunning, Is.EqualTo(1));
    }

    [Test]
    public async Task Publications_before_the_registration_are_not_delivered()
    {
        await PublishAsync(Channel, 1, 2);
        await AddAsync(Channel);

        await PublishAsync(Channel, 3, 3);
        await Eventually.IsTrueAsync(() => _receiver.Accepted.Count > 0);

        Assert.That(_receiver.Numbers, Is.EqualTo(new[] { 3 }));
    }

    [Test]
    public async Task A_channel_without_history_is_delivered_without_offsets()
    {
        await AddAsync("talk:all");
        await Eventually.IsTrueAsync(async () => (await Broker.PostWithKeyAsync("/api/channels", "{}")).Body.Contains("talk:all", StringComparison.Ordinal));

        await PublishAsync("talk:all", 1, 2);
        await Eventually.IsTrueAsync(() => _receiver.Accepted.Count == 2);

        Assert.That(_receiver.Numbers, Is.EqualTo(new[] { 1, 2 }));
        Assert.That(_receiver.Accepted[0].Json.TryGetProperty("offset", out _), Is.False);
    }

    [Test]
    public async Task A_history_that_was_removed_is_told_as_a_gap()
    {
        await AddAsync(Channel);
        _receiver.Hold();
        await PublishAsync(Channel, 1, 1);
        await Eventually.IsTrueAsync(() => _receiver.Asked.Count == 1);
        await PublishAsync(Channel, 2, 12);
        await Broker.PostWithKeyAsync("/api/history_remove", $$"""{"channel":"{{Channel}}"}""");
        await PublishAsync(Channel, 13, 13);
        _receiver.Release();

        await Eventually.IsTrueAsync(() => _receiver.Numbers.Contains(13));

        var gap = _receiver.Accepted.Single(message => message.Type is "gap").Json;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(_receiver.Numbers, Is.EqualTo(new[] { 1, 13 }));
            Assert.That((gap.GetProperty("offset").GetInt32(), gap.GetProperty("missed").GetInt32()), Is.EqualTo((12, 11)));
        }
    }

    [Test]
    public async Task The_secret_is_shown_only_when_it_is_made()
    {
        var (id, secret) = await AddAsync(Channel);

        var shown = await GetAsync($"/api/webhooks/{id}");
        var listed = await GetAsync("/api/webhooks");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(secret, Does.StartWith("whsec_"));
            Assert.That(shown.Body, Does.Contain($"\"id\":\"{id}\"").And.Contain("\"state\":\"active\"").And.Not.Contain("whsec_"));
            Assert.That(listed.Body, Does.Contain($"\"id\":\"{id}\"").And.Contain("\"count\":1").And.Not.Contain("whsec_"));
        }
    }

    [Test]
    public async Task A_webhook_of_somebody_else_is_answered_as_a_missing_one()
    {
        var (id, _) = await AddAsync(Channel);
        var bob = await Broker.RegisterAsync("bob");

        foreach (var (method, path) in new[] { ("GET", ""), ("DELETE", ""), ("POST", "/rotate"), ("POST", "/resume"), ("POST", "/test") })
        {
            var answer = await SendAsync(new(method), $"/api/webhooks/{id}{path}", bob);
            Assert.That(answer, Is.EqualTo(new RunningAnswer(404, "application/json", """{"error":"webhook not found"}""")), $"{method} {path}");
        }

        Assert.That((await GetAsync("/api/webhooks", bob)).Body, Is.EqualTo("""{"ok":true,"count":0,"webhooks":[]}"""));
        Assert.That((await GetAsync("/api/webhooks/x", _alice)).Status, Is.EqualTo(404));
    }

    [Test]
    public async Task An_owner_has_only_so_many()
    {
        for (var i = 0; i < 3; i++)
        {
            await AddAsync(Channel);
        }

        var answer = await PostAddAsync(Channel, _receiver.Url, _alice);

        Assert.That(answer.Status, Is.EqualTo(409));
        Assert.That(answer.Body, Is.EqualTo("""{"error":"too many webhooks (max 3 per owner): remove another one first"}"""));
    }

    [TestCase("""{"channel":"chat:news"}""", "channel and url required")]
    [TestCase("""{"channel":"chat:news","url":7}""", "text fields channel and url")]
    [TestCase("[]", "channel and url required")]
    [TestCase("x", "text fields channel and url")]
    [TestCase("""{"channel":"é","url":"https://example.com"}""", "invalid channel format")]
    [TestCase("""{"channel":"chat:news","url":"https://10.0.0.1/"}""", "not public")]
    [TestCase("""{"channel":"chat:news","url":"gopher://example.com/"}""", "https://")]
    public async Task A_bad_request_says_what_would_be_right(string body, string part)
    {
        var answer = await Broker.PostAsync("/api/webhooks", body, _alice);

        Assert.That(answer.Status, Is.EqualTo(400));
        Assert.That(answer.Body, Does.Contain(part));
    }

    [Test]
    public async Task A_token_is_needed()
    {
        var answer = await Broker.PostAsync("/api/webhooks", """{"channel":"chat:news","url":"https://example.com"}""");

        Assert.That(answer.Status, Is.EqualTo(401));
    }

    [Test]
    public async Task A_channel_that_the_caller_may_not_hear_is_refused_with_the_rule()
    {
        var bob = await Broker.RegisterAsync("bob");
        await Broker.PostAsync("/api/lock", """{"channel":"agent.bob.private"}""", bob);

        var answer = await PostAddAsync("agent.bob.private", _receiver.Url, _alice);

        Assert.That(answer.Status, Is.EqualTo(403));
        Assert.That(answer.Body, Does.Contain("\"reason\":\"locked\""));
    }

    [Test]
    public async Task A_lock_ends_deliveries_and_a_grant_and_a_resume_deliver_what_was_missed()
    {
        var bob = await Broker.RegisterAsync("bob");
        var (id, _) = await AddAsync("agent.bob.updates");
        await PublishAsync("agent.bob.updates", 1, 1);
        await Eventually.IsTrueAsync(() => _receiver.Accepted.Count == 1);

        await Broker.PostAsync("/api/lock", """{"channel":"agent.bob.updates"}""", bob);
        await HasStateAsync(id, "paused");
        await PublishAsync("agent.bob.updates", 2, 2);
        var paused = await GetAsync($"/api/webhooks/{id}");
        var refused = await SendAsync(HttpMethod.Post, $"/api/webhooks/{id}/resume", _alice);
        await Broker.PostAsync("/api/grant", """{"channel":"agent.bob.updates","target":"alice"}""", bob);
        var resumed = await SendAsync(HttpMethod.Post, $"/api/webhooks/{id}/resume", _alice);
        await Eventually.IsTrueAsync(() => _receiver.Accepted.Count == 2);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(paused.Body, Does.Contain("\"reason\":\"locked\""));
            Assert.That(refused.Status, Is.EqualTo(403));
            Assert.That(resumed.Body, Does.Contain("\"state\":\"active\""));
            Assert.That(_receiver.Numbers, Is.EqualTo(new[] { 1, 2 }));
        }
    }

    [Test]
    public async Task A_replaced_token_ends_deliveries_until_the_owner_resumes_with_the_new_one()
    {
        var (id, _) = await AddAsync(Channel);
        var fresh = await Broker.RegisterAsync("alice");

        await PublishAsync(Channel, 1, 1);
        await Eventually.GetAsync(() => GetAsync($"/api/webhooks/{id}", fresh), answer => answer.Body.Contains("\"reason\":\"token_revoked\"", StringComparison.Ordinal));
        Assert.That(_receiver.Asked, Is.Empty);
        await SendAsync(HttpMethod.Post, $"/api/webhooks/{id}/resume", fresh);

        await Eventually.IsTrueAsync(() => _receiver.Accepted.Count == 1);
    }

    [Test]
    public async Task A_new_secret_signs_from_then_on()
    {
        var (id, old) = await AddAsync(Channel);
        var answer = await SendAsync(HttpMethod.Post, $"/api/webhooks/{id}/rotate", _alice);
        var secret = JsonElement.Parse(answer.Body).GetProperty("secret").GetString()!;

        await PublishAsync(Channel, 1, 1);
        await Eventually.IsTrueAsync(() => _receiver.Accepted.Count == 1);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(secret, Is.Not.EqualTo(old));
            Assert.That(_receiver.Accepted[0].IsSignedWith(secret), Is.True);
            Assert.That(_receiver.Accepted[0].IsSignedWith(old), Is.False);
        }
    }

    [Test]
    public async Task A_removed_webhook_gets_nothing_more()
    {
        var (id, _) = await AddAsync(Channel);
        var (other, _) = await AddAsync(Channel);

        var removed = await SendAsync(HttpMethod.Delete, $"/api/webhooks/{id}", _alice);
        await Eventually.IsTrueAsync(() => Broker.Get<WebhookService>().Count == 1);
        await PublishAsync(Channel, 1, 1);
        await Eventually.IsTrueAsync(() => _receiver.Accepted.Count == 1);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(removed.Body, Is.EqualTo($$"""{"ok":true,"removed":true,"id":"{{id}}"}"""));
            Assert.That(_receiver.Accepted.Single().Json.GetProperty("webhook").GetString(), Is.EqualTo(other));
            Assert.That((await GetAsync($"/api/webhooks/{id}")).Status, Is.EqualTo(404));
        }
    }

    [Test]
    public async Task A_test_says_how_the_receiver_has_answered()
    {
        var (id, secret) = await AddAsync(Channel);

        var good = await SendAsync(HttpMethod.Post, $"/api/webhooks/{id}/test", _alice);
        _receiver.Status = 503;
        var bad = await SendAsync(HttpMethod.Post, $"/api/webhooks/{id}/test", _alice);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(good.Body, Is.EqualTo("""{"ok":true,"delivered":true,"status":200}"""));
            Assert.That(bad.Body, Is.EqualTo("""{"ok":true,"delivered":false,"status":503,"fault":"HTTP 503"}"""));
            Assert.That(_receiver.Accepted.Single().Type, Is.EqualTo("test"));
            Assert.That(_receiver.Accepted.Single().IsSignedWith(secret), Is.True);
        }
    }

    [TestCase("test")]
    [TestCase("resume")]
    [TestCase("rotate")]
    public async Task What_makes_the_broker_send_is_limited_as_publishes_are(string action)
    {
        var (id, _) = await AddAsync(Channel);

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => SendAsync(HttpMethod.Post, $"/api/webhooks/{id}/{action}", _alice)));

        Assert.That(answers.Select(answer => answer.Status), Has.Some.EqualTo(429));
        Assert.That(answers.First(answer => answer.Status == 429).Body, Does.Contain("rate limit exceeded (5 requests per second)"));
    }

    [Test]
    public async Task The_webhooks_of_an_app_go_with_it()
    {
        var key = JsonElement.Parse((await Broker.PostAsync("/api/apps", """{"name":"shop"}""", _alice)).Body).GetProperty("key").GetString()!;
        await PostAddAsync(Channel, _receiver.Url, key);

        await SendAsync(HttpMethod.Delete, "/api/apps/shop", _alice);

        var again = JsonElement.Parse((await Broker.PostAsync("/api/apps", """{"name":"shop"}""", await Broker.RegisterAsync("bob"))).Body).GetProperty("key").GetString()!;
        Assert.That((await GetAsync("/api/webhooks", again)).Body, Does.Contain("\"count\":0"));
    }

    [Test]
    public async Task A_certificate_that_nobody_vouches_for_is_a_fault()
    {
        using var certificate = new RunningCertificate();
        await using var far = await RunningBroker.StartAsync(certificate.Add);
        var answer = await PostAddAsync(Channel, far.Url.ToString(), _alice);
        var id = JsonElement.Parse(answer.Body).GetProperty("webhook").GetProperty("id").GetString();

        answer = await SendAsync(HttpMethod.Post, $"/api/webhooks/{id}/test", _alice);

        Assert.That(answer.Body, Is.EqualTo("""{"ok":true,"delivered":false,"status":0,"fault":"the certificate or TLS of the host is invalid"}"""));
    }

    [Test]
    public async Task A_redirect_is_not_followed()
    {
        await using var inner = await RunningReceiver.StartAsync();
        var (id, _) = await AddAsync(Channel);
        _receiver.Next(context =>
        {
            context.Response.Redirect(inner.Url);
            return Task.CompletedTask;
        });

        var answer = await SendAsync(HttpMethod.Post, $"/api/webhooks/{id}/test", _alice);

        Assert.That(answer.Body, Does.Contain("HTTP 302: redirects are not followed"));
        Assert.That(inner.Asked, Is.Empty);
    }

    [Test]
    public async Task The_body_of_an_answer_is_not_read_to_its_end()
    {
        var (id, _) = await AddAsync(Channel);
        var isCut = new TaskCompletionSource();
        _receiver.Next(async context =>
        {
            try
            {
                while (true)
                {
                    await context.Response.Body.WriteAsync(new byte[64 * 1024], context.RequestAborted);
                }
            }
            catch (OperationCanceledException)
            {
                isCut.SetResult();
            }
        });

        var answer = await SendAsync(HttpMethod.Post, $"/api/webhooks/{id}/test", _alice);

        Assert.That(answer.Body, Does.Contain("\"delivered\":true"));
        await isCut.Task.WaitAsync(RunningBroker.Patience);
    }

    [Test]
    public async Task A_receiver_that_is_not_there_is_a_fault_without_details()
    {
        var (id, _) = await AddAsync(Channel);
        await _receiver.DisposeAsync();

        var answer = await SendAsync(HttpMethod.Post, $"/api/webhooks/{id}/test", _alice);

        Assert.That(answer.Body, Is.EqualTo("""{"ok":true,"delivered":false,"status":0,"fault":"no connection"}"""));
    }

    private async Task<(string Id, string Secret)> AddAsync(string channel)
    {
        var answer = await PostAddAsync(channel, _receiver.Url, _alice);
        Assert.That(answer.Status, Is.EqualTo(200), answer.Body);
        var json = JsonElement.Parse(answer.Body);
        return (json.GetProperty("webhook").GetProperty("id").GetString()!, json.GetProperty("secret").GetString()!);
    }

    private Task<RunningAnswer> PostAddAsync(string channel, string url, string token) =>
        Broker.PostAsync("/api/webhooks", $$"""{"channel":"{{channel}}","url":"{{url}}"}""", token);

    private async Task PublishAsync(string channel, int first, int last)
    {
        for (var n = first; n <= last; n++)
        {
            await Broker.PublishAsync(channel, $$"""{"n":{{n}}}""");
        }
    }

    private Task<RunningAnswer> HasStateAsync(string id, string state) =>
        Eventually.GetAsync(() => GetAsync($"/api/webhooks/{id}"), answer => answer.Body.Contains($"\"state\":\"{state}\"", StringComparison.Ordinal));

    private Task<RunningAnswer> GetAsync(string path, string? token = null) => SendAsync(HttpMethod.Get, path, token ?? _alice);

    private Task<RunningAnswer> SendAsync(HttpMethod method, string path, string token) => Broker.SendAsync(method, path, null, ("Authorization", $"Bearer {token}"));
}

/// <summary>The broker as it comes: receivers have to be public.</summary>
public sealed class WebhooksByDefaultTests : RunningBrokerTests
{
    [TestCase("https://127.0.0.1/")]
    [TestCase("https://localhost/")]
    public async Task Nothing_is_sent_to_the_own_machine(string url)
    {
        var alice = await Broker.RegisterAsync("alice");
        var answer = await Broker.PostAsync("/api/webhooks", $$"""{"channel":"agent.alice.updates","url":"{{url}}"}""", alice);
        if (answer.Status == 200)
        {
            var id = JsonElement.Parse(answer.Body).GetProperty("webhook").GetProperty("id").GetString();
            answer = await Broker.PostAsync($"/api/webhooks/{id}/test", "", alice);
        }

        Assert.That(answer.Body, Does.Contain("public"));
    }
}

/// <summary>A broker whose operator wants no webhooks.</summary>
public sealed class WebhooksSwitchedOffTests : RunningBrokerTests
{
    private protected override BrokerOptions Change(BrokerOptions options) => options with { Webhooks = new() { IsOn = false } };

    [Test]
    public async Task The_paths_are_not_there()
    {
        var answer = await Broker.PostAsync("/api/webhooks", "{}", await Broker.RegisterAsync("alice"));

        Assert.That(answer.Status, Is.EqualTo(404));
    }
}
