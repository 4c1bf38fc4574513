using System.Diagnostics;
using ClawEvents.Broker.Faults;

namespace ClawEvents.Broker.Redis;

/// <summary>The current multiplexer of the library, which is replaced by a new one to wherever the primary is now.</summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="locator">Finds the primary. Owned by this object.</param>
/// <param name="keyPrefix">Put before each key.</param>
/// <param name="failed">Called with each failure to connect; does not wait.</param>
internal sealed class RedisLinks(RedisAddress address, IRedisLocator locator, string keyPrefix, Action<StoreUnavailableException> failed) : IAsyncDisposable
{
    private static readonly TimeSpan RenewalInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AttemptDelay = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Written under the gate. Null until the first one is there.
    private RedisLink? _current;
    private Task _renewal = Task.CompletedTask;
    private Task _closing = Task.CompletedTask;
    private long _renewedAt;

    private bool _isMoved;

    /// <summary>Raised when there is another one than before, perhaps to another server, and for the first one after <see cref="Start"/>.</summary>
    public event Action? Renewed;

    /// <summary>Null until the first one is there.</summary>
    public RedisLink? Current => Volatile.Read(ref _current);

    /// <summary>Connects once, or, when the server does not answer, still tries after that.</summary>
    /// <exception cref="StoreRefusedException">The settings are wrong.</exception>
    public async Task OpenAsync()
    {
        locator.Moved += Follow;
        try
        {
            Use(await LinkAsync());
        }
        catch (StoreUnavailableException exception)
        {
            // Nobody knows the address.
            failed(exception);
            Renew(null);
        }
    }

    /// <summary>Connects in the background, as often as it takes.</summary>
    public void Start()
    {
        locator.Moved += Follow;
        Renew(null);
    }

    /// <summary>Complete when there is one.</summary>
    public Task First => _first.Task;

    /// <summary>Waits for the first one for a moment.</summary>
    /// <exception cref="TimeoutException">Redis was not reached in that time.</exception>
    public async Task<RedisLink> GetAsync()
    {
        await First.WaitAsync(address.ConnectLimit);
        return Current!;
    }

    /// <summary>Replaces one, unless that is done already or was done a moment ago.</summary>
    public void Renew(RedisLink? link)
    {
        lock (_gate)
        {
            if (_current == link && _renewal.IsCompleted && (Volatile.Read(ref _isMoved) || Stopwatch.GetElapsedTime(_renewedAt) >= RenewalInterval))
            {
                _renewedAt = Stopwatch.GetTimestamp();
                _renewal = RenewAsync(link);
            }
        }
    }

    /// <summary>Replaces one that may lead to the old primary, if the locator has reported a move while another one was made.</summary>
    public void RenewIfMoved(RedisLink link)
    {
        if (Volatile.Read(ref _isMoved))
        {
            Renew(link);
        }
    }

    public async ValueTask DisposeAsync()
    {
        locator.Moved -= Follow;
        await _stop.CancelAsync();
        Task renewal;
        lock (_gate)
        {
            renewal = _renewal;
        }

        await renewal.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _closing;
        _stop.Dispose();
        await (_current?.CloseAsync() ?? Task.CompletedTask);
        if (locator is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync();
        }
    }

    private void Follow()
    {
        Volatile.Write(ref _isMoved, true);
        Renew(Current);
    }

    private async Task RenewAsync(RedisLink? old)
    {
        Use(await ConnectAsync());
        Renewed?.Invoke();
        if (old is not null)
        {
            _closing = CloseLaterAsync(old, _closing);
        }
    }

    // Commands that still wait on the old one may yet be answered: in a cluster only one server may be silent.
    private async Task CloseLaterAsync(RedisLink old, Task before)
    {
        await Task.Delay(address.AnswerLimit, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await old.CloseAsync();
        await before;
    }

    private void Use(RedisLink link)
    {
        lock (_gate)
        {
            _current = link;
        }

        _first.TrySetResult();
    }

    // Until it is connected: the bytes of an attempt may vanish, and the library waits for them longer than a new attempt takes.
    private async Task<RedisLink> ConnectAsync()
    {
        while (true)
        {
            try
            {
                var link = await LinkAsync();
                if (link.IsConnected)
                {
                    return link;
                }

                await link.CloseAsync();
                failed(new($"Redis ({address}) cannot be reached"));
            }
            catch (Exception exception) when (exception is StoreUnavailableException or StoreRefusedException)
            {
                failed(exception as StoreUnavailableException ?? new(exception.Message, exception));
            }

            await Task.Delay(AttemptDelay, _stop.Token);
        }
    }

    private async Task<RedisLink> LinkAsync()
    {
        Volatile.Write(ref _isMoved, false);
        var endpoint = await locator.LocateAsync(_stop.Token);
        await RedisProbe.CheckAsync(address, endpoint, _stop.Token);
        var connecting = RedisLink.ConnectAsync(address, endpoint, keyPrefix);
        try
        {
            return await connecting.WaitAsync(_stop.Token);
        }
        catch (OperationCanceledException)
        {
            _ = CloseAsync(connecting);
            throw;
        }
    }

    private static async Task CloseAsync(Task<RedisLink> connecting) => await (await connecting).CloseAsync();
}
