using ClawEvents.Broker.Identity;
using ClawEvents.Broker.State;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.State;

/// <summary>The contract of every store for webhooks.</summary>
internal abstract class StateStoreWebhookContract
{
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(1);

    private IStateStore _stateStore = null!;
    private IWebhookStore _store = null!;

    [SetUp]
    public void MakeStore()
    {
        _stateStore = Create(TimeProvider.System);
        _store = _stateStore.Webhooks;
    }

    [TearDown]
    public ValueTask CloseStore() => _stateStore is IAsyncDisposable store ? store.DisposeAsync() : ValueTask.CompletedTask;

    /// <summary>An empty store.</summary>
    protected abstract IStateStore Create(TimeProvider time);

    [Test]
    public async Task A_webhook_is_read_as_it_was_added()
    {
        var webhook = Make("alice") with { Token = new(ulong.MaxValue, long.MaxValue) };
        webhook = webhook with
        {
            Progress = new(new(ulong.MaxValue, "e")) { FailingSince = 2, Fault = "HTTP 500", PausedBy = "failing", PausedAt = 3 },
        };

        var isAdded = await _store.TryAddAsync(webhook, 1, 1);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(isAdded, Is.True);
            Assert.That(await _store.GetAsync(webhook.Id), Is.EqualTo(webhook));
            Assert.That(await _store.GetOfOwnerAsync("alice"), Is.EqualTo(new[] { webhook }));
            Assert.That(await _store.GetOfOwnerAsync("bob"), Is.Empty);
            Assert.That(await _store.GetOfSharesAsync(new HashSet<int> { webhook.Share }), Is.EqualTo(new[] { webhook }));
            Assert.That(await _store.GetOfSharesAsync(new HashSet<int> { (webhook.Share + 1) % Webhook.Shares }), Is.Empty);
            Assert.That(await _store.GetAsync(NewId()), Is.Null);
        }
    }

    [Test]
    public async Task An_owner_has_only_so_many_webhooks_and_so_has_the_store()
    {
        Assert.That(await _store.TryAddAsync(Make("alice"), 1, 2), Is.True);
        Assert.That(await _store.TryAddAsync(Make("alice"), 1, 2), Is.False);
        Assert.That(await _store.TryAddAsync(Make("bob"), 1, 2), Is.True);

        var third = Make("carol");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(await _store.TryAddAsync(third, 1, 2), Is.False);
            Assert.That(await _store.GetAsync(third.Id), Is.Null);
            Assert.That(await _store.GetOfOwnerAsync("carol"), Is.Empty);
        }
    }

    [Test]
    public async Task Of_many_simultaneous_webhooks_of_an_owner_only_the_limit_is_added()
    {
        var added = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(async () => await _store.TryAddAsync(Make("alice"), 3, 100))));

        Assert.That(added.Count(isAdded => isAdded), Is.EqualTo(3));
        Assert.That(await _store.GetOfOwnerAsync("alice"), Has.Count.EqualTo(3));
    }

    [Test]
    public async Task An_owner_has_its_webhooks_oldest_first()
    {
        var (second, first) = (Make("alice") with { CreatedAt = 2 }, Make("alice") with { CreatedAt = 1 });
        await _store.TryAddAsync(second, 10, 10);
        await _store.TryAddAsync(first, 10, 10);

        Assert.That(await _store.GetOfOwnerAsync("alice"), Is.EqualTo(new[] { first, second }));
    }

    [Test]
    public async Task Only_the_owner_changes_a_webhook()
    {
        var webhook = Make("alice");
        await _store.TryAddAsync(webhook, 10, 10);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await _store.TryRemoveAsync(webhook.Id, "bob"), Is.False);
            Assert.That(await _store.TrySetSecretAsync(webhook.Id, "bob", "whsec_x"), Is.False);
            Assert.That(await _store.TryResumeAsync(webhook.Id, "bob", TokenStamp.None), Is.False);
            Assert.That(await _store.TryRemoveAsync(NewId(), "alice"), Is.False);
            Assert.That(await _store.GetAsync(webhook.Id), Is.EqualTo(webhook));
        }
    }

    [Test]
    public async Task A_removed_webhook_is_gone_and_makes_room()
    {
        var webhook = Make("alice");
        await _store.TryAddAsync(webhook, 1, 1);

        Assert.That(await _store.TryRemoveAsync(webhook.Id, "alice"), Is.True);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await _store.GetAsync(webhook.Id), Is.Null);
            Assert.That(await _store.GetOfOwnerAsync("alice"), Is.Empty);
            Assert.That(await _store.TryRemoveAsync(webhook.Id, "alice"), Is.False);
            Assert.That(await _store.TryAddAsync(Make("alice"), 1, 1), Is.True);
        }
    }

    [Test]
    public async Task A_new_secret_replaces_the_old_one_and_changes_nothing_else()
    {
        var webhook = Make("alice");
        await _store.TryAddAsync(webhook, 10, 10);

        Assert.That(await _store.TrySetSecretAsync(webhook.Id, "alice", "whsec_new"), Is.True);

        Assert.That(await _store.GetAsync(webhook.Id), Is.EqualTo(webhook with { Secret = "whsec_new" }));
    }

    [Test]
    public async Task Progress_is_saved_and_resuming_keeps_the_cursor_only()
    {
        var webhook = Make("alice");
        await _store.TryAddAsync(webhook, 10, 10);
        var lease = await LeaseOfAsync(webhook, "node");
        var progress = new WebhookProgress(new(7, "epoch")) { FailingSince = 1, Fault = "timeout", PausedBy = "failing", PausedAt = 2 };

        var isSaved = await _store.TrySaveAsync(webhook.Id, progress, lease);
        var saved = await _store.GetAsync(webhook.Id);
        var isResumed = await _store.TryResumeAsync(webhook.Id, "alice", new(5, 6));

        using (Assert.EnterMultipleScope())
        {
            Assert.That((isSaved, isResumed), Is.EqualTo((true, true)));
            Assert.That(saved, Is.EqualTo(webhook with { Progress = progress }));
            Assert.That(await _store.GetAsync(webhook.Id), Is.EqualTo(webhook with { Token = new(5, 6), Progress = new(new(7, "epoch")) }));
        }
    }

    [Test]
    public async Task The_progress_of_a_removed_webhook_is_not_saved()
    {
        var (webhook, other) = (Make("alice"), Make("alice"));
        await _store.TryAddAsync(webhook, 10, 10);
        await _store.TryAddAsync(other, 10, 10);
        var lease = await LeaseOfAsync(webhook, "node");
        await _store.TryRemoveAsync(webhook.Id, "alice");

        Assert.That(await _store.TrySaveAsync(webhook.Id, new(new(1, "e")), lease), Is.False);
        Assert.That(await _store.GetAsync(webhook.Id), Is.Null);
    }

    [Test]
    public async Task A_node_alone_holds_all_shares_and_keeps_them()
    {
        await _store.TryAddAsync(Make("alice"), 10, 10);

        var first = await _store.RenewLeasesAsync("node", Life);
        var again = await _store.RenewLeasesAsync("node", Life);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(first.Held.Select(lease => lease.Share), Is.EquivalentTo(Enumerable.Range(0, Webhook.Shares)));
            Assert.That(first.Fair, Is.EqualTo(Webhook.Shares));
            Assert.That(again.Held, Is.EquivalentTo(first.Held));
        }
    }

    protected static Webhook Make(string owner) => new(NewId(), owner, TestChannel.Named("chat:news"), "https://example.com/hook")
    {
        Secret = "whsec_AAAA",
        CreatedAt = 1_000,
        Token = new(3, 4),
        Progress = new(new(0, "")),
    };

    protected static string NewId() => Convert.ToHexStringLower(Guid.NewGuid().ToByteArray());

    private async Task<WebhookLease> LeaseOfAsync(Webhook webhook, string node) =>
        (await _store.RenewLeasesAsync(node, Life)).Held.Single(lease => lease.Share == webhook.Share);
}
