using System.Collections.Immutable;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Cluster.Bus;

/// <summary>Hears of changes over the listeners of all servers that may have the store's keys.</summary>
/// <remarks>Thread-safe. It stands by itself, so that the store can be made before the bus, which needs more.</remarks>
internal sealed class RedisChangeFeed : IChangeFeed
{
    // More than a listener ever loses its connection: numbers of different sets of listeners are different.
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

    /// <summary>From here on these are the listeners. One thread at a time calls it.</summary>
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
