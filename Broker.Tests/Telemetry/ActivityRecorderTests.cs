using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Publishing;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClawEvents.Broker.Tests.Telemetry;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ActivityRecorderTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly PausingStateStore _store = new();
    private readonly ActivityRecorder _recorder;

    public ActivityRecorderTests() => _recorder = new ActivityRecorder(_store, _time, NullLogger<ActivityRecorder>.Instance);

    public void Dispose() => _recorder.Dispose();

    [Test]
    public async Task A_store_of_this_broker_alone_is_told_every_ten_seconds()
    {
        await _recorder.StartAsync(CancellationToken.None);
        _recorder.Count(Principal.Of("alice"));
        _recorder.Count(null);
        var before = await _store.CountMessagesAsync(Minute);

        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.That((before.Total, (await _store.CountMessagesAsync(Minute)).Total), Is.EqualTo((0, 2)));
        Assert.That(await _store.GetSendersAsync(), Is.EqualTo(new[] { "alice" }));
    }

    [Test]
    public async Task The_last_counts_are_reported_at_the_end()
    {
        await _recorder.StartAsync(CancellationToken.None);
        _recorder.Count(Principal.Of("alice"));

        await _recorder.StopAsync(CancellationToken.None);

        Assert.That((await _store.CountMessagesAsync(Minute)).Total, Is.EqualTo(1));
    }

    [Test]
    public async Task An_anonymous_publisher_is_not_counted_as_a_sender()
    {
        _recorder.Count(Principal.Anonymous);
        _recorder.Count(null);

        await _recorder.ReportAsync();

        Assert.That(((await _store.GetSendersAsync()).Count, (await _store.CountMessagesAsync(Minute)).Total), Is.EqualTo((0, 2)));
    }

    [Test]
    public async Task Counts_that_the_store_rejects_are_reported_the_next_time()
    {
        _recorder.Count(Principal.Of("alice"));
        _store.ActivityFault = new IOException("away");
        await _recorder.ReportAsync();
        _recorder.Count(Principal.Of("alice"));
        _store.ActivityFault = null;

        await _recorder.ReportAsync();

        Assert.That(((await _store.GetSendersAsync()).Single(), (await _store.CountMessagesAsync(Minute)).Total), Is.EqualTo(("alice", 2)));
    }

    [Test]
    public async Task Many_threads_lose_no_count()
    {
        var names = Enumerable.Range(0, 50).Select(number => Principal.Of($"agent{number}")).ToArray();

        Parallel.For(0, 100_000, number => _recorder.Count(names[number % names.Length]));
        await _recorder.ReportAsync();

        Assert.That(((await _store.GetSendersAsync()).Count, (await _store.CountMessagesAsync(Minute)).Total), Is.EqualTo((50, 100_000)));
    }

    [Test]
    public void Counting_a_known_sender_allocates_nothing()
    {
        var alice = Principal.Of("alice");

        Assert.That(Allocations.PerCall(() => _recorder.Count(alice)), Is.Zero);
    }

    private long Minute => _time.GetUtcNow().ToUnixTimeSeconds() / 60;
}
