using ClawEvents.Broker.Faults;
using ClawEvents.Broker.State.Embedded;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Tests.State.Embedded;

/// <summary>Files that are removed, replaced or out of room under a store that is in use.</summary>
internal sealed class StateLossTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ListLogger<SqliteStateStore> _logger = new();
    private SqliteStateStore _store = null!;

    private string LockFile => Path.Combine(_folder.Path, "state.lock");

    private string Elsewhere => Path.Combine(_folder.Path, "elsewhere");

    [SetUp]
    public async Task Open()
    {
        _store = _folder.OpenStore(logger: _logger);
        await _store.SetKeyHashAsync("bob", "before");
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [TestCase("state.db", false, "was removed or replaced while the broker was running: put it back, or stop the broker and restore a backup")]
    [TestCase("state.db", true, "was removed or replaced while the broker was running: put it back, or stop the broker and restore a backup")]
    [TestCase("state.lock", false, "state.lock beside it was removed or replaced while the broker was running, so another broker may use the folder: restart this one")]
    [TestCase("state.lock", true, "state.lock beside it was removed or replaced while the broker was running, so another broker may use the folder: restart this one")]
    public async Task A_removed_or_replaced_file_makes_the_health_bad_and_changes_are_refused(string name, bool isReplaced, string fault)
    {
        var file = Path.Combine(_folder.Path, name);
        var healthy = await _store.CheckHealthAsync();
        File.Move(file, Elsewhere);
        if (isReplaced)
        {
            await File.WriteAllBytesAsync(file, [1]);
        }

        var sick = await _store.CheckHealthAsync();
        Assert.That(async () => await _store.SetKeyHashAsync("bob", "after"), Throws.TypeOf<StoreUnavailableException>().With.Message.Contains(fault));
        Assert.That(async () => await _store.SetKeyHashAsync("bob", "after"), Throws.TypeOf<StoreUnavailableException>());

        using (Assert.EnterMultipleScope())
        {
            Assert.That(healthy.Fault, Is.Null);
            Assert.That(sick.Fault, Does.StartWith(_folder.StateFile).And.Contain(fault));
            Assert.That(await _store.GetKeyHashAsync("bob"), Is.EqualTo("before"), "questions are answered from memory");
            Assert.That(_logger.Lines, Has.Count.EqualTo(1).And.Some.Contains(fault));
        }
    }

    [TestCase("state.db")]
    [TestCase("state.lock")]
    public async Task A_file_that_is_put_back_is_used_again(string name)
    {
        var file = Path.Combine(_folder.Path, name);
        File.Move(file, Elsewhere);
        Assert.That(async () => await _store.SetKeyHashAsync("bob", "after"), Throws.TypeOf<StoreUnavailableException>());

        File.Move(Elsewhere, file);
        var healthy = await _store.CheckHealthAsync();
        await _store.SetKeyHashAsync("bob", "later");

        Assert.That(healthy.Fault, Is.Null);
        Assert.That(_logger.Lines, Has.Count.EqualTo(2).And.Some.Contains("can be written again"));
        await _store.DisposeAsync();
        _store = _folder.OpenStore();
        Assert.That(await _store.GetKeyHashAsync("bob"), Is.EqualTo("later"));
    }

    [Test]
    public async Task A_second_broker_that_came_after_the_lock_was_removed_is_noticed_by_the_first()
    {
        File.Delete(LockFile);
        await using var second = _folder.OpenStore();

        Assert.That(async () => await _store.SetKeyHashAsync("bob", "after"), Throws.TypeOf<StoreUnavailableException>());
        Assert.That((await second.CheckHealthAsync()).Fault, Is.Null);
        Assert.That(LockFile, Does.Exist);
    }
}
