using ClawEvents.Broker.State;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Tests.State;

/// <summary>The contract of every store for signatures of logins.</summary>
internal abstract class StateStoreSignatureContract
{
    private readonly ManualTimeProvider _time = new();
    private IStateStore _store = null!;

    [SetUp]
    public void MakeStore() => _store = Create(_time);

    [TearDown]
    public ValueTask CloseStore() => _store is IAsyncDisposable store ? store.DisposeAsync() : ValueTask.CompletedTask;

    private long Now => _time.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>An empty store.</summary>
    protected abstract IStateStore Create(TimeProvider time);

    [Test]
    public async Task A_signature_expires_after_ten_minutes()
    {
        await _store.KeepSignatureAsync("alice", "claw-sig-1");

        _time.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromSeconds(1));
        var before = await _store.GetSignatureAsync("alice");
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.That(before, Is.EqualTo("claw-sig-1"));
        Assert.That(await _store.GetSignatureAsync("alice"), Is.Null);
    }

    [Test]
    public async Task A_new_signature_replaces_an_expired_one_only()
    {
        await _store.KeepSignatureAsync("alice", "claw-sig-1");
        _time.Advance(TimeSpan.FromMinutes(9));
        await _store.KeepSignatureAsync("alice", "claw-sig-of-a-stranger");
        var pending = await _store.GetSignatureAsync("alice");
        _time.Advance(TimeSpan.FromMinutes(1));
        await _store.KeepSignatureAsync("alice", "claw-sig-2");
        _time.Advance(TimeSpan.FromMinutes(9));

        // A new signature drops expired ones, which must not include the new one.
        await _store.KeepSignatureAsync("bob", "claw-sig-3");

        Assert.That((pending, await _store.GetSignatureAsync("alice")), Is.EqualTo(("claw-sig-1", "claw-sig-2")));
        Assert.That(await _store.TryTakeSignatureAsync("alice", "claw-sig-1"), Is.False);
    }

    [Test]
    public async Task A_signature_that_was_never_stored_is_spent_once_by_each_name()
    {
        var spent = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () => await _store.TrySpendSignatureAsync("alice", "claw-sig-1", Now))));
        _time.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromSeconds(1));

        Assert.That(spent.Count(isSpent => isSpent), Is.EqualTo(1));
        Assert.That(await _store.TrySpendSignatureAsync("alice", "claw-sig-1", Now), Is.False);
        Assert.That(await _store.TrySpendSignatureAsync("alice", "claw-sig-2", Now), Is.True);
        Assert.That(await _store.TrySpendSignatureAsync("bob", "claw-sig-1", Now), Is.True);
    }

    [Test]
    public async Task A_signature_is_used_once()
    {
        await _store.KeepSignatureAsync("alice", "claw-sig-1");

        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () => await _store.TryTakeSignatureAsync("alice", "claw-sig-1"))));

        Assert.That(taken.Count(isTaken => isTaken), Is.EqualTo(1));
        Assert.That(await _store.GetSignatureAsync("alice"), Is.Null);
    }

    [Test]
    public async Task Names_do_not_share_signatures()
    {
        await _store.KeepSignatureAsync("alice", "claw-sig-1");

        Assert.That(await _store.GetSignatureAsync("Alice"), Is.Null);
        Assert.That(await _store.TryTakeSignatureAsync("bob", "claw-sig-1"), Is.False);
    }
}
