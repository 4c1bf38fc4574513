using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Telemetry.Traffic;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Tests.Telemetry.Traffic;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ChannelTrafficTests : IDisposable
{
    private static readonly ChannelName A = TestChannel.Named("public.a");
    private static readonly ChannelName B = TestChannel.Named("public.b");

    private readonly ManualTimeProvider _time = new();
    private readonly ChannelTraffic _traffic;

    public ChannelTrafficTests() => _traffic = new(_time, capacity: 10, stripes: 4);

    public void Dispose() => _traffic.Dispose();

    [Test]
    public void Each_kind_has_its_own_order()
    {
        _traffic.Published(A, 1);
        _traffic.Published(A, 2);
        _traffic.Published(B, 100);
        _traffic.Delivered(A, 3);
        _traffic.Delivered(B, 0);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(_traffic.Read(TrafficKind.Messages).Entries, Is.EqualTo(new TrafficEntry[] { new("public.a", 2, 0), new("public.b", 1, 0) }));
            Assert.That(_traffic.Read(TrafficKind.Bytes).Entries, Is.EqualTo(new TrafficEntry[] { new("public.b", 100, 0), new("public.a", 3, 0) }));
            Assert.That(_traffic.Read(TrafficKind.Deliveries).Entries, Is.EqualTo(new TrafficEntry[] { new("public.a", 3, 0) }));
        }
    }

    // The clock of the test begins at second 5 of a minute.
    [Test]
    public void The_last_whole_window_and_the_one_under_way_count()
    {
        _traffic.Published(A, 1);
        var counts = new List<(long, double)> { Read() };
        foreach (var seconds in new[] { 24.5, 0.5, 29.5, 0.5 })
        {
            _time.Advance(TimeSpan.FromSeconds(seconds));
            counts.Add(Read());
        }

        Assert.That(counts, Is.EqualTo(new[] { (1, 0), (1, 24.5), (1, 25), (1, 54.5), (0, 30) }));
    }

    [Test]
    public void Many_threads_lose_nothing_and_a_merged_answer_keeps_its_bounds()
    {
        var channels = Enumerable.Range(0, 64).Select(number => TestChannel.Named($"public.{number}")).ToArray();
        Parallel.For(0, 64_000, i => _traffic.Published(channels[Math.Min(i % 64, i % 7)], 10));
        var truth = Enumerable.Range(0, 64_000).GroupBy(i => $"public.{Math.Min(i % 64, i % 7)}").ToDictionary(group => group.Key, group => (long)group.Count());

        HeavyHittersTests.CheckBounds(_traffic.Read(TrafficKind.Messages), truth);
        Assert.That(_traffic.Read(TrafficKind.Messages).Entries.Sum(entry => entry.Count), Is.EqualTo(64_000), "Seven channels have room for exact sums.");
        Assert.That(_traffic.Read(TrafficKind.Bytes).Entries.Sum(entry => entry.Count), Is.EqualTo(640_000));
    }

    [Test]
    public void Counting_allocates_nothing_whether_channels_are_known_new_or_watched()
    {
        var (channels, next) = (Enumerable.Range(0, 1_000).Select(number => TestChannel.Named($"public.{number}")).ToArray(), 0);
        _traffic.Watch(A);

        Assert.That(Allocations.PerCall(() => _traffic.Published(A, 1)), Is.Zero);
        Assert.That(Allocations.PerCall(() => _traffic.Published(channels[next++ % channels.Length], 1)), Is.Zero);
        Assert.That(Allocations.PerCall(() => _traffic.Delivered(A, 2)), Is.Zero);
    }

    [Test]
    public void A_watched_channel_is_counted_exactly_until_nobody_asks_for_it()
    {
        _traffic.Published(A, 7);
        var watched = _traffic.Watch(A);
        _traffic.Published(A, 5);
        _traffic.Delivered(A, 3);
        _traffic.Published(B, 9);
        _time.Advance(TimeSpan.FromSeconds(90));
        var again = _traffic.Watch(A);
        _time.Advance(WatchedChannels.Patience - TimeSpan.FromSeconds(1));
        var isKept = ReferenceEquals(_traffic.Watch(A), again);
        _time.Advance(WatchedChannels.Patience + ChannelTraffic.Window);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(again, Is.SameAs(watched));
            Assert.That((watched.Messages, watched.Bytes, watched.Deliveries), Is.EqualTo((1, 5, 3)));
            Assert.That(isKept, Is.True);
            Assert.That(_traffic.Watch(A).Messages, Is.Zero, "It was forgotten, and its count begins again.");
        }
    }

    [Test]
    public void The_channel_asked_for_longest_ago_makes_room()
    {
        var first = _traffic.Watch(A);
        for (var number = 0; number < WatchedChannels.MaxChannels; number++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
            _traffic.Watch(TestChannel.Named($"public.w{number}"));
        }

        _traffic.Published(A, 1);

        Assert.That(first.Messages, Is.Zero);
    }

    private (long Count, double Seconds) Read() => _traffic.Read(TrafficKind.Messages) is var top ? (top.Entries.Sum(entry => entry.Count), top.Seconds) : default;
}
