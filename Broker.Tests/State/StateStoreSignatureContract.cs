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

    /// <summary>An empty store.</summary>
    protected abstract IStateStore Create(TimeProvider time);

    [Test]
    public async Task A_signature_expires_after_ten_minutes()
    {
        await _store.SetSignatureAsync("alice", "claw-sig-1");

        _time.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromSeconds(1));
        var before = await _store.GetSignatureAsync("alice");
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.That(before, Is.EqualTo("claw-sig-1"));
        Assert.That(await _store.GetSignatureAsync("alice"), Is.Null);
    }

    [Test]
    public async Task A_new_signature_replaces_the_old_one_and_expires_separately()
    {
        await _store.SetSignatureAsync("alice", "claw-sig-1");
        _time.Advance(TimeSpan.FromMinutes(9));
        await _store.SetSignatureAsync("alice", "claw-sig-2");
        _time.Advance(TimeSpan.FromMinutes(9));

        // A new signature drops expired ones, which must not include the new one.
        await _store.SetSignatureAsync("bob", "claw-sig-3");

        Assert.That(await _store.GetSignatureAsync("alice"), Is.EqualTo("claw-sig-2"));
        Assert.That(await _store.TryTakeSignatureAsync("alice", "claw-sig-1"), Is.False);
    }

    [Test]
    public async Task A_signature_is_used_once()
    {
        await _store.SetSignatureAsync("alice", "claw-sig-1");

        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () => await _store.TryTakeSignatureAsync("alice", "claw-sig-1"))));

        Assert.That(taken.Count(isTaken => isTaken), Is.EqualTo(1));
        Assert.That(await _store.GetSignatureAsync("alice"), Is.Null);
    }

    [Test]
    public async Task Names_do_not_share_signatures()
    {
        await _store.SetSignatureAsync("alice", "claw-sig-1");

        Assert.That(await _store.GetSignatureAsync("Alice"), Is.Null);
        Assert.That(await _store.TryTakeSignatureAsync("bob", "claw-sig-1"), Is.False);
    }
}
