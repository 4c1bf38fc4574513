using System.Collections.Concurrent;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.State;
using ClawEvents.Broker.Telemetry;

namespace ClawEvents.Broker.Publishing;

/// <summary>Counts publications and remembers who sent them, and tells the store every ten seconds, at the end, and when somebody asks.</summary>
/// <remarks>
/// Thread-safe. Hot path: a publish of a known sender is one addition in a counter of its core and one look-up; it allocates nothing
/// and takes no gate (ActivityRecorderTests).
/// </remarks>
internal sealed partial class ActivityRecorder(IStateStore store, TimeProvider time, ILogger<ActivityRecorder> logger) : IHostedService, IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    // Past it the names are forgotten and told again: memory stays bounded, and the store takes a name twice.
    private const int MaxKnownSenders = 100_000;

    private readonly StripedCounter _messages = new();
    private readonly ConcurrentDictionary<string, bool> _known = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _new = new();
    private readonly SemaphoreSlim _reporting = new(1);

    // The two belong to the report under way.
    private long _reported;
    private bool _isFailing;
    private ITimer? _timer;

    /// <summary>Counts one publication.</summary>
    /// <param name="sender">Null or anonymous: nobody to remember.</param>
    public void Count(Principal? sender)
    {
        _messages.Add();
        if (sender is { IsAnonymous: false } && !_known.ContainsKey(sender.Name) && _known.TryAdd(sender.Name, true))
        {
            _new.Enqueue(sender.Name);
        }
    }

    /// <summary>Writes the counts that are not stored yet. Those that the store refuses are kept for the next time.</summary>
    public async Task ReportAsync()
    {
        await _reporting.WaitAsync();
        try
        {
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

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _timer = time.CreateTimer(static recorder => _ = ((ActivityRecorder)recorder!).ReportAsync(), this, Interval, Interval);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await (_timer?.DisposeAsync() ?? ValueTask.CompletedTask);
        await ReportAsync();
    }

    public void Dispose()
    {
        _timer?.Dispose();
        _reporting.Dispose();
    }

    private ActivityReport TakeReport()
    {
        var messages = _messages.Sum() - _reported;
        _reported += messages;
        var senders = new List<string>();
        while (_new.TryDequeue(out var sender))
        {
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
            _new.Enqueue(sender);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The store does not take the statistics; they are kept until it does.")]
        public static partial void ReportFailed(ILogger logger, Exception exception);
    }
}
