using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.State;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.State;

/// <summary>The contract of every store for locks, grants and keys. A fixture of each implementation derives from this.</summary>
internal abstract class StateStoreContract
{
    private readonly ChannelName _channel = TestChannel.Named("agent.owner.topic");
    private readonly ChannelName _other = TestChannel.Named("agent.owner.topic2");
    private readonly Principal _bob = Principal.Of("bob");
    private IStateStore _store = null!;

    [SetUp]
    public void MakeStore() => _store = Create(TimeProvider.System);

    [TearDown]
    public ValueTask CloseStore() => _store is IAsyncDisposable store ? store.DisposeAsync() : ValueTask.CompletedTask;

    /// <summary>An empty store.</summary>
    protected abstract IStateStore Create(TimeProvider time);

    [Test]
    public async Task A_channel_is_open_until_it_is_locked_and_after_it_is_unlocked()
    {
        var before = await _store.GetAccessAsync(_channel, _bob);
        await _store.LockAsync(_channel);
        var locked = await _store.GetAccessAsync(_channel, _bob);
        await _store.UnlockAsync(_channel);
        var after = await _store.GetAccessAsync(_channel, _bob);

        Assert.That((before, locked, after), Is.EqualTo((ChannelAccess.Open, ChannelAccess.Locked, ChannelAccess.Open)));
    }

