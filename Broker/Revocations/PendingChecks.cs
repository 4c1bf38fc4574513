using ClawEvents.Broker.Faults;

namespace ClawEvents.Broker.Revocations;

/// <summary>Checks that run in the background, a few at a time. Each is retried until the store answers.</summary>
/// <typeparam name="TKey">Identifies a check; compared by value.</typeparam>
/// <param name="check">Asks the store, and acts on the answer.</param>
/// <remarks>Thread-safe. Requests for a key that already waits are merged, so that no more checks wait than there are keys.</remarks>
internal sealed class PendingChecks<TKey>(Func<TKey, ValueTask> check, TimeProvider time, ILogger logger) : IDisposable
    where TKey : notnull
{
    /// <summary>The delay before a check without an answer is retried.</summary>
    public static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    // The checks of a node that has found its bus again must not delay the requests of clients.
    private const int MaxAtOnce = 4;

    private readonly SemaphoreSlim _room = new(MaxAtOnce);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();

    // Checks that have not asked the store yet, under the gate: their answers include every change until then.
    private readonly Dictionary<TKey, Check> _waiting = [];

    /// <summary>Schedules a check. Does not wait.</summary>
    /// <returns>Complete when the store has answered, or the broker stops; never fails. Requests for the same key before the store is asked get the same task.</returns>
    public Task RunAsync(TKey key)
    {
        lock (_gate)
        {
            if (!_waiting.TryGetValue(key, out var pending))
            {
                pending = new Check(key);
                _waiting.Add(key, pending);
                _ = Task.Run(() => RunAsync(pending));
            }

            return pending.Done.Task;
        }
    }

    /// <summary>Abandons checks that have no answer yet.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        lock (_gate)
        {
            _waiting.Clear();
        }
    }

    private async Task RunAsync(Check pending)
    {
        try
        {
            while (!await TryAsync(pending))
            {
                await Task.Delay(RetryDelay, time, _stop.Token);
                if (!TryWaitAgain(pending, out var later))
                {
                    await later;
                    break;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The broker stops.
        }
        finally
        {
            pending.Done.SetResult();
        }
    }

    private async Task<bool> TryAsync(Check pending)
    {
        await _room.WaitAsync(_stop.Token);
        try
        {
            lock (_gate)
            {
                _waiting.Remove(pending.Key);
            }

            return await Unattended.RunAsync(() => check(pending.Key), logger, $"check {pending.Key} after a change");
        }
        finally
        {
            _room.Release();
        }
    }

    // The same check may have been requested meanwhile: one of the two is enough.
    private bool TryWaitAgain(Check pending, out Task later)
    {
        lock (_gate)
        {
            later = _waiting.TryAdd(pending.Key, pending) ? Task.CompletedTask : _waiting[pending.Key].Done.Task;
            return _waiting[pending.Key] == pending;
        }
    }

    private sealed class Check(TKey key)
    {
        public TKey Key { get; } = key;

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
