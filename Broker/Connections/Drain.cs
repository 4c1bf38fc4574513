using ClawEvents.Broker.Clock;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Telemetry;

namespace ClawEvents.Broker.Connections;

/// <summary>How a node is drained.</summary>
/// <param name="Delay">From the moment at which it is not ready until it accepts no new connections: load balancers notice meanwhile.</param>
/// <param name="Time">Over which its clients are sent away; zero: all of them immediately.</param>
internal sealed record DrainOptions(TimeSpan Delay, TimeSpan Time);

/// <summary>What a node does, from its work to the end of a drain.</summary>
internal enum DrainPhase
{
    /// <summary>It works, and is ready.</summary>
    Serving,

    /// <summary>It works, but is not ready: load balancers are to notice.</summary>
    Leaving,

    /// <summary>It accepts no new connections and sends its clients away.</summary>
    Draining,

    /// <summary>All clients were sent away; some may not have gone yet.</summary>
    Drained,
}

/// <summary>A moment of a drain.</summary>
/// <param name="Remaining">Connections that are still open.</param>
/// <param name="Sent">Clients that were sent away.</param>
internal readonly record struct DrainStatus(DrainPhase Phase, int Remaining, int Sent);

/// <summary>Takes this node out of service: first it is not ready, then it accepts no new connections, then it sends its clients away at an even pace. docs/how-to/run-many-nodes.md#restart-the-nodes-one-after-another</summary>
/// <remarks>
/// DESIGN. Clients get code 3001, on which they come back, to another node; at an even pace, so that the others never have to take many of them together. The
/// order is a random one: clients of one channel or of one address often connected together. Fewer than <see cref="LeastPerSecond"/> would only prolong the
/// drain. HTTP requests are served until the process ends. The closing is done by one task: a close frame costs a system call, and what a
/// client leaves behind is cleared on its reactor when it has gone. Thread-safe.
/// </remarks>
internal sealed partial class Drain
{
    /// <summary>Clients that are sent away in a second, if the pace would be slower: so few are no burst for the other nodes.</summary>
    public const int LeastPerSecond = 50;

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);

    private readonly DrainOptions _options;
    private readonly ConnectionLimits _limits;
    private readonly TimerWheel _wheel;
    private readonly TimeProvider _time;
    private readonly ILogger<Drain> _logger;
    private readonly Lock _gate = new();

    // Null while the node works. Changed under the gate.
    private volatile Run? _run;

    public Drain(DrainOptions options, ConnectionLimits limits, TimerWheel wheel, BrokerMetrics metrics, TimeProvider time, ILogger<Drain> logger)
    {
        (_options, _limits, _wheel, _time, _logger) = (options, limits, wheel, time, logger);
        metrics.AddGauge("clawevents.draining", "1", "1 while the node is being drained, or is drained.", () => IsReady ? 0 : 1);
        metrics.AddGauge("clawevents.drain.remaining", "{connection}", "Connections that are still open while the node is drained; otherwise 0.", () => IsReady ? 0 : _limits.Open);
    }

    /// <summary>Load balancers may send clients here.</summary>
    public bool IsReady => _run is null;

    public DrainStatus Status => _run is { } run ? new(run.Phase, _limits.Open, run.Sent) : new(DrainPhase.Serving, _limits.Open, 0);

    /// <summary>Begins a drain, or joins the one that is under way.</summary>
    /// <param name="endsProcess">From here on it cannot be cancelled.</param>
    /// <returns>Complete when all clients were sent away, or the drain was cancelled. Never fails.</returns>
    public Task Begin(bool endsProcess = false)
    {
        lock (_gate)
        {
            var run = _run ??= new Run();
            run.IsFinal |= endsProcess;
            return run.Task ??= Task.Run(() => DrainAsync(run));
        }
    }

    /// <summary>Ends all waits of the drain: the clients that are left are sent away now.</summary>
    public void Hurry() => _run?.Wake();

    /// <summary>Goes back to work. Clients that were sent away stay so until they connect again.</summary>
    /// <returns>Whether the node works now: false when the process ends.</returns>
    public bool Cancel()
    {
        lock (_gate)
        {
            if (_run is not { IsFinal: false } run)
            {
                return _run is null;
            }

            _run = null;
            _limits.IsClosed = false;
            run.Wake();
        }

        Log.Cancelled(_logger);
        return true;
    }

    /// <summary>Ends the connections that are left without waiting for their clients.</summary>
    public void Abort() => Array.ForEach(Connections(), connection => connection.Abort());

    /// <summary>The process ends: the node is drained without a pace, as far as it is not. A client that was told already does not hear of it again.</summary>
    public void Finish()
    {
        lock (_gate)
        {
            _run ??= new Run { Phase = DrainPhase.Drained, IsFinal = true };
            _limits.IsClosed = true;
        }

        Hurry();
        Array.ForEach(Connections(), connection => connection.Disconnect(DisconnectCode.Shutdown));
    }

    private async Task DrainAsync(Run run)
    {
        Log.Begun(_logger, _limits.Open, _options.Delay.TotalSeconds, _options.Time.TotalSeconds);
        await run.WaitAsync(_options.Delay, _time);
        if (!TryClose(run))
        {
            return;
        }

        await SendAwayAsync(run);
        if (run == _run)
        {
            run.Phase = DrainPhase.Drained;
            Log.Done(_logger, run.Sent, _time.GetElapsedTime(run.ClosedAt).TotalSeconds);
        }
    }

    // Not after a cancel, which has opened the doors again.
    private bool TryClose(Run run)
    {
        lock (_gate)
        {
            if (run != _run)
            {
                return false;
            }

            _limits.IsClosed = true;
            run.ClosedAt = _time.GetTimestamp();
            run.Phase = DrainPhase.Draining;
            return true;
        }
    }

    // A connection that comes to be later is refused when it connects: the doors are closed.
    private async Task SendAwayAsync(Run run)
    {
        var leaving = Connections();
        Random.Shared.Shuffle(leaving);
        var time = Math.Min(_options.Time.TotalSeconds, (double)leaving.Length / LeastPerSecond);
        while (run == _run)
        {
            var passed = _time.GetElapsedTime(run.ClosedAt).TotalSeconds;
            var due = run.IsHurried || passed >= time ? leaving.Length : (int)(leaving.Length * passed / time);
            for (; run.Sent < due; run.Sent++)
            {
                leaving[run.Sent].Disconnect(DisconnectCode.Shutdown);
            }

            if (run.Sent == leaving.Length)
            {
                return;
            }

            await run.WaitAsync(Step, _time);
        }
    }

    // A connection waits in the wheel until it is closed.
    private ClientConnection[] Connections() => [.. _wheel.Snapshot().OfType<ClientConnection>()];

    private sealed class Run
    {
        private readonly TaskCompletionSource _wake = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task? Task { get; set; }

        public DrainPhase Phase { get; set; } = DrainPhase.Leaving;

        public int Sent { get; set; }

        /// <summary>When new connections were refused first.</summary>
        public long ClosedAt { get; set; }

        /// <summary>The process ends with it.</summary>
        public bool IsFinal { get; set; }

        /// <summary>Nothing is waited for any more.</summary>
        public bool IsHurried => _wake.Task.IsCompleted;

        public void Wake() => _wake.TrySetResult();

        public async Task WaitAsync(TimeSpan time, TimeProvider clock) =>
            await _wake.Task.WaitAsync(time, clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Draining: not ready. In {Delay} s the node accepts no new connections, and sends its {Clients} clients away over {Seconds} s.")]
        public static partial void Begun(ILogger logger, int clients, double delay, double seconds);

        [LoggerMessage(2, LogLevel.Information, "Drained: {Sent} clients were sent away in {Seconds:0.0} s.")]
        public static partial void Done(ILogger logger, int sent, double seconds);

        [LoggerMessage(3, LogLevel.Information, "The drain was cancelled: the node is ready, and accepts connections.")]
        public static partial void Cancelled(ILogger logger);
    }
}
