using ClawEvents.Broker.Faults;

namespace ClawEvents.Broker.Revocations;

/// <summary>Checks that run in the background, a few at a time, and again until the store has answered.</summary>
/// <typeparam name="TKey">What is checked. Compared by value.</typeparam>
/// <param name="check">Asks the store, and acts on the answer.</param>
/// <param name="time">For waiting.</param>
/// <param name="logger">Is told of a check that cannot be made.</param>
/// <remarks>Thread-safe. However often something is asked for, it waits once: so no more waits than there are keys.</remarks>
internal sealed class PendingChecks<TKey>(Func<TKey, ValueTask> check, TimeProvider time, ILogger logger) : IDisposable
    where TKey : notnull
{
    /// <summary>How long a check that got no answer waits before it is made again.</summary>
    public static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    // What a node asks that lost its bus and is back must not hold up what clients ask.
    private const int MaxAtOnce = 4;

    private readonly SemaphoreSlim _room = new(MaxAtOnce);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();

    // Those that have yet to ask, under the gate: whatever changes until then is in their answers.
    private readonly Dictionary<TKey, Check> _waiting = [];

    /// <summary>Makes a check soon. Does not wait.</summary>
    /// <returns>Complete when the store has answered, or the broker ends; never fails. Those who want the same before it asks get the same.</returns>
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

    /// <summary>What has not been answered is given up.</summary>
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
            // The broker ends.
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

    // Somebody may have asked for the same meanwhile: one of the two is enough.
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
