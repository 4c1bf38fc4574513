namespace ClawEvents.Cli.Streams.Children;

/// <summary>Runs up to <c>maxParallel</c> children simultaneously, in the order in which they were added.</summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="maxParallel">At least 1.</param>
/// <param name="maxBytes">Waiting JSON at which <see cref="IsFull"/> becomes true; <see cref="Add"/> still accepts more.</param>
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

    /// <summary>Messages that no child has received yet.</summary>
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

    /// <summary>Completes when a failed child has stopped the queue; faults if running a child threw an exception.</summary>
    public Task Stopped => _stopped.Task;

    /// <summary>Adds an event or a batch; never waits.</summary>
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

    /// <summary>Waits until at most half of <c>maxBytes</c> is waiting, or until the queue has stopped.</summary>
    public Task WaitForRoomAsync(CancellationToken giveUp) => WaitAsync(() => _waitingBytes <= maxBytes / 2 || _stopped.Task.IsCompleted, giveUp);

    /// <summary>Waits until every child has ended; after the queue has stopped, only for running children.</summary>
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
        while (TryTakeNext(out var handOver))
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
                // A bug: the code that awaits Stopped gets the exception.
                _stopped.TrySetException(exception);
            }
        }
    }

    private bool TryTakeNext(out HandOver handOver)
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
