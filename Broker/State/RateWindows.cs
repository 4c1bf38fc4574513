using System.Collections.Concurrent;

namespace ClawEvents.Broker.State;

/// <summary>The rate windows of all principals.</summary>
/// <remarks>
/// Thread-safe. A window that has ended equals a missing one, so from time to time a caller that counts sweeps them out: the table holds only
/// principals of the last seconds.
/// </remarks>
internal sealed class RateWindows(TimeProvider time)
{
    private static readonly TimeSpan SweepEvery = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, FixedWindow> _windows = new(StringComparer.Ordinal);
    private long _sweptAt = time.GetTimestamp();

    /// <summary>Counts one request of this principal.</summary>
    public RateWindow Count(string principal)
    {
        Sweep();
        return _windows.AddOrUpdate(
            principal,
            static (_, clock) => default(FixedWindow).CountOne(clock),
            static (_, window, clock) => window.CountOne(clock),
            time).Standing;
    }

    /// <summary>Reads the window of this principal; one with a count of 0 when there is none.</summary>
    public RateWindow Read(string principal) =>
        (_windows.TryGetValue(principal, out var window) && !window.IsOver(time) ? window : default).Standing;

    private void Sweep()
    {
        var sweptAt = Volatile.Read(ref _sweptAt);
        if (time.GetElapsedTime(sweptAt) < SweepEvery
            || Interlocked.CompareExchange(ref _sweptAt, time.GetTimestamp(), sweptAt) != sweptAt)
        {
            return;
        }

        foreach (var entry in _windows)
        {
            if (entry.Value.IsOver(time))
            {
                // Only if it is still that window: a request may have opened a new one since.
                _windows.TryRemove(entry);
            }
        }
    }
}
