using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Timers;
using Microsoft.Extensions.Logging;

namespace ClawEvents.Broker.Tests.Timers;

/// <summary>The times at which the timers publish, on a manual clock.</summary>
internal sealed class SystemTimersTests : IDisposable
{
    private static readonly TimeSpan OneSecond = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan OneMillisecond = TimeSpan.FromMilliseconds(1);

    private readonly BrokerRig _rig = new();
    private readonly CountingLog _log = new();
    private readonly SystemTimers _timers;
    private readonly CountingSubscriber _seconds = new() { KeepsFrames = true };
    private readonly CountingSubscriber _boundaries = new() { KeepsFrames = true };

    public SystemTimersTests()
    {
        _timers = new SystemTimers(_rig.Publisher, _rig.Channels, _rig.Store, _rig.Time, _log);
        Listen(_seconds, "second");
        foreach (var timer in new[] { "minute", "hour", "day", "week.saturday", "monthly.january", "yearly" })
        {
            Listen(_boundaries, timer);
        }
    }

    public void Dispose()
    {
        _timers.Dispose();
        _rig.Dispose();
    }

    [Test]
    public async Task A_thousand_seconds_are_a_thousand_events_and_no_more()
    {
        await StartAtAsync(new(2026, 1, 2, 3, 4, 5, 678, DateTimeKind.Utc));

        _rig.Time.Advance(1000 * OneSecond);

        var first = new DateTime(2026, 1, 2, 3, 4, 6, DateTimeKind.Utc);
        Assert.That(Told(_seconds), Is.EqualTo(Enumerable.Range(0, 1000).Select(i => $"second {first.AddSeconds(i):HH:mm:ss}")));
        Assert.That(Told(_boundaries), Is.EqualTo(Enumerable.Range(5, 16).Select(minute => $"minute 03:{minute:00}:00")));
    }

    [Test]
    public async Task A_new_year_begins_with_all_seven_events_in_order()
    {
        var all = new CountingSubscriber { KeepsFrames = true };
        foreach (var timer in new[] { "yearly", "monthly.january", "week.saturday", "day", "hour", "minute", "second" })
        {
            Listen(all, timer);
        }

        await StartAtAsync(new(2027, 12, 31, 23, 59, 59, DateTimeKind.Utc));

        _rig.Time.Advance(OneSecond);

        Assert.That(all.Frames.Select(Event), Is.EqualTo(new[] { "second", "minute", "hour", "day", "week", "monthly", "yearly" }));
    }

    [Test]
    public async Task A_start_is_not_a_boundary()
    {
        await StartAtAsync(new(2028, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        _rig.Time.Advance(OneSecond - OneMillisecond);

        Assert.That((_seconds.Received, _boundaries.Received), Is.EqualTo((0, 0)));
    }

    [TestCase(1, 999)]
    [TestCase(999, 1)]
    [TestCase(500, 500)]
    public async Task The_first_event_comes_with_the_next_whole_second(int start, int wait)
    {
        await StartAtAsync(new(2026, 1, 2, 3, 4, 5, start, DateTimeKind.Utc));

        _rig.Time.Advance(TimeSpan.FromMilliseconds(wait) - OneMillisecond);
        var early = _seconds.Received;
        _rig.Time.Advance(OneMillisecond);

        Assert.That((early, _seconds.Received), Is.EqualTo((0, 1)));
    }

    [Test]
    public async Task A_timer_that_fires_early_waits_for_the_rest()
    {
        await StartAtAsync(new(2026, 1, 2, 3, 4, 58, DateTimeKind.Utc));

        _rig.Time.SetClock(-OneMillisecond);
        _rig.Time.Advance(OneSecond);
        var early = _seconds.Received;
        _rig.Time.Advance(OneMillisecond);
        var onTime = _seconds.Received;
        _rig.Time.Advance(OneSecond);

        Assert.That((early, onTime), Is.EqualTo((0, 1)));
        Assert.That(Told(_seconds), Is.EqualTo(new[] { "second 03:04:59", "second 03:05:00" }));
    }

    [Test]
    public async Task A_timer_that_fires_late_does_not_delay_the_next()
    {
        await StartAtAsync(new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc));

        _rig.Time.Sleep(TimeSpan.FromMilliseconds(1_900));
        _rig.Time.Advance(TimeSpan.FromMilliseconds(100));

        Assert.That(Told(_seconds), Is.EqualTo(new[] { "second 03:04:06", "second 03:04:07" }));
    }

    [Test]
    public async Task Seconds_missed_during_sleep_are_not_published_later()
    {
        await StartAtAsync(new(2026, 1, 2, 23, 59, 50, DateTimeKind.Utc));

        _rig.Time.Sleep(TimeSpan.FromSeconds(15));
        _rig.Time.Advance(OneSecond);

        Assert.That(Told(_seconds), Is.EqualTo(new[] { "second 00:00:05", "second 00:00:06" }));
        Assert.That(_boundaries.Received, Is.Zero);
    }

    [Test]
    public async Task A_boundary_at_the_moment_of_waking_is_published()
    {
        await StartAtAsync(new(2026, 1, 2, 12, 34, 56, DateTimeKind.Utc));

        _rig.Time.Sleep(new TimeSpan(11, 25, 4));

        Assert.That(Told(_boundaries), Is.EqualTo(new[] { "minute 00:00:00", "hour 00:00:00", "day 00:00:00", "week 00:00:00" }));
    }

    [Test]
    public async Task Timers_continue_from_the_new_time_of_a_clock_set_forward()
    {
        await StartAtAsync(new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc));

        _rig.Time.SetClock(TimeSpan.FromMinutes(70.25));
        _rig.Time.Advance(2 * OneSecond);

        Assert.That(Told(_seconds), Is.EqualTo(new[] { "second 04:14:21", "second 04:14:22" }));
        Assert.That(_boundaries.Received, Is.Zero);
    }