    [Test]
    public async Task A_lock_concerns_one_channel_only()
    {
        await _store.LockAsync(_channel);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await _store.GetAccessAsync(TestChannel.Named("agent.owner.topic"), _bob), Is.EqualTo(ChannelAccess.Locked));
            Assert.That(await _store.GetAccessAsync(_other, _bob), Is.EqualTo(ChannelAccess.Open));
            Assert.That(await _store.GetAccessAsync(TestChannel.Named("app.owner.topic"), _bob), Is.EqualTo(ChannelAccess.Open));
            Assert.That(await _store.GetAccessAsync(TestChannel.Named("agent.Owner.topic"), _bob), Is.EqualTo(ChannelAccess.Open));
        }
    }

    [Test]
    public async Task Locking_or_unlocking_twice_has_no_further_effect()
    {
        await _store.LockAsync(_channel);
        await _store.LockAsync(_channel);
        await _store.UnlockAsync(_channel);
        var unlockedOnce = await _store.GetAccessAsync(_channel, _bob);
        await _store.UnlockAsync(_channel);
        await _store.UnlockAsync(_other);

        Assert.That(unlockedOnce, Is.EqualTo(ChannelAccess.Open));
        Assert.That(await _store.GetAccessAsync(_channel, _bob), Is.EqualTo(ChannelAccess.Open));
    }

    [Test]
    public async Task A_grant_opens_a_locked_channel_to_its_target_only()
    {
        await _store.LockAsync(_channel);
        await _store.LockAsync(_other);

        await _store.GrantAsync(_channel, "bob");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await _store.GetAccessAsync(_channel, _bob), Is.EqualTo(ChannelAccess.Granted));
            Assert.That(await _store.GetAccessAsync(_channel, Principal.Of("Bob")), Is.EqualTo(ChannelAccess.Locked));
            Assert.That(await _store.GetAccessAsync(_channel, Principal.Of("app:bob")), Is.EqualTo(ChannelAccess.Locked));
            Assert.That(await _store.GetAccessAsync(_channel, Principal.Anonymous), Is.EqualTo(ChannelAccess.Locked));
            Assert.That(await _store.GetAccessAsync(_other, _bob), Is.EqualTo(ChannelAccess.Locked));
        }
    }

    [Test]
    public async Task A_grant_can_come_before_the_lock_and_survives_an_unlock()
    {
        await _store.GrantAsync(_channel, "bob");
        var open = await _store.GetAccessAsync(_channel, _bob);
        await _store.LockAsync(_channel);
        var locked = await _store.GetAccessAsync(_channel, _bob);
        await _store.UnlockAsync(_channel);
        await _store.LockAsync(_channel);
        var lockedAgain = await _store.GetAccessAsync(_channel, _bob);

        Assert.That((open, locked, lockedAgain), Is.EqualTo((ChannelAccess.Open, ChannelAccess.Granted, ChannelAccess.Granted)));
    }

    [Test]
    public async Task The_granted_are_listed_in_order_locked_or_not()
    {
        await _store.GrantAsync(_channel, "carol");
        await _store.GrantAsync(_channel, "app:shop");
        await _store.GrantAsync(_channel, "bob");
        await _store.GrantAsync(_other, "dave");
        await _store.RevokeGrantAsync(_channel, "carol");

        Assert.That(await _store.GetGrantedAsync(_channel), Is.EqualTo(new[] { "app:shop", "bob" }));
    }

    [Test]
    public async Task One_revoke_takes_back_a_grant_given_twice()
    {
        await _store.LockAsync(_channel);
        await _store.GrantAsync(_channel, "bob");
        await _store.GrantAsync(_channel, "bob");
        await _store.GrantAsync(_channel, "alice");

        await _store.RevokeGrantAsync(_channel, "bob");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await _store.GetAccessAsync(_channel, _bob), Is.EqualTo(ChannelAccess.Locked));
            Assert.That(await _store.GetAccessAsync(_channel, Principal.Of("alice")), Is.EqualTo(ChannelAccess.Granted));
        }
    }

    [Test]
    public async Task Grants_of_a_channel_are_counted_without_the_one_that_is_asked_about()
    {
        foreach (var target in new[] { "bob", "bob", "alice", "carol" })
        {
            await _store.GrantAsync(_channel, target);
        }

        await _store.GrantAsync(_other, "bob");
        await _store.RevokeGrantAsync(_channel, "carol");
        await _store.RevokeGrantAsync(_channel, "carol");
        await _store.RevokeGrantAsync(_other, "bob");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await _store.CountOtherGrantsAsync(_channel, "bob"), Is.EqualTo(1));
            Assert.That(await _store.CountOtherGrantsAsync(_channel, "dave"), Is.EqualTo(2));
            Assert.That(await _store.CountOtherGrantsAsync(_other, "bob"), Is.Zero);
        }
    }

    [Test]
    public async Task Revoking_a_missing_grant_is_not_an_error()
    {
        await _store.LockAsync(_channel);

        await _store.RevokeGrantAsync(_channel, "bob");
        await _store.RevokeGrantAsync(_other, "bob");

        Assert.That(await _store.GetAccessAsync(_channel, _bob), Is.EqualTo(ChannelAccess.Locked));
    }

    [Test]
    public async Task A_principal_has_no_key_at_first_and_then_the_newest()
    {
        var none = await _store.GetKeyHashAsync("bob");
        await _store.SetKeyHashAsync("bob", "aaaa");
        await _store.SetKeyHashAsync("app:bob", "cccc");
        var first = await _store.GetKeyHashAsync("bob");
        await _store.SetKeyHashAsync("bob", "bbbb");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(none, Is.Null);
            Assert.That(first, Is.EqualTo("aaaa"));
            Assert.That(await _store.GetKeyHashAsync("bob"), Is.EqualTo("bbbb"));
            Assert.That(await _store.GetKeyHashAsync("app:bob"), Is.EqualTo("cccc"));
            Assert.That(await _store.GetKeyHashAsync("Bob"), Is.Null);
        }
    }

    [Test]
    public async Task A_removed_key_is_gone_and_removing_it_again_is_not_an_error()
    {
        await _store.SetKeyHashAsync("bob", "aaaa");
        await _store.SetKeyHashAsync("app:bob", "cccc");

        await _store.RevokeTokensAsync("bob", 0);
        await _store.RevokeTokensAsync("bob", 0);
        await _store.RevokeTokensAsync("nobody", 0);
        Assert.That(await _store.GetRevokedUntilAsync("bob"), Is.Zero);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await _store.GetKeyHashAsync("bob"), Is.Null);
            Assert.That(await _store.GetKeyHashAsync("app:bob"), Is.EqualTo("cccc"));
        }
    }

    [Test]
    public async Task Revoked_tokens_stay_revoked_by_the_latest_time_and_each_principal_has_its_own()
    {
        await _store.SetKeyHashAsync("bob", "aaaa");
        var none = await _store.GetRevokedUntilAsync("bob");
        await _store.RevokeTokensAsync("bob", 1_800_000_000);
        var first = (await _store.GetRevokedUntilAsync("bob"), await _store.GetKeyHashAsync("bob"));
        await _store.RevokeTokensAsync("bob", 1_700_000_000);
        await _store.RevokeTokensAsync("app:bob", 1_600_000_000);

        using (Assert.EnterMultipleScope())
        {
            Assert.That((none, first), Is.EqualTo((0L, (1_800_000_000L, (string?)null))));
            Assert.That(await _store.GetRevokedUntilAsync("bob"), Is.EqualTo(1_800_000_000));
            Assert.That(await _store.GetRevokedUntilAsync("app:bob"), Is.EqualTo(1_600_000_000));
            Assert.That(await _store.GetRevokedUntilAsync("Bob"), Is.Zero);
        }
    }

    [Test]
    public async Task An_owners_locked_topics_are_sorted_and_only_its_own()
    {
        foreach (var name in new[] { "agent.owner.b", "agent.owner.a.c", "agent.owner.B", "agent.owner.", "app.owner.x", "agent.other.y" })
        {
            await _store.LockAsync(TestChannel.Named(name));
            await _store.LockAsync(TestChannel.Named(name));
        }

        await _store.GrantAsync(TestChannel.Named("agent.owner.granted"), "bob");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await _store.GetLockedTopicsAsync("owner"), Is.EqualTo(new[] { "", "B", "a.c", "b" }));
            Assert.That(await _store.GetLockedTopicsAsync("app:owner"), Is.EqualTo(new[] { "x" }));
            Assert.That(await _store.GetLockedTopicsAsync("Owner"), Is.Empty);
            Assert.That(await _store.GetLockedTopicsAsync("own*"), Is.Empty);
        }
    }

    [Test]
    public async Task An_unlocked_topic_leaves_the_list_but_earlier_copies_stay_unchanged()
    {
        await _store.LockAsync(_channel);
        await _store.LockAsync(_other);

        await _store.UnlockAsync(_channel);
        var one = await _store.GetLockedTopicsAsync("owner");
        await _store.UnlockAsync(_other);
        await _store.UnlockAsync(_other);

        Assert.That(one, Is.EqualTo(new[] { "topic2" }));
        Assert.That(await _store.GetLockedTopicsAsync("owner"), Is.Empty);
    }

    [Test]
    public async Task Simultaneous_changes_do_not_overwrite_each_other()
    {
        await _store.LockAsync(_channel);

        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(async () => await _store.GrantAsync(_channel, $"agent{i}"))));

        for (var i = 0; i < 200; i++)
        {
            Assert.That(await _store.GetAccessAsync(_channel, Principal.Of($"agent{i}")), Is.EqualTo(ChannelAccess.Granted));
        }
    }

    [Test]
    public void The_store_describes_itself_in_one_line()
    {
        Assert.That(_store.Description, Is.Not.Empty.And.Not.Contains("\n"));
    }
}
