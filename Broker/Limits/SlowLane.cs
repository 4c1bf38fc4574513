namespace ClawEvents.Broker.Limits;

/// <summary>Where greedy connections wait for their turns: one after another, so that they leave the other cores, and every second place on theirs, to the others.</summary>
/// <remarks>
/// DESIGN. At most half of the cores carry out turns of this lane at a time, and each turn goes to the end of the thread pool's own queue. However many
/// greedy connections there are, a connection that is not greedy finds at most that many of their turns before its own.
/// <para>Thread-safe; the gate is held for a queue operation only, and only greedy connections take it. Waiting allocates what the suspended method needs.</para>
/// </remarks>
internal sealed class SlowLane : IThreadPoolWorkItem, ITurnLane
{
    private readonly int _mostRunning = Math.Max(1, Environment.ProcessorCount / 2);
    private readonly Lock _gate = new();

    // Under the gate.
    private readonly Queue<Action> _waiting = new();
    private int _running;

    /// <inheritdoc/>
    void IThreadPoolWorkItem.Execute()
    {
        Action? turn;
        lock (_gate)
        {
            if (!_waiting.TryDequeue(out turn))
            {
                _running--;
                return;
            }
        }

        // A continuation of an async method: it never throws.
        turn();
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <inheritdoc/>
    public void Enqueue(Action turn)
    {
        lock (_gate)
        {
            _waiting.Enqueue(turn);
            if (_running == _mostRunning)
            {
                return;
            }

            _running++;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }
}
