using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using ClawEvents.Broker.Transport;
using Microsoft.Extensions.Hosting.Systemd;

namespace ClawEvents.Broker;

/// <summary>Tells systemd how the broker is (sd_notify(3)): ready, reloading, stopping, and that it still works. Does nothing where systemd did not ask for it.</summary>
/// <remarks>
/// The watchdog hears of a broker whose every reactor, and whose thread pool, has taken a turn in the last half of its time, whatever Redis does: a restart
/// would not bring Redis back. Thread-safe.
/// </remarks>
internal sealed partial class Systemd(ISystemdNotifier notifier, ReactorPool reactors, ILogger<Systemd> logger) : IDisposable
{
    private const long MicrosecondsPerSecond = 1_000_000;

    // Beyond what the drain and the host may take together.
    private const int SpareSeconds = 10;

    private PeriodicTimer? _watchdog;
    private int _hasFailed;

    /// <summary>The interval in which systemd wants to hear that the process lives; null: it does not, or asks another process.</summary>
    public static TimeSpan? WatchdogInterval(Func<string, string?> variable) =>
        long.TryParse(variable("WATCHDOG_USEC"), NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds) && microseconds > 0
        && variable("WATCHDOG_PID") is var process && (string.IsNullOrEmpty(process) || process == Environment.ProcessId.ToString(CultureInfo.InvariantCulture))
            ? TimeSpan.FromMicroseconds(microseconds)
            : null;

    /// <summary>The broker listens. Begins to report to the watchdog.</summary>
    public void Start(string address)
    {
        Notify($"READY=1\nSTATUS=Serving clients on {address}");
        if (notifier.IsEnabled && WatchdogInterval(Environment.GetEnvironmentVariable) is { } interval)
        {
            _watchdog = new PeriodicTimer(interval / 2);
            _ = ReportLifeAsync(_watchdog);
        }
    }

    /// <summary>Says that the settings are read again, does it, and says that it is done.</summary>
    public void Reload(Action reload)
    {
        // systemd compares it with its own clock, CLOCK_MONOTONIC, which the stopwatch reads too.
        var microseconds = (long)(Stopwatch.GetTimestamp() * ((double)MicrosecondsPerSecond / Stopwatch.Frequency));
        Notify(string.Create(CultureInfo.InvariantCulture, $"RELOADING=1\nMONOTONIC_USEC={microseconds}"));
        reload();
        Notify("READY=1");
    }

    /// <summary>The broker begins to stop; systemd gives it at least the time that its settings allow.</summary>
    /// <param name="clients">That are sent away.</param>
    /// <param name="most">What the drain and the end of the process may take.</param>
    public void Stop(int clients, TimeSpan most) => Notify(string.Create(
        CultureInfo.InvariantCulture, $"STOPPING=1\nSTATUS=Draining: {clients} clients\nEXTEND_TIMEOUT_USEC={((long)most.TotalSeconds + SpareSeconds) * MicrosecondsPerSecond}"));

    public void Dispose() => _watchdog?.Dispose();

    private async Task ReportLifeAsync(PeriodicTimer watchdog)
    {
        do
        {
            // Never complete when a reactor hangs: nothing is reported any more then.
            await reactors.TurnAsync();
            Notify("WATCHDOG=1");
        }
        while (await watchdog.WaitForNextTickAsync());
    }

    private void Notify(string state)
    {
        try
        {
            notifier.Notify(new ServiceState(state));
        }
        catch (SocketException exception) when (Interlocked.Exchange(ref _hasFailed, 1) == 0)
        {
            Log.Unheard(logger, exception.Message);
        }
        catch (SocketException)
        {
            // Logged before.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "systemd cannot be told how the broker is (NOTIFY_SOCKET): {Fault}")]
        public static partial void Unheard(ILogger logger, string fault);
    }
}
