using System.Net;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.State;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Webhooks;

namespace ClawEvents.Broker.Tests.Webhooks;

/// <summary>Attempts and waits, with a clock moved by hand and a real receiver.</summary>
internal sealed class WebhookDeliveryTests : IAsyncDisposable
{
    private static readonly Principal Alice = Principal.Of("alice", new(0, 1));

    // Longer than a test moves the clock while a request runs.
    private static readonly TimeSpan Timeout = TimeSpan.FromDays(20);

    private readonly BrokerOptions _options = new()
    {
        Namespaces = TestNamespaces.Of(("chat", TestNamespaces.History with { HistoryTtl = TimeSpan.FromDays(30) }), ("talk", TestNamespaces.Open)),
        Webhooks = new() { AllowedNetworks = [IPNetwork.Parse("127.0.0.0/8")], AllowsHttp = true, Timeout = Timeout },
    };

    private readonly BrokerRig _rig;
    private RunningReceiver _receiver = null!;
    private string _id = null!;

    private WebhookService Service => _rig.Get<WebhookService>();

    public WebhookDeliveryTests() => _rig = new(_options);

    [SetUp]
    public async Task Start()
    {
        _receiver = await RunningReceiver.StartAsync();
        await Service.StartAsync(default);
    }

    public async ValueTask DisposeAsync()
    {
        await Service.StopAsync(default);
        _rig.Dispose();
        await _receiver.DisposeAsync();
    }

