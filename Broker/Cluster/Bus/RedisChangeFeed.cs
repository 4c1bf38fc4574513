using System.Collections.Immutable;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Cluster.Bus;

/// <summary>Reports changes that the listeners of all servers with keys of the store receive.</summary>
/// <remarks>Thread-safe. A separate class, so that the store can be made before the bus, which needs more.</remarks>
internal sealed class RedisChangeFeed : IChangeFeed
{
    // More than the number of times that a listener ever loses its connection, so that different sets of listeners have different numbers.
    private const long SetStep = 1L << 40;

    private ImmutableArray<BusListener> _listeners = [];
    private long _set;

    public event Action<string>? Changed;

    /// <inheritdoc/>
    public long Continuity
    {
        get
        {
            var sum = Volatile.Read(ref _set);
            foreach (var listener in _listeners)
            {
                var continuity = listener.Continuity;
                if (continuity == 0)
                {
                    return 0;
                }

                sum += continuity;
            }

            return sum;
        }
    }

    /// <summary>Replaces the listeners. Called by one thread at a time.</summary>
    public void Follow(IEnumerable<BusListener> listeners)
    {
        foreach (var listener in _listeners)
        {
            listener.Changed -= Raise;
        }

        Volatile.Write(ref _set, _set + SetStep);
        ImmutableInterlocked.InterlockedExchange(ref _listeners, [.. listeners]);
        Volatile.Write(ref _set, _listeners.IsEmpty ? 0 : _set + SetStep);
        foreach (var listener in _listeners)
        {
            listener.Changed += Raise;
        }
    }

    private void Raise(string key) => Changed?.Invoke(key);
}
