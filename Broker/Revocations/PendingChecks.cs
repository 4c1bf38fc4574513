using ClawEvents.Broker.Faults;

namespace ClawEvents.Broker.Revocations;

/// <summary>Checks that run in the background, a few at a time. Each is retried until the store answers, or is given up.</summary>
/// <typeparam name="TKey">Identifies a check; compared by value.</typeparam>
/// <param name="check">Asks the store, and acts on the answer. Its answer may come after the check was given up.</param>
/// <param name="giveUp">Acts without an answer, when the policy's limit has passed. Does not wait or throw.</param>
/// <remarks>Thread-safe. Requests for a key that already waits are merged, so that no more checks wait than there are keys.</remarks>
internal sealed class PendingChecks<TKey>(Func<TKey, ValueTask> check, Action<TKey> giveUp, CheckPolicy policy, TimeProvider time, ILogger logger) : IDisposable
    where TKey : notnull
{
    private readonly SemaphoreSlim _room = new(policy.MaxAtOnce);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();

    // Checks that have not asked the store yet, under the gate: their answers include every change until then.
    private readonly Dictionary<TKey, Check> _waiting = [];

    /// <summary>Schedules a check. Does not wait.</summary>
    /// <returns>
    /// Complete when the store has answered, the check was given up, or the broker stops; never fails. Requests for the same key before the store is asked
    /// get the same task.
    /// </returns>
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
            await AnswerAsync(pending).WaitAsync(policy.Limit, time, _stop.Token);
        }
        catch (TimeoutException)
        {
            GiveUp(pending);
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

    private async Task AnswerAsync(Check pending)
    {
        while (!await TryAsync(pending))
        {
            await Task.Delay(policy.RetryDelay, time, _stop.Token);
            if (!TryWaitAgain(pending, out var later))
            {
                await later;
                break;
            }
        }
    }

    private async Task<bool> TryAsync(Check pending)
    {
        await _room.WaitAsync(_stop.Token);
        try
        {
            lock (_gate)
            {
                RemoveWaiting(pending);
                if (pending.IsGivenUp)
                {
                    return true;
                }
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
            if (pending.IsGivenUp)
            {
                later = Task.CompletedTask;
                return false;
            }

            later = _waiting.TryAdd(pending.Key, pending) ? Task.CompletedTask : _waiting[pending.Key].Done.Task;
            return _waiting[pending.Key] == pending;
        }
    }

    private void GiveUp(Check pending)
    {
        lock (_gate)
        {
            // First, so that a change from here on gets a check of its own.
            pending.IsGivenUp = true;
            RemoveWaiting(pending);
        }

        giveUp(pending.Key);
    }

    private void RemoveWaiting(Check pending)
    {
        if (_waiting.GetValueOrDefault(pending.Key) == pending)
        {
            _waiting.Remove(pending.Key);
        }
    }

    private sealed class Check(TKey key)
    {
        public TKey Key { get; } = key;

        /// <summary>Under the gate.</summary>
        public bool IsGivenUp { get; set; }

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