    [Test]
    public async Task A_failed_message_is_sent_again_with_the_same_id_when_the_wait_is_over()
    {
        await AddAsync("chat:news");
        _receiver.NextStatus(500);
        _rig.Publish("chat:news", """{"n":1}""");
        await WaitsAsync(requests: 1);
        var failing = (await GetAsync()).Progress;

        _rig.Time.Advance(TimeSpan.FromSeconds(0.9));
        var early = _receiver.Requests.Count;
        await AdvanceUntilAsync(() => _receiver.Accepted.Count == 1);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(early, Is.EqualTo(1));
            Assert.That((failing.Fault, failing.FailingSince > 0, failing.Cursor.Offset), Is.EqualTo(("HTTP 500", true, 0UL)));
            Assert.That(_receiver.Accepted[0].Id, Does.EndWith("_1"));
            await Eventually.IsTrueAsync(async () => (await GetAsync()).Progress is { Fault: null, FailingSince: 0, Cursor.Offset: 1 });
        }
    }

    [Test]
    public async Task Later_messages_wait_for_the_one_that_fails()
    {
        await AddAsync("chat:news");
        _receiver.NextStatus(500, times: 2);
        _rig.Publish("chat:news", """{"n":1}""");
        _rig.Publish("chat:news", """{"n":2}""");
        await WaitsAsync(requests: 1);

        await AdvanceUntilAsync(() => _receiver.Accepted.Count == 2);

        Assert.That(_receiver.Numbers, Is.EqualTo(new[] { 1, 2 }));
        Assert.That(_receiver.Requests, Has.Count.EqualTo(4));
    }

    [Test]
    public async Task A_publication_does_not_shorten_the_wait()
    {
        await AddAsync("chat:news");
        _receiver.Status = 500;
        _rig.Publish("chat:news", """{"n":1}""");
        await WaitsAsync(requests: 1);

        _rig.Publish("chat:news", """{"n":2}""");
        _rig.Time.Advance(TimeSpan.FromSeconds(0.9));

        Assert.That(_receiver.Asked, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_lock_pauses_a_webhook_that_waits()
    {
        await AddAsync("agent.bob.updates");
        await Eventually.IsTrueAsync(() => _rig.Hub.SubscriptionCount == 1);
        _receiver.Status = 500;
        _rig.Publish("agent.bob.updates", """{"n":1}""");
        await WaitsAsync(requests: 1);

        await _rig.Store.LockAsync(TestChannel.Named("agent.bob.updates"));
        await _rig.Sweeper.SweepAsync(TestChannel.Named("agent.bob.updates"));

        await Eventually.IsTrueAsync(async () => (await GetAsync()).Progress is { PausedBy: "locked", Fault: "HTTP 500" });
        await Eventually.IsTrueAsync(() => _rig.Hub.SubscriptionCount == 0);
        Assert.That(_receiver.Asked, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_receiver_that_asks_for_a_wait_gets_it()
    {
        await AddAsync("chat:news");
        (_receiver.Status, _receiver.RetryAfter) = (429, "600");
        _rig.Publish("chat:news", """{"n":1}""");
        await WaitsAsync(requests: 1);
        (_receiver.Status, _receiver.RetryAfter) = (200, null);

        _rig.Time.Advance(TimeSpan.FromSeconds(599));
        var early = _receiver.Asked.Count;
        await AdvanceUntilAsync(() => _receiver.Accepted.Count == 1);

        Assert.That(early, Is.EqualTo(1));
    }

    [Test]
    public async Task A_receiver_that_does_not_answer_is_given_up_in_time()
    {
        await AddAsync("chat:news");
        _receiver.Hold();
        _rig.Publish("chat:news", """{"n":1}""");
        await Eventually.IsTrueAsync(() => _receiver.Asked.Count == 1);

        _rig.Time.Sleep(Timeout);

        await Eventually.IsTrueAsync(async () => (await GetAsync()).Progress.Fault == "no answer within 1728000 seconds");
    }

    [Test]
    public async Task A_webhook_that_has_failed_for_a_day_is_paused_and_a_resume_delivers_from_the_cursor()
    {
        await AddAsync("chat:news");
        _receiver.Status = 500;
        _rig.Publish("chat:news", """{"n":1}""");
        await WaitsAsync(requests: 1);

        await AdvanceUntilAsync(() => Service.Count == 0, TimeSpan.FromMinutes(20));
        var paused = (await GetAsync()).Progress;
        _rig.Publish("chat:news", """{"n":2}""");
        _receiver.Status = 200;
        await _rig.Store.Webhooks.TryResumeAsync(_id, "alice", Alice.Token);
        await Eventually.IsTrueAsync(() => _receiver.Accepted.Count == 2);

        using (Assert.EnterMultipleScope())
        {
            Assert.That((paused.PausedBy, paused.Fault), Is.EqualTo(("failing", "HTTP 500")));
            Assert.That(TimeSpan.FromMilliseconds(paused.PausedAt - paused.FailingSince), Is.EqualTo(TimeSpan.FromHours(24)).Within(TimeSpan.FromHours(1.5)));
            Assert.That(_receiver.Numbers, Is.EqualTo(new[] { 1, 2 }));
            Assert.That(_receiver.Asked, Has.Count.LessThan(60));
        }
    }

    [Test]
    public async Task A_receiver_that_is_gone_pauses_its_webhook_immediately()
    {
        await AddAsync("chat:news");
        _receiver.NextStatus(410);
        _rig.Publish("chat:news", """{"n":1}""");

        await Eventually.IsTrueAsync(async () => (await GetAsync()).Progress.PausedBy is not null);

        Assert.That((await GetAsync()).Progress, Is.EqualTo(new WebhookProgress(new(0, _rig.EpochOf("chat:news"))) with
        {
            FailingSince = _rig.Time.GetUtcNow().ToUnixTimeMilliseconds(),
            Fault = "HTTP 410",
            PausedBy = "gone",
            PausedAt = _rig.Time.GetUtcNow().ToUnixTimeMilliseconds(),
        }));
    }

    [Test]
    public async Task What_history_no_longer_has_is_reported_as_a_gap()
    {
        await AddAsync("chat:news");
        _receiver.NextStatus(500);
        _rig.Publish("chat:news", """{"n":1}""");
        await WaitsAsync(requests: 1);
        for (var n = 2; n <= 8; n++)
        {
            _rig.Publish("chat:news", $$"""{"n":{{n}}}""");
        }

        await AdvanceUntilAsync(() => _receiver.Numbers.Count == 5);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(_receiver.Numbers, Is.EqualTo(new[] { 4, 5, 6, 7, 8 }));
            Assert.That(_receiver.Accepted[0].Type, Is.EqualTo("gap"));
            Assert.That(_receiver.Accepted[0].Json.GetProperty("missed").GetInt32(), Is.EqualTo(3));
        }
    }

    [Test]
    public async Task A_broker_without_Redis_reports_after_a_restart_that_the_history_began_again()
    {
        using var folder = new TemporaryFolder();
        await using (var store = folder.OpenStore(_rig.Time))
        using (var before = new BrokerRig(_options, store))
        {
            await before.Get<WebhookService>().StartAsync(default);
            await before.Get<WebhookRegistration>().AddAsync(Alice, "chat:news", _receiver.Url);
            before.Publish("chat:news", """{"n":1}""");
            await Eventually.IsTrueAsync(() => _receiver.Accepted.Count == 1);
            await before.Get<WebhookService>().StopAsync(default);
        }

        await using var same = folder.OpenStore(_rig.Time);
        using var after = new BrokerRig(_options, same);
        await after.Get<WebhookService>().StartAsync(default);
        await Eventually.IsTrueAsync(() => _receiver.Accepted.Count == 2);
        after.Publish("chat:news", """{"n":2}""");
        await Eventually.IsTrueAsync(() => _receiver.Accepted.Count == 3);
        await after.Get<WebhookService>().StopAsync(default);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(_receiver.Accepted.Select(message => message.Type), Is.EqualTo(new[] { "publication", "gap", "publication" }));
            Assert.That(_receiver.Accepted[1].Json.TryGetProperty("missed", out _), Is.False);
            Assert.That(_receiver.Accepted[1].Json.GetProperty("epoch").GetString(), Is.Not.EqualTo(_receiver.Accepted[0].Json.GetProperty("epoch").GetString()));
        }
    }

    [Test]
    public async Task Without_history_a_failed_message_is_kept_and_too_many_are_reported_as_a_gap()
    {
        await AddAsync("talk:all");
        await Eventually.IsTrueAsync(() => _rig.Hub.SubscriptionCount == 1);
        _receiver.NextStatus(500);
        _rig.Publish("talk:all", """{"n":0}""");
        await WaitsAsync(requests: 1);
        for (var n = 1; n <= WebhookReceiver.MaxHeard + 3; n++)
        {
            _rig.Publish("talk:all", $$"""{"n":{{n}}}""");
        }

        await AdvanceUntilAsync(() => _receiver.Accepted.Count == WebhookReceiver.MaxHeard + 2);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(_receiver.Accepted[1].Json.GetProperty("missed").GetInt32(), Is.EqualTo(3));
            Assert.That(_receiver.Numbers, Is.EqualTo(Enumerable.Range(4, WebhookReceiver.MaxHeard).Prepend(0)));
        }
    }

    [Test]
    public void Without_webhooks_nothing_listens()
    {
        _rig.Publish("chat:news", """{"n":1}""");

        Assert.That((Service.Count, _rig.Hub.SubscriptionCount), Is.EqualTo((0, 0)));
    }

    private async Task AddAsync(string channel)
    {
        var result = await _rig.Get<WebhookRegistration>().AddAsync(Alice, channel, _receiver.Url);
        Assert.That(result.Message, Is.Empty);
        _id = result.Webhook!.Id;
    }

    private async Task<Webhook> GetAsync() => (await _rig.Store.Webhooks.GetAsync(_id))!;

    // The failure is kept just before the wait begins.
    private Task<TimeSpan> WaitsAsync(int requests) =>
        Eventually.IsTrueAsync(async () => _receiver.Requests.Count == requests && (await GetAsync()).Progress.FailingSince > 0);

    private Task<TimeSpan> AdvanceUntilAsync(Func<bool> condition, TimeSpan? step = null) => Eventually.IsTrueAsync(() =>
    {
        _rig.Time.Advance(step ?? TimeSpan.FromSeconds(0.25));
        return condition();
    });
}
