using System.Collections.Concurrent;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.State;
using ClawEvents.Broker.Telemetry;

namespace ClawEvents.Broker.Publishing;

/// <summary>Counts publications and remembers who sent them, and tells the store regularly, at the end, and when somebody asks.</summary>
/// <remarks>
/// A store that others read is told every second. A store of this broker alone is told every ten seconds: nobody reads it in between, and each time
/// costs a flush of the disk. When nothing happened, it is not told anything.
/// Others may also remove senders from a shared store. So each change of the set makes all senders unknown: with its next publication a sender is told
/// again. The set of somebody who has emptied it, to start counting from zero, thus fills as it would with the old API, and not with all senders of before.
/// That a change was only an addition does not matter: adding those that are there changes nothing, and ends it.
/// Thread-safe. Hot path: a publish of a known sender is one addition in a counter of its core and one look-up; it allocates nothing
/// and takes no gate (ActivityRecorderTests).
/// </remarks>
internal sealed partial class ActivityRecorder(IStateStore store, TimeProvider time, ILogger<ActivityRecorder> logger) : IHostedService, IDisposable
{
    private static readonly TimeSpan SharedInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan OwnInterval = TimeSpan.FromSeconds(10);

    // Past it the names are forgotten and told again: memory stays bounded, and the store takes a name twice.
    private const int MaxKnownSenders = 100_000;

    private readonly IHearingStore? _shared = store as IHearingStore;
    private readonly StripedCounter _messages = new();
    private readonly ConcurrentDictionary<string, bool> _known = new(StringComparer.Ordinal);

    // A set, because a sender may become new more than once before a report.
    private readonly ConcurrentDictionary<string, bool> _new = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _reporting = new(1);

    // These belong to the report under way.
    private long _reported;
    private long _continuity;
    private bool _isFailing;
    private ITimer? _timer;

    /// <summary>Counts one publication.</summary>
    /// <param name="sender">Null or anonymous: nobody to remember.</param>
    public void Count(Principal? sender)
    {
        _messages.Add();
        if (sender is { IsAnonymous: false } && !_known.ContainsKey(sender.Name) && _known.TryAdd(sender.Name, true))
        {
            _new.TryAdd(sender.Name, true);
        }
    }

    /// <summary>Writes the counts that are not stored yet. Those that the store refuses are kept for the next time.</summary>
    public async Task ReportAsync()
    {
        await _reporting.WaitAsync();
        await ReportInTurnAsync();
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (_shared is not null)
        {
            _shared.Heard += OnStoreChanged;
            _continuity = _shared.Continuity;
        }

        var interval = _shared is null ? OwnInterval : SharedInterval;
        _timer = time.CreateTimer(static recorder => _ = ((ActivityRecorder)recorder!).ReportIfIdleAsync(), this, interval, interval);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_shared is not null)
        {
            _shared.Heard -= OnStoreChanged;
        }

        await (_timer?.DisposeAsync() ?? ValueTask.CompletedTask);
        await ReportAsync();
    }

    public void Dispose()
    {
        _timer?.Dispose();
        _reporting.Dispose();
    }

    // On the connection's thread.
    private void OnStoreChanged(HeardChange change)
    {
        if (change.Kind is HeardKind.Senders)
        {
            _known.Clear();
        }
    }

    // While a store is away, a report takes longer than the interval: the next ones would pile up.
    private async Task ReportIfIdleAsync()
    {
        if (await _reporting.WaitAsync(TimeSpan.Zero))
        {
            await ReportInTurnAsync();
        }
    }

    private async Task ReportInTurnAsync()
    {
        try
        {
            ForgetIfMissed();
            var report = TakeReport();
            if (report.Messages > 0 || report.Senders.Count > 0)
            {
                await ReportAsync(report);
            }
        }
        finally
        {
            _reporting.Release();
        }
    }

    // A removal may have been missed.
    private void ForgetIfMissed()
    {
        if (_shared?.Continuity is { } continuity && (continuity == 0 || continuity != Interlocked.Exchange(ref _continuity, continuity)))
        {
            _known.Clear();
        }
    }

    private ActivityReport TakeReport()
    {
        var messages = _messages.Sum() - _reported;
        _reported += messages;
        var senders = new List<string>();
        foreach (var (sender, _) in _new)
        {
            _new.TryRemove(sender, out _);
            senders.Add(sender);
        }

        return new ActivityReport(messages, time.GetUtcNow().ToUnixTimeSeconds() / 60, senders);
    }

    private async Task ReportAsync(ActivityReport report)
    {
        try
        {
            await store.AddActivityAsync(report);
            _isFailing = false;
            if (_known.Count > MaxKnownSenders)
            {
                _known.Clear();
            }
        }
        catch (StoreUnavailableException)
        {
            // The store has logged it.
            PutBack(report);
        }
        catch (Exception exception)
        {
            // Statistics are no reason to stop: the next report carries these too.
            PutBack(report);
            if (!_isFailing)
            {
                Log.ReportFailed(logger, exception);
            }

            _isFailing = true;
        }
    }

    private void PutBack(in ActivityReport report)
    {
        _reported -= report.Messages;
        foreach (var sender in report.Senders)
        {
            _new.TryAdd(sender, true);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The statistics could not be stored; they are kept until they can.")]
        public static partial void ReportFailed(ILogger logger, Exception exception);
    }
}
