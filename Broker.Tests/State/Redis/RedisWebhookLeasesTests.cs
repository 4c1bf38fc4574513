using ClawEvents.Broker.State;
using ClawEvents.Broker.State.Redis;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.State.Redis;

/// <summary>Nodes divide the webhooks, and a node that is gone keeps none.</summary>
internal sealed class RedisWebhookLeasesTests : IAsyncDisposable
{
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(1);

    private readonly RedisDatabase _database = RedisDatabase.Take();
    private readonly Webhook _webhook = new(new string('0', Webhook.IdLength), "alice", TestChannel.Named("chat:news"), "https://example.com")
    {
        Secret = "whsec_AAAA",
        Token = new(0, 1),
        Progress = new(new(0, "e")),
    };

    private RedisStateStore _stateStore = null!;

    private IWebhookStore Store => _stateStore.Webhooks;

    [SetUp]
    public async Task OpenStore()
    {
        _stateStore = await _database.OpenStoreAsync();
        await Store.TryAddAsync(_webhook, 10, 10);
    }

    [TearDown]
    public ValueTask CloseStore() => _stateStore.DisposeAsync();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Test]
    public async Task Without_webhooks_nothing_is_held_and_no_key_is_made()
    {
        await Store.TryRemoveAsync(_webhook.Id, "alice");

        var shares = await Store.RenewLeasesAsync("a", Life);

        using (Assert.EnterMultipleScope())
        {
            Assert.That((shares.Held.Count, shares.Fair), Is.EqualTo((0, 0)));
            Assert.That((await _database.ListAsync()).Where(key => key.Contains("webhook", StringComparison.Ordinal)), Is.Empty);
        }
    }

    [Test]
    public async Task A_second_node_gets_its_half_when_the_first_one_has_released_it()
    {
        var alone = await Store.RenewLeasesAsync("a", Life);
        var empty = await Store.RenewLeasesAsync("b", Life);
        var before = await Store.RenewLeasesAsync("a", Life);
        await Store.ReleaseAsync("a", [.. before.Held.Skip(before.Fair).Select(lease => lease.Share)], isLeaving: false);
        var (first, second) = (await Store.RenewLeasesAsync("a", Life), await Store.RenewLeasesAsync("b", Life));

        using (Assert.EnterMultipleScope())
        {
            Assert.That((alone.Held.Count, empty.Held.Count), Is.EqualTo((Webhook.Shares, 0)));
            Assert.That((before.Held.Count, before.Fair), Is.EqualTo((Webhook.Shares, Webhook.Shares / 2)));
            Assert.That(first.Held.Concat(second.Held).Select(lease => lease.Share), Is.EquivalentTo(Enumerable.Range(0, Webhook.Shares)));
            Assert.That(second.Held, Has.Count.EqualTo(Webhook.Shares / 2));
        }
    }

    [Test]
    public async Task A_node_that_leaves_gives_up_everything_immediately()
    {
        var shares = await Store.RenewLeasesAsync("a", Life);
        await Store.ReleaseAsync("a", [.. shares.Held.Select(lease => lease.Share)], isLeaving: true);

        var next = await Store.RenewLeasesAsync("b", Life);

        Assert.That((next.Held.Count, next.Fair), Is.EqualTo((Webhook.Shares, Webhook.Shares)));
    }

    [Test]
    public async Task The_shares_of_a_node_that_is_silent_go_to_another_one()
    {
        await Store.RenewLeasesAsync("a", Short);

        await Eventually.IsTrueAsync(async () => (await Store.RenewLeasesAsync("b", Life)).Held.Count == Webhook.Shares);
    }

    [Test]
    public async Task An_earlier_owner_of_a_share_cannot_move_a_cursor_back()
    {
        var old = await LeaseAsync("a", Short);
        await Store.TrySaveAsync(_webhook.Id, new(new(5, "e")), old);
        await Eventually.IsTrueAsync(async () => (await Store.RenewLeasesAsync("b", Life)).Held.Count == Webhook.Shares);
        var fresh = await LeaseAsync("b", Life);

        var isSavedByNew = await Store.TrySaveAsync(_webhook.Id, new(new(9, "e")), fresh);
        var isSavedByOld = await Store.TrySaveAsync(_webhook.Id, new(new(6, "e")), old);

        using (Assert.EnterMultipleScope())
        {
            Assert.That((isSavedByNew, isSavedByOld), Is.EqualTo((true, false)));
            Assert.That((await Store.GetAsync(_webhook.Id))!.Progress.Cursor.Offset, Is.EqualTo(9));
        }
    }

    [Test]
    public async Task A_share_that_comes_back_to_a_node_has_another_fence()
    {
        var first = await LeaseAsync("a", Life);
        await Store.ReleaseAsync("a", [first.Share], isLeaving: false);
        var second = await LeaseAsync("a", Life);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(second.Fence, Is.GreaterThan(first.Fence));
            Assert.That(await Store.TrySaveAsync(_webhook.Id, new(new(1, "e")), first), Is.False);
            Assert.That(await Store.TrySaveAsync(_webhook.Id, new(new(1, "e")), second), Is.True);
        }
    }

    [Test]
    public async Task A_webhook_with_a_malformed_value_is_left_out()
    {
        var other = _webhook with { Id = new string('1', Webhook.IdLength) };
        await Store.TryAddAsync(other, 10, 10);
        await _database.Keys.HashSetAsync($"clawevents:webhook:{_webhook.Id}", "created", "yesterday");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await Store.GetAsync(_webhook.Id), Is.Null);
            Assert.That(await Store.GetOfOwnerAsync("alice"), Is.EqualTo(new[] { other }));
        }
    }

    private async Task<WebhookLease> LeaseAsync(string node, TimeSpan life) =>
        (await Store.RenewLeasesAsync(node, life)).Held.Single(lease => lease.Share == _webhook.Share);
}
