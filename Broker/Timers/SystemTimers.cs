using System.Buffers;
using System.Globalization;
using System.Text.Json;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Publishing;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Timers;

/// <summary>Publishes to <c>system.timer.*</c> while the broker runs.</summary>
/// <remarks>
/// The rules, also in docs/reference/timers.md:
/// Each whole UTC second of the clock is published once, when it begins, with its boundaries (<see cref="TimerCalendar"/>).
/// The second in which the timers start is not published. Seconds that were missed, because the process slept or the clock was set
/// forward, are not published later, nor are boundaries among them. After the clock was set back, nothing is published until it shows a new second.
/// With several nodes, every node tries to publish each second, so that none is missed when a node is gone. The store decides whether a second is the
/// current one, so that a wrong clock publishes nothing, and the idempotency key of a second makes the engine publish only the first node's events.
/// </remarks>
internal sealed partial class SystemTimers(ChannelPublisher publisher, ChannelResolver channels, IStateStore store, TimeProvider time, ILogger<SystemTimers> logger)
    : IHostedService, IDisposable
{
    // A single second may come too late when the machine is busy; this many in a row mean a wrong clock.
    private const int ManyRefusals = 10;

    // Only the timer's callback uses these. The timer is armed for one shot, again at the callback's end, so that callbacks never overlap.
    private DateTime _last;
    private bool _isBehind;

    // Shared by the publishing tasks.
    private int _refusals;

    /// <summary>Completes when all events due by now are published. Written by the timer's callback.</summary>
    internal Task Publishing { get; private set; } = Task.CompletedTask;

    // Written by the start, before the first callback.
    private ITimer? _timer;

    /// <summary>Starts with the next whole second.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _last = SecondNow();
        _timer = time.CreateTimer(static timers => ((SystemTimers)timers!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Arm(_timer);
        return Task.CompletedTask;
    }

    /// <summary>After it completes, nothing more is published, unless it was cancelled.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_timer is not null)
        {
            await _timer.DisposeAsync();

            // An unreachable store must not make the shutdown of the broker fail.
            await Publishing.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public void Dispose() => _timer?.Dispose();

    private void OnTimer()
    {
        var second = SecondNow();
        if (second > _last)
        {
            _last = second;
            _isBehind = false;
            AddPublishing(Unattended.RunAsync(() => PublishOnceAsync(second), logger, $"publish the system timers of {second:O}"));
        }
        else if (second < _last && !_isBehind)
        {
            _isBehind = true;
            Log.ClockWentBack(logger, second, _last);
        }

        Arm(_timer!);
    }

    // The next second does not wait for this one.
    private void AddPublishing(Task publishing) => Publishing = Publishing.IsCompleted ? publishing : Task.WhenAll(Publishing, publishing);

    // A second that was missed because the store or the bus was unavailable is not published later.
    private async ValueTask PublishOnceAsync(DateTime second)
    {
        if (await store.TryReachSecondAsync((long)(second - DateTime.UnixEpoch).TotalSeconds))
        {
            Volatile.Write(ref _refusals, 0);
            await PublishAsync(second);
        }
        else if (Interlocked.Increment(ref _refusals) == ManyRefusals)
        {
            Log.LeftToOthers(logger, second);
        }
    }

    private Task PublishAsync(DateTime second)
    {
        var key = second.ToString("O", CultureInfo.InvariantCulture);
        var payload = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(payload);
        var publishing = new List<Task>();
        foreach (var due in TimerCalendar.EventsAt(second))
        {
            payload.ResetWrittenCount();
            json.Reset();
            TimerPayload.Write(json, due.Kind, second);
            json.Flush();

            // The payload has been copied when the call returns.
            publishing.Add(publisher.AnnounceOnceAsync(channels.Resolve(due.Channel), payload.WrittenMemory, key).AsTask());
        }

        return Task.WhenAll(publishing);
    }

    // Computed from the clock each time, so that errors do not add up. Rounded up to the unit of system timers: rounded down, they
    // would fire continuously in the last millisecond. A timer that still fires early finds no new second and waits again.
    private void Arm(ITimer timer)
    {
        var left = TimeSpan.TicksPerSecond - (time.GetUtcNow().UtcTicks % TimeSpan.TicksPerSecond);
        var milliseconds = (left + TimeSpan.TicksPerMillisecond - 1) / TimeSpan.TicksPerMillisecond;
        timer.Change(TimeSpan.FromMilliseconds(milliseconds), Timeout.InfiniteTimeSpan);
    }

    private DateTime SecondNow()
    {
        var now = time.GetUtcNow().UtcDateTime;
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerSecond));
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The clock was set back to {Now:O}: the system timers pause until it has passed {Last:O} again.")]
        public static partial void ClockWentBack(ILogger logger, DateTime now, DateTime last);

        [LoggerMessage(2, LogLevel.Warning, "The clock of this node, at {Now:O}, differs from those of the other nodes: they publish the system timers until this clock is right.")]
        public static partial void LeftToOthers(ILogger logger, DateTime now);
    }
}
