using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.State;
using ClawEvents.Broker.State.Embedded;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.State.Embedded;

/// <summary>A failing disk: a trigger refuses writes to one table.</summary>
internal sealed class StateWriterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Test]
    public async Task A_failed_change_throws_and_is_neither_on_disk_nor_in_memory()
    {
        await using (var store = _folder.OpenStore())
        {
            Refuse("BEFORE INSERT ON locks");

            Assert.That(async () => await LockAsync(store), Throws.TypeOf<StoreUnavailableException>().With.Message.Contains(_folder.StateFile).And.Message.Contains("no room"));
            Assert.That(await IsLockedAsync(store), Is.False);
            Assert.That(await store.GetLockedTopicsAsync("owner"), Is.Empty);
        }

        await using var again = _folder.OpenStore();
        Assert.That(await IsLockedAsync(again), Is.False);
    }

    [Test]
    public async Task Changes_that_share_a_commit_with_a_failed_one_fail_with_it()
    {
        // The second statement of a transaction fails, so the first one has to be rolled back.
        await using var store = _folder.OpenStore();
        await store.SetKeyHashAsync("bob", "before");
        Refuse("BEFORE INSERT ON locks");

        var changes = Enumerable.Range(0, 100)
            .SelectMany(i => new[] { store.SetKeyHashAsync("bob", $"after{i}").AsTask(), LockAsync(store) })
            .ToList();
        await Task.WhenAll(changes).ContinueWith(_ => { }, TaskScheduler.Default);

        var last = changes.FindLastIndex(change => change.IsCompletedSuccessfully);
        Assert.That(changes.Where((_, i) => i % 2 == 1).All(change => change.IsFaulted), Is.True);
        Assert.That(await store.GetKeyHashAsync("bob"), Is.EqualTo(last < 0 ? "before" : $"after{last / 2}"));
    }

    [Test]
    public async Task The_change_after_a_failed_one_is_tried_again()
    {
        await using (var store = _folder.OpenStore())
        {
            Refuse("BEFORE INSERT ON locks");
            Assert.That(async () => await LockAsync(store), Throws.TypeOf<StoreUnavailableException>());

            await store.SetKeyHashAsync("bob", "aaaa");
            Run("DROP TRIGGER refusal");
            await LockAsync(store);

            Assert.That(await IsLockedAsync(store), Is.True);
        }

        await using var again = _folder.OpenStore();
        Assert.That(await IsLockedAsync(again), Is.True);
        Assert.That(await again.GetKeyHashAsync("bob"), Is.EqualTo("aaaa"));
    }

    [Test]
    public async Task A_backup_of_a_store_in_use_holds_all_acknowledged_changes()
    {
        using var other = new TemporaryFolder();
        await using (var store = _folder.OpenStore())
        {
            await LockAsync(store);
            Run($"VACUUM INTO '{other.StateFile}'");
        }

        await using var copy = other.OpenStore();
        Assert.That(await IsLockedAsync(copy), Is.True);
    }

    private static Task LockAsync(SqliteStateStore store) => store.LockAsync(TestChannel.Named("agent.owner.topic")).AsTask();

    private static async Task<bool> IsLockedAsync(SqliteStateStore store) =>
        await store.GetAccessAsync(TestChannel.Named("agent.owner.topic"), Principal.Of("bob")) is ChannelAccess.Locked;

    private void Refuse(string what) => Run($"CREATE TRIGGER refusal {what} BEGIN SELECT RAISE(ABORT, 'no room'); END");

    private void Run(string sql) => StateFileTests.Run(_folder.StateFile, sql);
}
