using System.Buffers;
using System.Globalization;
using System.Text.Json;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Publishing;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Timers;

/// <summary>Publishes to <c>system.timer.*</c> while the broker runs.</summary>
/// <remarks>
/// The rules, also in docs/reference/timers.md:
/// Each whole UTC second the clock shows is published once, as it begins, with the boundaries that lie on it (<see cref="TimerCalendar"/>).
/// The second in which the timers start is not. Seconds that were missed, because the process slept or the clock went forward, are not
/// made up for, nor are boundaries among them. A clock that went back publishes nothing until it shows a second it has not shown before.
/// Of several nodes every one is ready to tell each second, so that none is missed when one of them is gone. The store says whether it is the second they
/// are at, so that a clock that is wrong says nothing, and the idempotency key of a second lets the engine publish only the first one's events.
/// </remarks>
internal sealed partial class SystemTimers(ChannelPublisher publisher, IStateStore store, TimeProvider time, ILogger<SystemTimers> logger)
    : IHostedService, IDisposable
{
    // A second now and then comes too late when the machine is busy; so many in a row are a clock that is wrong.
    private const int ManyRefusals = 10;

    // These belong to the timer's callback. It is armed for one shot, again at the callback's end, so that there is never a second one.
    private DateTime _last;
    private bool _isBehind;

    // By whoever tells.
    private int _refusals;

    /// <summary>Complete when all that was to be told by now has been. Written by the timer's callback.</summary>
    internal Task Telling { get; private set; } = Task.CompletedTask;

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

    /// <summary>When it is done, nothing is published any more, unless the time for it was up.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_timer is not null)
        {
            await _timer.DisposeAsync();

            // A store that is away must not make the end of the broker a fault.
            await Telling.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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
            Begin(TellAsync(second));
        }
        else if (second < _last && !_isBehind)
        {
            _isBehind = true;
            Log.ClockWentBack(logger, second, _last);
        }

        Arm(_timer!);
    }

    // The next second does not wait for this one.
    private void Begin(Task telling) => Telling = Telling.IsCompleted ? telling : Task.WhenAll(Telling, telling);

    private async Task TellAsync(DateTime second)
    {
        try
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
        catch (StoreUnavailableException)
        {
            // The store, or the bus, has told the log, once; a second that was missed is not made up for.
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            Log.Failed(logger, second, exception);
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

            // The payload has been taken when the call returns.
            publishing.Add(publisher.AnnounceOnceAsync(due.Channel, payload.WrittenMemory, key).AsTask());
        }

        return Task.WhenAll(publishing);
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

        [LoggerMessage(2, LogLevel.Warning, "Other nodes are at another second than {Now:O}: the system timers are left to them until this clock is right.")]
        public static partial void LeftToOthers(ILogger logger, DateTime now);

        [LoggerMessage(3, LogLevel.Error, "The system timers could not tell {Second:O}.")]
        public static partial void Failed(ILogger logger, DateTime second, Exception exception);
    }
}
