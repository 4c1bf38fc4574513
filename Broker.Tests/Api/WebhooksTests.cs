using System.Text.Json;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Api;

/// <summary><c>/api/webhooks</c>. docs/reference/http-api.md#webhooks</summary>
public sealed class WebhooksTests : WebhookBrokerTests
{
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
        Assert.That((await GetAsync("/api/webhooks/x", Alice)).Status, Is.EqualTo(404));
    }

    [Test]
    public async Task An_owner_has_only_so_many()
    {
        for (var i = 0; i < 3; i++)
        {
            await AddAsync(Channel);
        }

        var answer = await PostAddAsync(Channel, Receiver.Url, Alice);

        Assert.That(answer.Status, Is.EqualTo(403));
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
        var answer = await Broker.PostAsync("/api/webhooks", body, Alice);

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

        var answer = await PostAddAsync("agent.bob.private", Receiver.Url, Alice);

        Assert.That(answer.Status, Is.EqualTo(403));
        Assert.That(answer.Body, Does.Contain("\"reason\":\"locked\""));
    }

    [Test]
    public async Task A_test_says_how_theReceiver_has_answered()
    {
        var (id, secret) = await AddAsync(Channel);

        var good = await SendAsync(HttpMethod.Post, $"/api/webhooks/{id}/test", Alice);
        Receiver.Status = 503;
        var bad = await SendAsync(HttpMethod.Post, $"/api/webhooks/{id}/test", Alice);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(good.Body, Is.EqualTo("""{"ok":true,"delivered":true,"status":200}"""));
            Assert.That(bad.Body, Is.EqualTo("""{"ok":true,"delivered":false,"status":503,"fault":"HTTP 503"}"""));
            Assert.That(Receiver.Accepted.Single().Type, Is.EqualTo("test"));
            Assert.That(Receiver.Accepted.Single().IsSignedWith(secret), Is.True);
        }
    }

    [TestCase("test")]
    [TestCase("resume")]
    [TestCase("rotate")]
    public async Task What_makes_the_broker_send_is_limited_as_publishes_are(string action)
    {
        var (id, _) = await AddAsync(Channel);

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => SendAsync(HttpMethod.Post, $"/api/webhooks/{id}/{action}", Alice)));

        Assert.That(answers.Select(answer => answer.Status), Has.Some.EqualTo(429));
        Assert.That(answers.First(answer => answer.Status == 429).Body, Does.Contain("rate limit exceeded (5 requests per second)"));
    }

    [Test]
    public async Task The_webhooks_of_an_app_go_with_it()
    {
        var key = JsonElement.Parse((await Broker.PostAsync("/api/apps", """{"name":"shop"}""", Alice)).Body).GetProperty("key").GetString()!;
        await PostAddAsync(Channel, Receiver.Url, key);

        await SendAsync(HttpMethod.Delete, "/api/apps/shop", Alice);

        var again = JsonElement.Parse((await Broker.PostAsync("/api/apps", """{"name":"shop"}""", await Broker.RegisterAsync("bob"))).Body).GetProperty("key").GetString()!;
        Assert.That((await GetAsync("/api/webhooks", again)).Body, Does.Contain("\"count\":0"));
    }
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
