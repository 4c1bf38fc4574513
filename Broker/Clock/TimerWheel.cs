namespace ClawEvents.Broker.Clock;

/// <summary>An object that waits in a <see cref="TimerWheel"/>, for one point in time.</summary>
/// <remarks>A base class instead of a field: this saves an object per connection. The links belong to the wheel.</remarks>
internal abstract class TimerNode
{
    internal TimerNode? Next { get; set; }

    internal TimerNode? Previous { get; set; }

    internal long DueTick { get; set; }

    internal bool IsLinked { get; set; }

    /// <summary>Called by the wheel on its own thread, outside its gate. May be called once more just after the node was cancelled or rescheduled.</summary>
    public abstract void OnDue();
}

/// <summary>One timer for all connections: pings, pongs, and the time limits for connecting and closing.</summary>
/// <remarks>
/// DESIGN. A ring of slots, one per tick; a node sits in the slot of its due tick, linked through its own fields, so that waiting
/// costs no allocation and a tick touches only the nodes that are due (and those due in a later round of the ring).
/// Thread-safe. Times are rounded up to the next tick.
/// </remarks>
internal sealed class TimerWheel : IDisposable
{
    /// <summary>The wheel's precision.</summary>
    public static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);

    private const int SlotCount = 128;

    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly long _start;
    private readonly Lock _gate = new();
    private readonly TimerNode?[] _slots = new TimerNode?[SlotCount];

    // Filled and emptied under the gate by the tick under way; _isTicking keeps a second one out.
    private readonly List<TimerNode> _due = [];
    private long _lastTick;
    private int _isTicking;

    public TimerWheel(TimeProvider time)
    {
        _time = time;
        _start = time.GetTimestamp();
        _timer = time.CreateTimer(static wheel => ((TimerWheel)wheel!).OnTick(), this, Tick, Tick);
    }

    /// <summary>Calls the node's <see cref="TimerNode.OnDue"/> once, after <paramref name="delay"/>, instead of when it was due before.</summary>
    public void Schedule(TimerNode node, TimeSpan delay) => ScheduleAt(node, TicksIn(Elapsed() + delay));

    /// <summary>Like <see cref="Schedule"/>, but counted from when the node was last due, so that repeated waits do not drift by a tick each.</summary>
    /// <remarks>For use in <see cref="TimerNode.OnDue"/>. When that call came late, because the process was paused, the time counts from now.</remarks>
    public void ScheduleNext(TimerNode node, TimeSpan delay)
    {
        if (Elapsed() - (Tick * node.DueTick) < Tick)
        {
            ScheduleAt(node, node.DueTick + TicksIn(delay));
        }
        else
        {
            Schedule(node, delay);
        }
    }

    /// <summary>The node is no longer called.</summary>
    public void Cancel(TimerNode node)
    {
        lock (_gate)
        {
            Unlink(node);
        }
    }

    /// <summary>All nodes that wait now, and those that have just become due.</summary>
    public List<TimerNode> Snapshot()
    {
        var nodes = new List<TimerNode>();
        lock (_gate)
        {
            nodes.AddRange(_due.Where(node => !node.IsLinked));
            foreach (var first in _slots)
            {
                for (var node = first; node is not null; node = node.Next)
                {
                    nodes.Add(node);
                }
            }
        }

        return nodes;
    }

    public void Dispose() => _timer.Dispose();

    private static long TicksIn(TimeSpan time) => (time.Ticks + Tick.Ticks - 1) / Tick.Ticks;

    private void ScheduleAt(TimerNode node, long dueTick)
    {
        lock (_gate)
        {
            Unlink(node);
            Link(node, Math.Max(_lastTick + 1, dueTick));
        }
    }

    private TimeSpan Elapsed() => _time.GetElapsedTime(_start);

    private void OnTick()
    {
        if (Interlocked.Exchange(ref _isTicking, 1) == 1)
        {
            // The previous tick is still running; it, or the next one, catches up.
            return;
        }

        try
        {
            CollectDue();
            foreach (var node in _due)
            {
                node.OnDue();
            }
        }
        finally
        {
            lock (_gate)
            {
                _due.Clear();
            }

            Volatile.Write(ref _isTicking, 0);
        }
    }

    private void CollectDue()
    {
        var now = Elapsed().Ticks / Tick.Ticks;
        lock (_gate)
        {
            // After a long sleep one round of the ring sees every slot.
            for (var tick = Math.Max(_lastTick + 1, now - SlotCount + 1); tick <= now; tick++)
            {
                CollectSlot(_slots[tick % SlotCount], now);
            }

            _lastTick = Math.Max(_lastTick, now);
        }
    }

    private void CollectSlot(TimerNode? node, long now)
    {
        while (node is not null)
        {
            var next = node.Next;
            if (node.DueTick <= now)
            {
                Unlink(node);
                _due.Add(node);
            }

            node = next;
        }
    }

    private void Link(TimerNode node, long dueTick)
    {
        ref var first = ref _slots[dueTick % SlotCount];
        node.DueTick = dueTick;
        node.IsLinked = true;
        node.Next = first;
        if (first is not null)
        {
            first.Previous = node;
        }

        first = node;
    }

    private void Unlink(TimerNode node)
    {
        if (!node.IsLinked)
        {
            return;
        }

        if (node.Previous is null)
        {
            _slots[node.DueTick % SlotCount] = node.Next;
        }
        else
        {
            node.Previous.Next = node.Next;
        }

        if (node.Next is not null)
        {
            node.Next.Previous = node.Previous;
        }

        node.Next = node.Previous = null;
        node.IsLinked = false;
    }
}
