using System.Buffers;
using System.Text.Json;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Timers;

/// <summary>Publishes to <c>system.timer.*</c> while the broker runs.</summary>
/// <remarks>
/// The rules, also in docs/reference/timers.md:
/// Each whole UTC second the clock shows is published once, as it begins, with the boundaries that lie on it (<see cref="TimerCalendar"/>).
/// The second in which the timers start is not. Seconds that were missed, because the process slept or the clock went forward, are not
/// made up for, nor are boundaries among them. A clock that went back publishes nothing until it shows a second it has not shown before.
/// Each node tells its own listeners only: that is once for each listener of a fleet.
/// </remarks>
internal sealed partial class SystemTimers(ChannelPublisher publisher, TimeProvider time, ILogger<SystemTimers> logger) : IHostedService, IDisposable
{
    // These belong to the timer's callback. It is armed for one shot, again at the callback's end, so that there is never a second one.
    private readonly ArrayBufferWriter<byte> _payload = new();
    private DateTime _last;
    private bool _isBehind;

    // Written by the start, before the first callback.
    private ITimer? _timer;

    /// <summary>Begins with the next whole second.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _last = SecondNow();
        _timer = time.CreateTimer(static timers => ((SystemTimers)timers!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Arm(_timer);
        return Task.CompletedTask;
    }

    /// <summary>When it is done, nothing is published any more.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => _timer?.DisposeAsync().AsTask() ?? Task.CompletedTask;

    public void Dispose() => _timer?.Dispose();

    private void OnTimer()
    {
        var second = SecondNow();
        if (second > _last)
        {
            _last = second;
            _isBehind = false;
            Publish(second);
        }
        else if (second < _last && !_isBehind)
        {
            _isBehind = true;
            Log.ClockWentBack(logger, second, _last);
        }

        Arm(_timer!);
    }

    private void Publish(DateTime second)
    {
        using var json = new Utf8JsonWriter(_payload);
        foreach (var due in TimerCalendar.EventsAt(second))
        {
            _payload.ResetWrittenCount();
            json.Reset();
            TimerPayload.Write(json, due.Kind, second);
            json.Flush();
            _ = AnnounceAsync(due.Channel).AsTask();
        }
    }

    // The next second does not wait for this one. The payload has been taken when the call returns.
    private async ValueTask AnnounceAsync(ChannelName channel)
    {
        try
        {
            await publisher.AnnounceAsync(channel, _payload.WrittenMemory);
        }
        catch (StoreUnavailableException)
        {
            // The store has told the log, once; a second that was missed is not made up for.
        }
    }

    // From the clock each time, so that no error adds up. Rounded up to what the system's timers count in: rounded down, they
    // would fire without a pause in the last millisecond. One that fires early all the same finds no new second and waits again.
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
        [LoggerMessage(1, LogLevel.Warning, "The clock went back to {Now:O}: the system timers wait until it has passed {Last:O} again.")]
        public static partial void ClockWentBack(ILogger logger, DateTime now, DateTime last);
    }
}
