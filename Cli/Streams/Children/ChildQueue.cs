namespace ClawEvents.Cli.Streams.Children;

/// <summary>Runs up to <c>maxParallel</c> children simultaneously, in the order in which they were added; those of one key one after
/// another.</summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="maxParallel">At least 1.</param>
/// <param name="maxBytes">Waiting JSON at which <see cref="IsFull"/> becomes true; <see cref="Add"/> still accepts more.</param>
/// <param name="run">Runs one child to its end; false stops the queue.</param>
internal sealed class ChildQueue(int maxParallel, long maxBytes, Func<HandOver, Task<bool>> run)
{
    private readonly Lock _gate = new();

    // Each has something that may start now.
    private readonly Queue<Lane> _ready = new();
    private readonly Dictionary<string, Lane> _keyed = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _change = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _running;
    private int _waitingMessages;
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
                return _waitingMessages;
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
            Count(handOver, 1);
            var lane = LaneOf(handOver.Key);
            lane.Waiting.Enqueue(handOver);
            if (lane.IsBusy || lane.Waiting.Count > 1)
            {
                return;
            }
            _ready.Enqueue(lane);
            if (_running == maxParallel || _stopped.Task.IsCompleted)
            {
                return;
            }
            _running++;
        }
        _ = Task.Run(WorkAsync);
    }

    /// <summary>Takes out what waits and <paramref name="isUnwanted"/> names, so that no child gets it.</summary>
    /// <returns>Messages that were taken out.</returns>
    public int Discard(Predicate<HandOver> isUnwanted)
    {
        lock (_gate)
        {
            var before = _waitingMessages;
            foreach (var lane in _ready.Concat(_keyed.Values).Distinct())
            {
                for (var left = lane.Waiting.Count; left > 0; left--)
                {
                    var handOver = lane.Waiting.Dequeue();
                    if (isUnwanted(handOver))
                    {
                        Count(handOver, -1);
                    }
                    else
                    {
                        lane.Waiting.Enqueue(handOver);
                    }
                }
            }
            return before - _waitingMessages;
        }
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
        for (var lane = TakeNext(null, out var handOver); lane is not null; lane = TakeNext(lane, out handOver))
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

    // Null when nothing may start: the worker ends.
    private Lane? TakeNext(Lane? finished, out HandOver handOver)
    {
        TaskCompletionSource change;
        Lane? lane;
        lock (_gate)
        {
            Release(finished);
            lane = _stopped.Task.IsCompleted ? null : NextReady();
            handOver = lane?.Waiting.Dequeue()!;
            if (lane is null)
            {
                _running--;
            }
            else
            {
                lane.IsBusy = true;
                Count(handOver, -1);
            }
            (change, _change) = (_change, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }
        change.SetResult();
        return lane;
    }

    private Lane? NextReady()
    {
        while (_ready.TryDequeue(out var lane))
        {
            if (lane.Waiting.Count > 0)
            {
                return lane;
            }
            Release(lane);
        }
        return null;
    }

    private void Release(Lane? lane)
    {
        if (lane is null)
        {
            return;
        }
        lane.IsBusy = false;
        if (lane.Waiting.Count > 0)
        {
            _ready.Enqueue(lane);
        }
        else if (lane.Key is { } key)
        {
            _keyed.Remove(key);
        }
    }

    private Lane LaneOf(string? key)
    {
        if (key is null)
        {
            return new Lane(null);
        }
        if (!_keyed.TryGetValue(key, out var lane))
        {
            _keyed.Add(key, lane = new Lane(key));
        }
        return lane;
    }

    private void Count(HandOver handOver, int sign)
    {
        _waitingMessages += sign * handOver.Count;
        _waitingBytes += sign * (long)handOver.Json.Length;
    }

    /// <summary>What has one key, in order; without a key, one event.</summary>
    private sealed class Lane(string? key)
    {
        public string? Key { get; } = key;

        public Queue<HandOver> Waiting { get; } = new();

        /// <summary>Whether a child handles one of them.</summary>
        public bool IsBusy { get; set; }
    }
}
