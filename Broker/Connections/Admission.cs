using ClawEvents.Broker.Limits;
using ClawEvents.Broker.Telemetry;
using ClawEvents.Broker.Transport;

namespace ClawEvents.Broker.Connections;

/// <summary>Measures how long turns wait while many clients connect, and sets the pace at which new ones are accepted. docs/explanation/reconnect-storms.md</summary>
/// <remarks>It measures only while more clients come than are always accepted: a calm node has one timer more, and nothing else.</remarks>
internal sealed partial class Admission : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(100);

    private readonly ConnectionLimits _limits;
    private readonly ReactorPool _reactors;
    private readonly TimeProvider _time;
    private readonly ILogger<Admission> _logger;
    private readonly AdmissionPace _pace = new();
    private readonly long _start;
    private AdmissionCounts _counts;

    public Admission(ConnectionLimits limits, ReactorPool reactors, BrokerMetrics metrics, TimeProvider time, ILogger<Admission> logger)
    {
        (_limits, _reactors, _time, _logger) = (limits, reactors, time, logger);
        _start = time.GetTimestamp();
        metrics.AddGauge("clawevents.admission.rate", "{connection}", "Connections accepted in a second, during a storm; 0: all.", () => (long)Math.Ceiling(_pace.PerSecond));
        metrics.AddCounter("clawevents.admission.refused", "{connection}", "Connections refused because more came than the node could serve.", () => _limits.Counts.Refused);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, _time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await MeasureAsync(stoppingToken);
        }
    }

    private async Task MeasureAsync(CancellationToken stopping)
    {
        var delay = MayBeStorm() ? await MeasureDelayAsync(stopping) : TimeSpan.Zero;
        var before = _pace.PerSecond;
        if (_pace.Measure(_time.GetElapsedTime(_start), delay, _limits.MaxTurnDelay, _limits.Counts))
        {
            _limits.SetPace(_pace.PerSecond, _pace.RetryWithin);
            Report(before);
        }
    }

    private bool MayBeStorm()
    {
        var counts = _limits.Counts;
        var accepted = counts.Accepted - _counts.Accepted;
        _counts = counts;
        return _pace.PerSecond > 0 || accepted > AdmissionPace.LeastPerSecond * Every.TotalSeconds;
    }

    // By way of the thread pool, which carries out what the reactors do not.
    private async Task<TimeSpan> MeasureDelayAsync(CancellationToken stopping)
    {
        var begun = _time.GetTimestamp();
        await Task.Run(_reactors.TurnAsync, CancellationToken.None).WaitAsync(stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return _time.GetElapsedTime(begun);
    }

    private void Report(double before)
    {
        if (before == 0)
        {
            Log.Begun(_logger, (int)_limits.MaxTurnDelay.TotalMilliseconds, (int)_pace.PerSecond);
        }
        else if (_pace.PerSecond == 0)
        {
            Log.Over(_logger, _limits.Counts.Refused);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "More clients connect than this node can serve: turns wait for more than {Milliseconds} ms. It accepts {Rate} new ones a second, and tells the others to come back.")]
        public static partial void Begun(ILogger logger, int milliseconds, int rate);

        [LoggerMessage(2, LogLevel.Information, "All new clients are accepted again; {Refused} were told to come back since the start.")]
        public static partial void Over(ILogger logger, long refused);
    }
}
