using ClawEvents.Broker.Identity;
using ClawEvents.Broker.State;
using ClawEvents.Broker.State.Embedded;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.State.Embedded;

internal sealed class SqliteStateStoreTests : StateStoreContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    protected override IStateStore Create(TimeProvider time) => _folder.OpenStore(time);
}

internal sealed class SqliteStateStoreRateTests : StateStoreRateContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    protected override IStateStore Create(TimeProvider time) => _folder.OpenStore(time);
}

internal sealed class SqliteStateStoreSignatureTests : StateStoreSignatureContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    protected override IStateStore Create(TimeProvider time) => _folder.OpenStore(time);
}

internal sealed class SqliteStateStoreChallengeTests : StateStoreChallengeContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    protected override IStateStore Create(TimeProvider time) => _folder.OpenStore(time);
}

internal sealed class SqliteStateStoreAdvertisementTests : StateStoreAdvertisementContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    protected override IStateStore Create(TimeProvider time) => _folder.OpenStore(time);
}

internal sealed class SqliteStateStoreWebhookTests : StateStoreWebhookContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    protected override IStateStore Create(TimeProvider time) => _folder.OpenStore(time);

    [Test]
    public async Task Webhooks_and_their_progress_survive_a_restart_with_valid_checksums()
    {
        var (kept, removed) = (Make("alice") with { Token = new(ulong.MaxValue, long.MaxValue) }, Make("alice"));
        var progress = new WebhookProgress(new(ulong.MaxValue, "e\0é")) { FailingSince = 1, Fault = "HTTP 500" };
        using var folder = new TemporaryFolder();
        await using (var store = folder.OpenStore())
        {
            await store.Webhooks.TryAddAsync(kept, 10, 10);
            await store.Webhooks.TryAddAsync(removed, 10, 10);
            await store.Webhooks.TrySetSecretAsync(kept.Id, "alice", "whsec_new");
            await store.Webhooks.TryResumeAsync(kept.Id, "alice", new(5, 6));
            await store.Webhooks.TrySaveAsync(kept.Id, progress, default);
            await store.Webhooks.TryRemoveAsync(removed.Id, "alice");
        }

        await using var again = folder.OpenStore();

        Assert.That(
            await again.Webhooks.GetOfOwnerAsync("alice"),
            Is.EqualTo(new[] { kept with { Secret = "whsec_new", Token = new(5, 6), Progress = progress } }));
    }
}

internal sealed class SqliteStateStoreAppTests : StateStoreAppContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    protected override IStateStore Create(TimeProvider time) => _folder.OpenStore(time);
}

internal sealed class SqliteStateStoreActivityTests : StateStoreActivityContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    protected override IStateStore Create(TimeProvider time) => _folder.OpenStore(time);
}

