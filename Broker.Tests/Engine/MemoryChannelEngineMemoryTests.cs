using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Tests.Engine;

/// <summary>The memory of the embedded engine is bounded, and freed when its time has passed even if nobody asks.</summary>
internal sealed class MemoryChannelEngineMemoryTests : IDisposable
{
    private const int Channels = 200;

    private static readonly HistoryOptions Options = new(10, TimeSpan.FromSeconds(60), TimeSpan.FromHours(1));

    private readonly ManualTimeProvider _time = new();
    private readonly RecordingReceiver _receiver = new();
    private readonly MemoryChannelEngine _engine;

    public MemoryChannelEngineMemoryTests() => _engine = new(_receiver, _time);

    public void Dispose() => _engine.Dispose();

    [Test]
    public async Task Publications_are_freed_when_their_ttl_has_passed()
    {
        var payload = await PublishOneMegabyteAsync(_engine, Channel(0));
        _time.Advance(Options.Ttl - TimeSpan.FromSeconds(1));
        var (isKept, used) = (payload.IsAlive(), _engine.UsedBytes);

        _time.Advance(TimeSpan.FromSeconds(2));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(isKept, Is.True);
            Assert.That(used, Is.GreaterThan(1_000_000));
            Assert.That(payload.IsAlive(), Is.False);
            Assert.That(_engine.UsedBytes, Is.LessThan(1_000), "the position is still there");
            Assert.That(_engine.StreamCount, Is.EqualTo(1));
        }
    }

    [Test]
    public async Task Publications_are_freed_when_the_history_is_removed_and_when_newer_ones_come()
    {
        var removed = await PublishOneMegabyteAsync(_engine, Channel(0));
        var overwritten = await PublishOneMegabyteAsync(_engine, Channel(1));

        await _engine.RemoveHistoryAsync(Channel(0));
        for (var i = 0; i < Options.Size; i++)
        {
            await PublishAsync(_engine, Channel(1), "x");
        }

        Assert.That((removed.IsAlive(), overwritten.IsAlive()), Is.EqualTo((false, false)));
        Assert.That(_engine.UsedBytes, Is.LessThan(10_000));
    }

    [Test]
    public async Task Positions_are_freed_when_their_ttl_has_passed_since_the_last_use()
    {
        for (var i = 0; i < Channels; i++)
        {
            await PublishAsync(_engine, Channel(i), "x");
        }

        _time.Advance(TimeSpan.FromMinutes(59));
        await _engine.ReadHistoryAsync(Channel(0), HistoryFilter.Position, Options.MetaTtl);
        await PublishAsync(_engine, Channel(1), "y");
        _time.Advance(TimeSpan.FromMinutes(2));
        var left = _engine.StreamCount;
        _time.Advance(TimeSpan.FromMinutes(58) + TimeSpan.FromSeconds(1));

        Assert.That((left, _engine.StreamCount, _engine.UsedBytes), Is.EqualTo((2, 0, 0L)));
    }

    [Test]
    public async Task Idempotency_results_are_freed_after_their_time()
    {
        for (var i = 0; i < 500; i++)
        {
            await _engine.PublishAsync(Channel(0), new() { Publication = new("x".Utf8()), IdempotencyKey = $"{i}" });
            _time.Advance(TimeSpan.FromMilliseconds(100));
        }

        var before = _engine.IdempotencyCount;
        _time.Advance(IChannelEngine.IdempotencyTtl - TimeSpan.FromSeconds(25));
        var half = _engine.IdempotencyCount;
        _time.Advance(TimeSpan.FromSeconds(25.5));

        Assert.That((before, half, _engine.IdempotencyCount), Is.EqualTo((500, half, 0)));
        Assert.That(half, Is.InRange(245, 256));
    }

    [Test]
    public async Task Idempotency_results_beyond_the_bound_push_out_the_oldest()
    {
        for (var i = 0; i < IdempotencyTable.MaxResults * 2; i++)
        {
            await _engine.PublishAsync(Channel(0), new() { Publication = default, IdempotencyKey = $"{i}" });
        }

        var last = await _engine.PublishAsync(Channel(0), new() { Publication = default, IdempotencyKey = $"{(IdempotencyTable.MaxResults * 2) - 1}" });
        var first = await _engine.PublishAsync(Channel(0), new() { Publication = default, IdempotencyKey = "0" });

        Assert.That(_engine.IdempotencyCount, Is.EqualTo(IdempotencyTable.MaxResults));
        Assert.That((last.Suppression, first.Suppression), Is.EqualTo((Suppression.Repeated, Suppression.None)));
    }

    [Test]
    public async Task Presence_is_freed_with_the_last_to_leave_and_when_its_ttl_has_passed()
    {
        var client = Guid.NewGuid();
        await _engine.AddPresenceAsync(Channel(0), new("alice", client), TimeSpan.FromSeconds(60));
        await _engine.AddPresenceAsync(Channel(1), new("alice", client), TimeSpan.FromSeconds(60));
        await _engine.RemovePresenceAsync(Channel(0), client);
        var left = _engine.PresenceCount;

        _time.Advance(TimeSpan.FromSeconds(60.5));

        Assert.That((left, _engine.PresenceCount), Is.EqualTo((1, 0)));
    }

    [Test]
    public async Task The_least_recently_used_stream_is_evicted_at_the_bound()
    {
        const long maxBytes = 1_000_000;
        using var engine = new MemoryChannelEngine(_receiver, _time, maxBytes);
        var busy = await PublishAsync(engine, Channel(0), "first");
        for (var i = 1; i < 10 * Channels; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
            await PublishAsync(engine, Channel(i), new string('x', 10_000));
            Assert.That(engine.UsedBytes, Is.LessThanOrEqualTo(maxBytes));
            await PublishAsync(engine, Channel(0), "again");
        }

        using (Assert.EnterMultipleScope())
        {
            Assert.That(engine.StreamCount, Is.InRange(50, 100));
            Assert.That((await PublishAsync(engine, Channel(0), "last")).Position.Epoch, Is.EqualTo(busy.Position.Epoch), "the one in use stays");
        }
    }

    [Test]
    public async Task A_channel_that_had_to_make_room_begins_a_new_epoch()
    {
        using var engine = new MemoryChannelEngine(_receiver, _time, maxBytes: 100_000);
        var before = await PublishAsync(engine, Channel(0), "x");
        _time.Advance(TimeSpan.FromSeconds(1));
        await PublishAsync(engine, Channel(1), new string('x', 99_500));

        var after = await engine.ReadHistoryAsync(Channel(0), HistoryFilter.Position, Options.MetaTtl);

        Assert.That(after.Top.Offset, Is.Zero);
        Assert.That(after.Top.Epoch, Is.Not.EqualTo(before.Position.Epoch));
    }

    [Test]
    public async Task Asking_for_the_position_of_ever_more_channels_is_bounded_too()
    {
        using var engine = new MemoryChannelEngine(_receiver, _time, maxBytes: 100_000);
        for (var i = 0; i < 10_000; i++)
        {
            await engine.ReadHistoryAsync(Channel(i), HistoryFilter.Position, Options.MetaTtl);
        }

        Assert.That(engine.StreamCount, Is.InRange(50, 200));
    }

    [Test]
    public async Task A_publication_larger_than_the_bound_is_delivered_and_not_kept()
    {
        using var engine = new MemoryChannelEngine(_receiver, _time, maxBytes: 10_000);

        await PublishAsync(engine, Channel(0), new string('x', 20_000));

        Assert.That(_receiver.Deliveries.Single().Data, Has.Length.EqualTo(20_000));
        Assert.That((engine.StreamCount, engine.UsedBytes), Is.EqualTo((0, 0L)));
    }

    private static ChannelName Channel(int number) => TestChannel.Named($"public.channel{number}");

    private static ValueTask<PublishResult> PublishAsync(MemoryChannelEngine engine, ChannelName channel, string text) =>
        engine.PublishAsync(channel, new() { Publication = new(text.Utf8()), History = Options });

    // Publications are only reachable through the engine when this returns.
    private static async Task<Traced> PublishOneMegabyteAsync(MemoryChannelEngine engine, ChannelName channel)
    {
        await engine.PublishAsync(channel, new() { Publication = new(new byte[1_000_000]), History = Options });
        var page = await engine.ReadHistoryAsync(channel, HistoryFilter.Newest, Options.MetaTtl);
        return new(new WeakReference(page.Publications[0]));
    }

    private sealed record Traced(WeakReference Publication)
    {
        public bool IsAlive()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();
            return Publication.IsAlive;
        }
    }
}
