using System.Text.Json;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Webhooks;

namespace ClawEvents.Broker.Tests.Api;

/// <summary>What a receiver gets, and when it gets nothing more. docs/reference/webhooks.md</summary>
public sealed class WebhookMessagesTests : WebhookBrokerTests
{
    [Test]
    public async Task Publications_arrive_signed_and_in_order()
    {
        var (_, secret) = await AddAsync(Channel);

        await PublishAsync(Channel, 1, 3);
        await Eventually.IsTrueAsync(() => Receiver.Accepted.Count == 3);

        var first = Receiver.Accepted[0];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Receiver.Numbers, Is.EqualTo(new[] { 1, 2, 3 }));
            Assert.That(Receiver.Accepted.All(message => message.IsSignedWith(secret)), Is.True);
            Assert.That(Receiver.Accepted.Select(message => message.Id).Distinct().Count(), Is.EqualTo(3));
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
        await Eventually.IsTrueAsync(() => Receiver.Accepted.Count >= 300);

        Assert.That(Receiver.Numbers, Is.EqualTo(Enumerable.Range(1, 300)));
        Assert.That(Receiver.MostRunning, Is.EqualTo(1));
    }

    [Test]
    public async Task Publications_before_the_registration_are_not_delivered()
    {
        await PublishAsync(Channel, 1, 2);
        await AddAsync(Channel);

        await PublishAsync(Channel, 3, 3);
        await Eventually.IsTrueAsync(() => Receiver.Accepted.Count > 0);

        Assert.That(Receiver.Numbers, Is.EqualTo(new[] { 3 }));
    }

    [Test]
    public async Task A_channel_without_history_is_delivered_without_offsets()
    {
        await AddAsync("talk:all");
        await Eventually.IsTrueAsync(async () => (await Broker.PostWithKeyAsync("/api/channels", "{}")).Body.Contains("talk:all", StringComparison.Ordinal));

        await PublishAsync("talk:all", 1, 2);
        await Eventually.IsTrueAsync(() => Receiver.Accepted.Count == 2);

        Assert.That(Receiver.Numbers, Is.EqualTo(new[] { 1, 2 }));
        Assert.That(Receiver.Accepted[0].Json.TryGetProperty("offset", out _), Is.False);
    }

    [Test]
    public async Task A_history_that_was_removed_is_reported_as_a_gap()
    {
        await AddAsync(Channel);
        Receiver.Hold();
        await PublishAsync(Channel, 1, 1);
        await Eventually.IsTrueAsync(() => Receiver.Asked.Count == 1);
        await PublishAsync(Channel, 2, 12);
        await Broker.PostWithKeyAsync("/api/history_remove", $$"""{"channel":"{{Channel}}"}""");
        await PublishAsync(Channel, 13, 13);
        Receiver.Release();

        await Eventually.IsTrueAsync(() => Receiver.Numbers.Contains(13));

        var gap = Receiver.Accepted.Single(message => message.Type is "gap").Json;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Receiver.Numbers, Is.EqualTo(new[] { 1, 13 }));
            Assert.That((gap.GetProperty("offset").GetInt32(), gap.GetProperty("missed").GetInt32()), Is.EqualTo((12, 11)));
        }
    }

    [Test]
    public async Task A_lock_ends_deliveries_and_a_grant_and_a_resume_deliver_what_was_missed()
    {
        var bob = await Broker.RegisterAsync("bob");
        var (id, _) = await AddAsync("agent.bob.updates");
        await PublishAsync("agent.bob.updates", 1, 1);
        await Eventually.IsTrueAsync(() => Receiver.Accepted.Count == 1);

        await Broker.PostAsync("/api/lock", """{"channel":"agent.bob.updates"}""", bob);
        await HasStateAsync(id, "paused");
        await PublishAsync("agent.bob.updates", 2, 2);
        var paused = await GetAsync($"/api/webhooks/{id}");
        var refused = await SendAsync(HttpMethod.Post, $"/api/webhooks/{id}/resume", Alice);
        await Broker.PostAsync("/api/grant", """{"channel":"agent.bob.updates","target":"alice"}""", bob);
        var resumed = await SendAsync(HttpMethod.Post, $"/api/webhooks/{id}/resume", Alice);
        await Eventually.IsTrueAsync(() => Receiver.Accepted.Count == 2);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(paused.Body, Does.Contain("\"reason\":\"locked\",\"message\":\"the channel is locked, and its owner has granted no access\""));
            Assert.That(refused.Status, Is.EqualTo(403));
            Assert.That(resumed.Body, Does.Contain("\"state\":\"active\""));
            Assert.That(Receiver.Numbers, Is.EqualTo(new[] { 1, 2 }));
        }
    }

    [Test]
    public async Task A_replaced_token_ends_deliveries_until_the_owner_resumes_with_the_new_one()
    {
        var (id, _) = await AddAsync(Channel);
        var fresh = await Broker.RegisterAsync("alice");

        await PublishAsync(Channel, 1, 1);
        await Eventually.GetAsync(() => GetAsync($"/api/webhooks/{id}", fresh), answer => answer.Body.Contains("\"reason\":\"token_revoked\"", StringComparison.Ordinal));
        Assert.That(Receiver.Asked, Is.Empty);
        await SendAsync(HttpMethod.Post, $"/api/webhooks/{id}/resume", fresh);

        await Eventually.IsTrueAsync(() => Receiver.Accepted.Count == 1);
    }

    [Test]
    public async Task A_new_secret_signs_from_then_on()
    {
        var (id, old) = await AddAsync(Channel);
        var answer = await SendAsync(HttpMethod.Post, $"/api/webhooks/{id}/rotate", Alice);
        var secret = JsonElement.Parse(answer.Body).GetProperty("secret").GetString()!;

        await PublishAsync(Channel, 1, 1);
        await Eventually.IsTrueAsync(() => Receiver.Accepted.Count == 1);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(secret, Is.Not.EqualTo(old));
            Assert.That(Receiver.Accepted[0].IsSignedWith(secret), Is.True);
            Assert.That(Receiver.Accepted[0].IsSignedWith(old), Is.False);
        }
    }

    [Test]
    public async Task A_removed_webhook_gets_nothing_more()
    {
        var (id, _) = await AddAsync(Channel);
        var (other, _) = await AddAsync(Channel);

        var removed = await SendAsync(HttpMethod.Delete, $"/api/webhooks/{id}", Alice);
        await Eventually.IsTrueAsync(() => Broker.Get<WebhookService>().Count == 1);
        await PublishAsync(Channel, 1, 1);
        await Eventually.IsTrueAsync(() => Receiver.Accepted.Count == 1);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(removed.Body, Is.EqualTo($$"""{"ok":true,"removed":true,"id":"{{id}}"}"""));
            Assert.That(Receiver.Accepted.Single().Json.GetProperty("webhook").GetString(), Is.EqualTo(other));
            Assert.That((await GetAsync($"/api/webhooks/{id}")).Status, Is.EqualTo(404));
        }
    }

    [Test]
    public async Task A_certificate_that_nobody_vouches_for_is_a_fault()
    {
        using var certificate = new RunningCertificate();
        await using var far = await RunningBroker.StartAsync(certificate.Add);
        var answer = await PostAddAsync(Channel, far.Url.ToString(), Alice);
        var id = JsonElement.Parse(answer.Body).GetProperty("webhook").GetProperty("id").GetString();

        answer = await SendAsync(HttpMethod.Post, $"/api/webhooks/{id}/test", Alice);

        Assert.That(answer.Body, Is.EqualTo("""{"ok":true,"delivered":false,"status":0,"fault":"the certificate or TLS of the host is invalid"}"""));
    }

    [Test]
    public async Task A_redirect_is_not_followed()
    {
        await using var inner = await RunningReceiver.StartAsync();
        var (id, _) = await AddAsync(Channel);
        Receiver.Next(context =>
        {
            context.Response.Redirect(inner.Url);
            return Task.CompletedTask;
        });

        var answer = await SendAsync(HttpMethod.Post, $"/api/webhooks/{id}/test", Alice);

        Assert.That(answer.Body, Does.Contain("HTTP 302: redirects are not followed"));
        Assert.That(inner.Asked, Is.Empty);
    }

    [Test]
    public async Task The_body_of_an_answer_is_not_read_to_its_end()
    {
        var (id, _) = await AddAsync(Channel);
        var isCut = new TaskCompletionSource();
        Receiver.Next(async context =>
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

        var answer = await SendAsync(HttpMethod.Post, $"/api/webhooks/{id}/test", Alice);

        Assert.That(answer.Body, Does.Contain("\"delivered\":true"));
        await isCut.Task.WaitAsync(RunningBroker.Patience);
    }

    [Test]
    public async Task AReceiver_that_is_not_there_is_a_fault_without_details()
    {
        var (id, _) = await AddAsync(Channel);
        await Receiver.DisposeAsync();

        var answer = await SendAsync(HttpMethod.Post, $"/api/webhooks/{id}/test", Alice);

        Assert.That(answer.Body, Is.EqualTo("""{"ok":true,"delivered":false,"status":0,"fault":"no connection"}"""));
    }
}
