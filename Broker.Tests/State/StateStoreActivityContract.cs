using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Tests.State;

/// <summary>The contract of every store for senders and numbers of messages.</summary>
internal abstract class StateStoreActivityContract
{
    // A current minute, because a store may drop old minutes by its own clock.
    private readonly long _minute = DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 60;
    private IStateStore _store = null!;

    [SetUp]
    public void MakeStore() => _store = Create(TimeProvider.System);

    [TearDown]
    public ValueTask CloseStore() => _store is IAsyncDisposable store ? store.DisposeAsync() : ValueTask.CompletedTask;

    /// <summary>An empty store.</summary>
    protected abstract IStateStore Create(TimeProvider time);

    [Test]
    public async Task Senders_are_listed_once_and_sorted()
    {
        await _store.AddActivityAsync(new(2, _minute, ["bob", "app:shop"]));
        await _store.AddActivityAsync(new(2, _minute, ["alice", "bob", "Bob"]));
        await _store.AddActivityAsync(new(1, _minute, []));

        Assert.That(await _store.GetSendersAsync(), Is.EqualTo(new[] { "Bob", "alice", "app:shop", "bob" }));
    }

    [Test]
    public async Task Messages_are_counted_in_total_and_by_minute()
    {
        await _store.AddActivityAsync(new(5, _minute - 1, []));
        await _store.AddActivityAsync(new(3, _minute, []));
        await _store.AddActivityAsync(new(4, _minute, []));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await _store.CountMessagesAsync(_minute), Is.EqualTo(new MessageCounts(12, 7)));
            Assert.That(await _store.CountMessagesAsync(_minute - 1), Is.EqualTo(new MessageCounts(12, 5)));
            Assert.That(await _store.CountMessagesAsync(_minute + 1), Is.EqualTo(new MessageCounts(12, 0)));
        }
    }

    [Test]
    public async Task A_new_store_has_no_counts()
    {
        Assert.That(await _store.GetSendersAsync(), Is.Empty);
        Assert.That(await _store.CountMessagesAsync(_minute), Is.EqualTo(new MessageCounts(0, 0)));
    }

    [Test]
    public async Task Simultaneous_reports_are_all_counted()
    {
        await Parallel.ForAsync(0, 200, async (i, _) => await _store.AddActivityAsync(new(3, _minute, [$"agent{i % 10}"])));

        Assert.That(await _store.CountMessagesAsync(_minute), Is.EqualTo(new MessageCounts(600, 600)));
        Assert.That(await _store.GetSendersAsync(), Has.Count.EqualTo(10));
    }
}
