namespace ClawEvents.Broker.Queues.PubSub;

/// <summary>Carries out messages: those with the same key one after the other, all others at the same time.</summary>
/// <param name="handle">What is done with each.</param>
/// <remarks>Thread-safe. How many messages there are at the same time is bounded by the one who adds them.</remarks>
internal sealed class Lanes<T>(Func<T, CancellationToken, Task> handle) : IAsyncDisposable
    where T : class
{
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _fault = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly object _gate = new();

    // What waits behind the message in work, for each key that has one.
    private readonly Dictionary<string, Queue<T>> _waiting = new(StringComparer.Ordinal);

    // One more than there are tasks, until the end.
    private int _running = 1;

    /// <param name="key">Empty: none.</param>
    public void Add(string key, T message)
    {
        lock (_gate)
        {
            if (_waiting.TryGetValue(key, out var queue))
            {
                queue.Enqueue(message);
                return;
            }

            if (key.Length > 0)
            {
                _waiting[key] = new();
            }

            _running++;
        }

        _ = Task.Run(() => RunAsync(key, message));
    }

    /// <summary>Ends with what has failed, which is a fault of the program, or when it is cancelled.</summary>
    public Task WaitForFaultAsync(CancellationToken cancellation) => _fault.Task.WaitAsync(cancellation);

    /// <summary>Lets the messages in work finish, and drops the others. A message that waits for its next attempt is dropped, too. Called once, after the last one was added.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Leave();
        await _ended.Task;
        _stop.Dispose();
    }

    private async Task RunAsync(string key, T first)
    {
        try
        {
            for (var message = first; message is not null; message = NextOf(key))
            {
                _stop.Token.ThrowIfCancellationRequested();
                await handle(message, _stop.Token);
            }
        }
        catch (Exception exception)
        {
            // A stop ends it at any of its lines.
            if (!_stop.IsCancellationRequested)
            {
                _fault.TrySetException(exception);
            }
        }
        finally
        {
            Leave();
        }
    }

    private T? NextOf(string key)
    {
        lock (_gate)
        {
            if (_waiting.TryGetValue(key, out var queue) && queue.TryDequeue(out var next))
            {
                return next;
            }

            _waiting.Remove(key);
            return null;
        }
    }

    private void Leave()
    {
        lock (_gate)
        {
            if (--_running == 0)
            {
                _ended.SetResult();
            }
        }
    }
}
