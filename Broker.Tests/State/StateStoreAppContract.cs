using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Tests.State;

/// <summary>The contract of every store for apps and their keys.</summary>
internal abstract class StateStoreAppContract
{
    private static readonly AppRecord Shop = new("shop", "alice", 1_000);

    private IStateStore _store = null!;

    [SetUp]
    public void MakeStore() => _store = Create(TimeProvider.System);

    [TearDown]
    public ValueTask CloseStore() => _store is IAsyncDisposable store ? store.DisposeAsync() : ValueTask.CompletedTask;

    /// <summary>An empty store.</summary>
    protected abstract IStateStore Create(TimeProvider time);

    [Test]
    public async Task An_app_comes_with_its_key()
    {
        var isNew = await _store.TryCreateAppAsync(Shop, "aaaa");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(isNew, Is.True);
            Assert.That(await _store.GetAppAsync("shop"), Is.EqualTo(Shop));
            Assert.That(await _store.GetAppAsync("Shop"), Is.Null);
            Assert.That(await _store.GetKeyHashAsync("app:shop"), Is.EqualTo("aaaa"));
            Assert.That(await _store.GetKeyHashAsync("shop"), Is.Null);
        }
    }

    [Test]
    public async Task An_app_name_can_be_taken_only_once()
    {
        await _store.TryCreateAppAsync(Shop, "aaaa");

        var again = await _store.TryCreateAppAsync(Shop with { CreatedAt = 2_000 }, "bbbb");
        var others = await _store.TryCreateAppAsync(new AppRecord("shop", "bob", 3_000), "cccc");

        using (Assert.EnterMultipleScope())
        {
            Assert.That((again, others), Is.EqualTo((false, false)));
            Assert.That(await _store.GetAppAsync("shop"), Is.EqualTo(Shop));
            Assert.That(await _store.GetKeyHashAsync("app:shop"), Is.EqualTo("aaaa"));
            Assert.That(await _store.GetAppsAsync("bob"), Is.Empty);
        }
    }

    [Test]
    public async Task Of_many_simultaneous_creations_of_one_app_one_succeeds_with_its_key()
    {
        var created = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(async () =>
            (Owner: $"agent{i}", IsDone: await _store.TryCreateAppAsync(new AppRecord("shop", $"agent{i}", i), $"key{i}")))));

        var owner = created.Single(one => one.IsDone).Owner;
        using (Assert.EnterMultipleScope())
        {
            Assert.That((await _store.GetAppAsync("shop"))!.Owner, Is.EqualTo(owner));
            Assert.That(await _store.GetKeyHashAsync("app:shop"), Is.EqualTo($"key{owner["agent".Length..]}"));
            Assert.That(await _store.GetAppsAsync(owner), Has.Count.EqualTo(1));
        }
    }

    [Test]
    public async Task An_owner_has_its_apps_newest_first()
    {
        await _store.TryCreateAppAsync(new AppRecord("one", "alice", 1), "a");
        await _store.TryCreateAppAsync(new AppRecord("three", "alice", 3), "b");
        await _store.TryCreateAppAsync(new AppRecord("two", "alice", 2), "c");
        await _store.TryCreateAppAsync(new AppRecord("other", "Alice", 4), "d");

        Assert.That((await _store.GetAppsAsync("alice")).Select(app => app.Name), Is.EqualTo(new[] { "three", "two", "one" }));
        Assert.That(await _store.GetAppsAsync("ali*"), Is.Empty);
    }

    [Test]
    public async Task Only_its_owner_can_give_an_app_another_key()
    {
        await _store.TryCreateAppAsync(Shop, "aaaa");

        var bobs = await _store.TrySetAppKeyAsync("shop", "bob", "bbbb");
        var afterBob = await _store.GetKeyHashAsync("app:shop");
        var alices = await _store.TrySetAppKeyAsync("shop", "alice", "cccc");
        var nobodys = await _store.TrySetAppKeyAsync("none", "alice", "dddd");

        using (Assert.EnterMultipleScope())
        {
            Assert.That((bobs, alices, nobodys), Is.EqualTo((false, true, false)));
            Assert.That(afterBob, Is.EqualTo("aaaa"));
            Assert.That(await _store.GetKeyHashAsync("app:shop"), Is.EqualTo("cccc"));
            Assert.That(await _store.GetKeyHashAsync("app:none"), Is.Null);
        }
    }

    [Test]
    public async Task An_app_whose_key_was_revoked_can_get_another_one()
    {
        await _store.TryCreateAppAsync(Shop, "aaaa");
        await _store.RevokeTokensAsync("app:shop", 0);

        Assert.That(await _store.TrySetAppKeyAsync("shop", "alice", "bbbb"), Is.True);
        Assert.That(await _store.GetKeyHashAsync("app:shop"), Is.EqualTo("bbbb"));
    }

    [Test]
    public async Task A_deleted_app_leaves_no_key_and_its_name_is_free()
    {
        await _store.TryCreateAppAsync(Shop, "aaaa");
        await _store.TryCreateAppAsync(new AppRecord("kept", "alice", 1), "kkkk");

        var bobs = await _store.TryDeleteAppAsync("shop", "bob");
        var alices = await _store.TryDeleteAppAsync("shop", "alice");
        var again = await _store.TryDeleteAppAsync("shop", "alice");

        using (Assert.EnterMultipleScope())
        {
            Assert.That((bobs, alices, again), Is.EqualTo((false, true, false)));
            Assert.That(await _store.GetAppAsync("shop"), Is.Null);
            Assert.That(await _store.GetKeyHashAsync("app:shop"), Is.Null);
            Assert.That((await _store.GetAppsAsync("alice")).Select(app => app.Name), Is.EqualTo(new[] { "kept" }));
            Assert.That(await _store.TrySetAppKeyAsync("shop", "alice", "bbbb"), Is.False);
            Assert.That(await _store.TryCreateAppAsync(new AppRecord("shop", "bob", 5), "cccc"), Is.True);
            Assert.That(await _store.GetKeyHashAsync("app:shop"), Is.EqualTo("cccc"));
        }
    }

    [Test]
    public async Task A_key_that_is_changed_while_its_app_is_deleted_is_removed_with_it()
    {
        for (var i = 0; i < 50; i++)
        {
            await _store.TryCreateAppAsync(Shop, "aaaa");
            await Task.WhenAll(
                Task.Run(async () => await _store.TrySetAppKeyAsync("shop", "alice", "bbbb")),
                Task.Run(async () => await _store.TryDeleteAppAsync("shop", "alice")));

            Assert.That(await _store.GetKeyHashAsync("app:shop"), Is.Null);
        }
    }
}