    [Test]
    public async Task A_clock_set_back_publishes_no_second_twice()
    {
        await StartAtAsync(new(2026, 1, 2, 3, 59, 58, DateTimeKind.Utc));
        _rig.Time.Advance(3 * OneSecond);

        _rig.Time.SetClock(TimeSpan.FromSeconds(-30.5));
        _rig.Time.Advance(TimeSpan.FromSeconds(30.5));
        var before = _seconds.Received;
        _rig.Time.Advance(OneSecond);

        Assert.That(before, Is.EqualTo(3));
        Assert.That(Told(_seconds), Is.EqualTo(new[] { "second 03:59:59", "second 04:00:00", "second 04:00:01", "second 04:00:02" }));
        Assert.That(Told(_boundaries), Is.EqualTo(new[] { "minute 04:00:00", "hour 04:00:00" }));
    }

    [Test]
    public async Task Each_setback_of_the_clock_is_logged_once()
    {
        await StartAtAsync(new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc));

        for (var times = 0; times < 2; times++)
        {
            _rig.Time.SetClock(TimeSpan.FromSeconds(-20));
            _rig.Time.Advance(TimeSpan.FromSeconds(30));
        }

        Assert.That(_log.Lines, Is.EqualTo(2));
    }

    [Test]
    public async Task Nothing_is_published_after_the_stop()
    {
        await StartAtAsync(new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc));
        _rig.Time.Advance(OneSecond);

        await _timers.StopAsync(CancellationToken.None);
        _rig.Time.Advance(100 * OneSecond);

        Assert.That(_seconds.Received, Is.EqualTo(1));
    }

    [Test]
    public async Task Nothing_is_published_after_a_stop_during_a_tick()
    {
        var ticks = 0;
        var ending = new ActingSubscriber(() =>
        {
            ticks++;
            _timers.Dispose();
        });
        _rig.Hub.Add(new(ending, TestChannel.Named("system.timer.second")));
        await StartAtAsync(new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc));

        _rig.Time.Advance(100 * OneSecond);

        Assert.That(ticks, Is.EqualTo(1));
    }

    [Test]
    public void Timers_that_never_started_can_be_stopped()
    {
        Assert.That(async () => await _timers.StopAsync(CancellationToken.None), Throws.Nothing);
    }

    // "minute 03:05:00" for each event, in order of arrival.
    private static IEnumerable<string> Told(CountingSubscriber listener) =>
        listener.Frames.Select(frame => $"{Event(frame)} {Between(Text(frame), "\"iso\":\"", ".").Split('T')[1]}");

    private static string Event(byte[] frame) => Between(Text(frame), "\"event\":\"", "\"");

    private static string Text(byte[] frame) => ServerFrame.ParseAll(frame).Single().ToString();

    private static string Between(string text, string start, string end)
    {
        var from = text.IndexOf(start, StringComparison.Ordinal) + start.Length;
        return text[from..text.IndexOf(end, from, StringComparison.Ordinal)];
    }

    private void Listen(CountingSubscriber listener, string timer) => _rig.Hub.Add(listener.SubscribeTo(TestChannel.Named($"system.timer.{timer}")));

    private Task StartAtAsync(DateTime moment)
    {
        _rig.Time.SetClock(moment - ManualTimeProvider.Start);
        return _timers.StartAsync(CancellationToken.None);
    }

    private sealed class CountingLog : ILogger<SystemTimers>
    {
        public int Lines { get; private set; }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Lines++;
    }
}
