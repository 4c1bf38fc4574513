using ClawEvents.Broker.State;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Tests.State;

/// <summary>How every store counts publishes: in windows of one second that begin with the first request.</summary>
internal abstract class StateStoreRateContract
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
    public async Task Requests_of_one_window_are_numbered()
    {
        var counts = new List<int>();
        for (var i = 0; i < 8; i++)
        {
            counts.Add((await _store.CountPublishAsync("bob")).Count);
            _time.Advance(TimeSpan.FromMilliseconds(100));
        }

        Assert.That(counts, Is.EqualTo(Enumerable.Range(1, 8)));
    }

    [Test]
    public async Task Reading_a_window_counts_nothing()
    {
        var before = await _store.GetPublishWindowAsync("bob");
        await _store.CountPublishAsync("bob");
        await _store.CountPublishAsync("bob");
        await _store.GetPublishWindowAsync("bob");

        var open = await _store.GetPublishWindowAsync("bob");
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.That(new[] { before.Count, open.Count, (await _store.GetPublishWindowAsync("bob")).Count }, Is.EqualTo(new[] { 0, 2, 0 }));
    }

    [Test]
    public async Task Each_principal_has_a_window_of_its_own()
    {
        await _store.CountPublishAsync("bob");
        await _store.CountPublishAsync("bob");

        using (Assert.EnterMultipleScope())
        {
            Assert.That((await _store.CountPublishAsync("app:bob")).Count, Is.EqualTo(1));
            Assert.That((await _store.CountPublishAsync("Bob")).Count, Is.EqualTo(1));
            Assert.That((await _store.CountPublishAsync("bob")).Count, Is.EqualTo(3));
        }
    }

    [Test]
    public async Task The_window_ends_one_second_after_its_first_request()
    {
        _time.Advance(TimeSpan.FromMilliseconds(700));
        await _store.CountPublishAsync("bob");

        _time.Advance(TimeSpan.FromMilliseconds(999));
        var justBefore = (await _store.CountPublishAsync("bob")).Count;
        _time.Advance(TimeSpan.FromMilliseconds(1));
        var atItsEnd = (await _store.CountPublishAsync("bob")).Count;

        Assert.That((justBefore, atItsEnd), Is.EqualTo((2, 1)));
    }

    [Test]
    public async Task The_next_window_begins_with_its_own_first_request()
    {
        await _store.CountPublishAsync("bob");
        _time.Advance(TimeSpan.FromMilliseconds(1_900));
        await _store.CountPublishAsync("bob");

        _time.Advance(TimeSpan.FromMilliseconds(999));
        var second = await _store.CountPublishAsync("bob");

        Assert.That(second.Count, Is.EqualTo(2), "it began at 1.9 s and ends at 2.9 s");
    }

    [Test]
    public async Task Too_many_requests_keep_counting_but_do_not_extend_the_window()
    {
        for (var i = 0; i < 100; i++)
        {
            await _store.CountPublishAsync("bob");
            _time.Advance(TimeSpan.FromMilliseconds(9));
        }

        var last = await _store.CountPublishAsync("bob");
        _time.Advance(TimeSpan.FromMilliseconds(100));
        var fresh = await _store.CountPublishAsync("bob");

        Assert.That((last.Count, fresh.Count), Is.EqualTo((101, 1)));
    }

    [Test]
    public async Task The_time_that_remains_is_at_least_one_second_in_whole_seconds()
    {
        var first = await _store.CountPublishAsync("bob");
        _time.Advance(TimeSpan.FromMilliseconds(950));
        var last = await _store.CountPublishAsync("bob");

        Assert.That((first.RemainingSeconds, last.RemainingSeconds), Is.EqualTo((1, 1)));
    }

    [Test]
    public async Task Simultaneous_requests_are_all_counted()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 500; i++)
            {
                await _store.CountPublishAsync("bob");
            }
        })));

        Assert.That((await _store.CountPublishAsync("bob")).Count, Is.EqualTo(4_001));
    }
}