/// <summary>Facts that outlive the store: completed changes, and those that were accepted before it was closed.</summary>
internal sealed class SqliteStateStoreRestartTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Test]
    public async Task All_facts_survive_a_restart()
    {
        await using (var store = _folder.OpenStore())
        {
            await store.LockAsync(TestChannel.Named("agent.owner.locked"));
            await store.LockAsync(TestChannel.Named("app.shop.locked"));
            await store.LockAsync(TestChannel.Named("agent.owner.unlocked"));
            await store.UnlockAsync(TestChannel.Named("agent.owner.unlocked"));
            await store.GrantAsync(TestChannel.Named("agent.owner.locked"), "bob");
            await store.GrantAsync(TestChannel.Named("agent.owner.locked"), "carol");
            await store.RevokeGrantAsync(TestChannel.Named("agent.owner.locked"), "carol");
            await store.SetKeyHashAsync("bob", "aaaa");
            await store.SetKeyHashAsync("bob", "bbbb");
            await store.SetKeyHashAsync("carol", "cccc");
            await store.RevokeTokensAsync("carol", 7);
            await store.RevokeTokensAsync("carol", 5);
        }

        await using var again = _folder.OpenStore();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await again.GetLockedTopicsAsync("owner"), Is.EqualTo(new[] { "locked" }));
            Assert.That(await again.GetLockedTopicsAsync("app:shop"), Is.EqualTo(new[] { "locked" }));
            Assert.That(await AccessAsync(again, "agent.owner.unlocked", "bob"), Is.EqualTo(ChannelAccess.Open));
            Assert.That(await AccessAsync(again, "agent.owner.locked", "bob"), Is.EqualTo(ChannelAccess.Granted));
            Assert.That(await AccessAsync(again, "agent.owner.locked", "carol"), Is.EqualTo(ChannelAccess.Locked));
            Assert.That(await again.GetKeyHashAsync("bob"), Is.EqualTo("bbbb"));
            Assert.That(await again.GetKeyHashAsync("carol"), Is.Null);
            Assert.That(await again.GetRevokedUntilAsync("carol"), Is.EqualTo(7));
        }
    }

    [Test]
    public async Task Advertisements_apps_and_statistics_survive_a_restart()
    {
        var advertisement = new Advertisement(TestChannel.Named("agent.owner.topic"), "text \0 \U0001F980", """{"type":"object"}""", 1_767_225_600_123);
        await using (var store = _folder.OpenStore())
        {
            await store.SetAdvertisementAsync(advertisement with { Description = null });
            await store.SetAdvertisementAsync(advertisement);
            await store.SetAdvertisementAsync(advertisement with { Channel = TestChannel.Named("app.shop.gone") });
            await store.RemoveAdvertisementAsync(TestChannel.Named("app.shop.gone"));
            await store.SetAdvertisementAsync(new(TestChannel.Named("app.shop.bare"), null, null, 1));
            await store.TryCreateAppAsync(new("shop", "alice", 1_767_225_600_123), "aaaa");
            await store.TrySetAppKeyAsync("shop", "alice", "bbbb");
            await store.TryCreateAppAsync(new("gone", "alice", 1), "cccc");
            await store.TryDeleteAppAsync("gone", "alice");
            await store.AddActivityAsync(new(3, 1, ["alice", "bob"]));
            await store.AddActivityAsync(new(4, 1, ["alice"]));
        }

        await using var again = _folder.OpenStore();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                (await again.FindAdvertisementsAsync(new(0, 10))).Items,
                Is.EqualTo(new[] { advertisement, new(TestChannel.Named("app.shop.bare"), null, null, 1) }));
            Assert.That(await again.GetAppsAsync("alice"), Is.EqualTo(new[] { new AppRecord("shop", "alice", 1_767_225_600_123) }));
            Assert.That(await again.GetKeyHashAsync("app:shop"), Is.EqualTo("bbbb"));
            Assert.That(await again.GetKeyHashAsync("app:gone"), Is.Null);
            Assert.That(await again.GetSendersAsync(), Is.EqualTo(new[] { "alice", "bob" }));
            Assert.That((await again.CountMessagesAsync(1)).Total, Is.EqualTo(7));
        }
    }

    [TestCase("bob\0and more")]
    [TestCase("bob'); DROP TABLE grants; --")]
    [TestCase("Б \u2028 \U0001F980 \"")]
    public async Task A_target_of_any_text_is_the_same_after_a_restart(string target)
    {
        await using (var store = _folder.OpenStore())
        {
            await store.LockAsync(TestChannel.Named("agent.owner.locked"));
            await store.GrantAsync(TestChannel.Named("agent.owner.locked"), target);
        }

        await using var again = _folder.OpenStore();

        Assert.That(await AccessAsync(again, "agent.owner.locked", target), Is.EqualTo(ChannelAccess.Granted));
        Assert.That(await AccessAsync(again, "agent.owner.locked", "bob"), Is.EqualTo(ChannelAccess.Locked));
    }

    [Test]
    public async Task Simultaneous_changes_are_all_acknowledged_and_survive_a_restart()
    {
        const int count = 5_000;
        await using (var store = _folder.OpenStore())
        {
            await Parallel.ForAsync(0, count, async (i, _) => await store.GrantAsync(TestChannel.Named("agent.owner.locked"), $"agent{i}"));
            await store.LockAsync(TestChannel.Named("agent.owner.locked"));
        }

        await using var again = _folder.OpenStore();

        for (var i = 0; i < count; i++)
        {
            Assert.That(await AccessAsync(again, "agent.owner.locked", $"agent{i}"), Is.EqualTo(ChannelAccess.Granted));
        }
    }

    [Test]
    public async Task Closing_writes_accepted_changes()
    {
        var store = _folder.OpenStore();
        var changes = Enumerable.Range(0, 3_000).Select(i => store.LockAsync(TestChannel.Named($"agent.owner.{i}")).AsTask()).ToList();

        await store.DisposeAsync();

        Assert.That(changes.TrueForAll(change => change.IsCompletedSuccessfully), Is.True);
        await using var again = _folder.OpenStore();
        Assert.That(await again.GetLockedTopicsAsync("owner"), Has.Count.EqualTo(changes.Count));
    }

    [Test]
    public async Task Changes_of_one_caller_happen_in_their_order()
    {
        var channel = TestChannel.Named("agent.owner.flickering");
        await using (var store = _folder.OpenStore())
        {
            var changes = new List<Task>();
            for (var i = 0; i < 500; i++)
            {
                changes.Add(store.LockAsync(channel).AsTask());
                changes.Add(store.UnlockAsync(channel).AsTask());
            }

            await Task.WhenAll([.. changes, store.LockAsync(channel).AsTask()]);

            Assert.That(await AccessAsync(store, "agent.owner.flickering", "bob"), Is.EqualTo(ChannelAccess.Locked));
        }

        await using var again = _folder.OpenStore();
        Assert.That(await AccessAsync(again, "agent.owner.flickering", "bob"), Is.EqualTo(ChannelAccess.Locked));
    }

    private static ValueTask<ChannelAccess> AccessAsync(SqliteStateStore store, string channel, string who) =>
        store.GetAccessAsync(TestChannel.Named(channel), Principal.Of(who));
}
