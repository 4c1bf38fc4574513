namespace ClawEvents.Cli.Streams.Children;

/// <summary>Runs children one after the other, or so many at once, in the order in which they were added.</summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="maxParallel">Children at once; at least 1.</param>
/// <param name="maxBytes">JSON that may wait before <see cref="IsFull"/>; a limit for the caller, not for <see cref="Add"/>.</param>
/// <param name="run">Runs one child to its end; false stops the queue.</param>
internal sealed class ChildQueue(int maxParallel, long maxBytes, Func<HandOver, Task<bool>> run)
{
    private readonly Lock _gate = new();
    private readonly Queue<HandOver> _waiting = new();
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _change = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _running;
    private long _waitingBytes;

    public bool IsFull
    {
        get
        {
            lock (_gate)
            {
                return _waitingBytes >= maxBytes;
            }
        }
    }

    /// <summary>Messages that no child has got yet.</summary>
    public int WaitingMessages
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Sum(handOver => handOver.Count);
            }
        }
    }

    /// <summary>Ends when a child's end has stopped the queue; fails if running one has thrown.</summary>
    public Task Stopped => _stopped.Task;

    /// <summary>Adds one; never waits.</summary>
    public void Add(HandOver handOver)
    {
        lock (_gate)
        {
            _waiting.Enqueue(handOver);
            _waitingBytes += handOver.Json.Length;
            if (_running == maxParallel || _stopped.Task.IsCompleted)
            {
                return;
            }
            _running++;
        }
        _ = Task.Run(WorkAsync);
    }

    /// <summary>Waits until not more than half of <c>maxBytes</c> waits, or until the queue has stopped.</summary>
    public Task WaitForRoomAsync(CancellationToken giveUp) => WaitAsync(() => _waitingBytes <= maxBytes / 2 || _stopped.Task.IsCompleted, giveUp);

    /// <summary>Waits until every child has ended; of a queue that has stopped, those that run.</summary>
    public Task DrainAsync(CancellationToken giveUp) => WaitAsync(() => _running == 0, giveUp);

    private async Task WaitAsync(Func<bool> isReached, CancellationToken giveUp)
    {
        while (!giveUp.IsCancellationRequested)
        {
            Task change;
            lock (_gate)
            {
                if (isReached())
                {
                    return;
                }
                change = _change.Task;
            }
            await change.WaitAsync(giveUp).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task WorkAsync()
    {
        while (TryTake(out var handOver))
        {
            try
            {
                if (!await run(handOver))
                {
                    _stopped.TrySetResult();
                }
            }
            catch (Exception exception)
            {
                // A bug: whoever awaits Stopped gets it.
                _stopped.TrySetException(exception);
            }
        }
    }

    private bool TryTake(out HandOver handOver)
    {
        TaskCompletionSource change;
        bool taken;
        lock (_gate)
        {
            handOver = null!;
            taken = !_stopped.Task.IsCompleted && _waiting.TryDequeue(out handOver!);
            if (taken)
            {
                _waitingBytes -= handOver.Json.Length;
            }
            else
            {
                _running--;
            }
            (change, _change) = (_change, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }
        change.SetResult();
        return taken;
    }
}
