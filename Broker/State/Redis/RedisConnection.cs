using System.Diagnostics;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Redis;
using ClawEvents.Broker.Redis.Resp;
using StackExchange.Redis;

namespace ClawEvents.Broker.State.Redis;

/// <summary>The connection to Redis: every command ends in time, and every failure is one of two exceptions.</summary>
/// <remarks>
/// Thread-safe. The library reconnects by itself when the server closes the connection. When the server falls silent without closing (a machine
/// without power), TCP would wait for a quarter of an hour; so a connection without any answer for some seconds is replaced, also one on which nobody
/// asks: a ping each second finds it. So is one to a primary that has become a replica: its name may lead to the new one by now.
/// </remarks>
internal sealed class RedisConnection : IAsyncDisposable
{
    private static readonly TimeSpan RenewalInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RefusalInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan AttemptDelay = TimeSpan.FromMilliseconds(250);

    private readonly RedisAddress _address;
    private readonly IRedisLocator _locator;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watching;

    // Written under the gate. Null when the address of Redis was unknown at the start.
    private RedisLink? _link;
    private Task _renewal = Task.CompletedTask;
    private long _renewedAt;

    private long _refusedAt;
    private int _timeouts;
    private int _isAway;
    private bool _isMoved;

    private RedisConnection(RedisAddress address, IRedisLocator locator, RedisLink? link)
    {
        _address = address;
        _locator = locator;
        _link = link;
        locator.Moved += Follow;
        _watching = WatchAsync();
    }

    /// <summary>Raised once when Redis becomes unavailable, with the first failure, and once when it answers again, with null.</summary>
    public event Action<StoreUnavailableException?>? Outage;

    /// <summary>Raised when a change is refused because memory is full: for the first one, and once a minute as long as it goes on.</summary>
    public event Action<StoreUnavailableException>? OutOfMemory;

    /// <summary>Raised when commands use another connection than before, perhaps to another server.</summary>
    public event Action? Renewed;

    /// <summary>As in <see cref="RedisKeys.PrefixOf"/>.</summary>
    public string KeyPrefix => RedisKeys.PrefixOf(_address);

    /// <summary>Host, port and database.</summary>
    public string Description => _address.ToString();

    /// <summary>Returns within a few seconds: connected, or, when the server does not answer, still trying.</summary>
    /// <param name="address">Credentials and database.</param>
    /// <param name="locator">Finds the primary; null: it is at the address.</param>
    /// <exception cref="StoreRefusedException">The settings are wrong.</exception>
    public static async Task<RedisConnection> OpenAsync(RedisAddress address, IRedisLocator? locator = null)
    {
        locator ??= new FixedLocator(address.Endpoint);
        if (await TryLocateAsync(locator) is not { } endpoint)
        {
            return new RedisConnection(address, locator, null);
        }

        await RedisProbe.CheckAsync(address, endpoint);
        return new RedisConnection(address, locator, await RedisLink.ConnectAsync(address, endpoint));
    }

    /// <summary>Sends a command to Redis and waits for its answer.</summary>
    /// <param name="command">One command, or one script.</param>
    /// <exception cref="StoreUnavailableException">No answer in time, or Redis cannot now. The command may or may not have been carried out.</exception>
    /// <exception cref="InvalidDataException">A key holds a value that neither this broker nor the old API wrote.</exception>
    public async Task<T> AskAsync<T>(Func<IDatabaseAsync, Task<T>> command)
    {
        var link = Volatile.Read(ref _link);
        try
        {
            var answer = await (link ?? throw new StoreUnavailableException("its address is not known")).SendAsync(command).WaitAsync(RedisDial.AnswerLimit);
            OnAnswer(link!);
            return answer;
        }
        catch (RedisServerException exception) when (IsAboutAValue(exception.Message))
        {
            OnAnswer(link!);
            throw new InvalidDataException($"a key in Redis ({_address}) holds an unexpected value: {exception.Message}", exception);
        }
        catch (RedisServerException exception) when (RespError.IsOutOfMemory(exception.Message))
        {
            OnAnswer(link!);
            throw OnRefusal(exception);
        }
        catch (Exception exception) when (IsOutage(exception))
        {
            throw OnFailure(exception, link);
        }
    }

    /// <summary>Runs a script: all of it, or, when its first command fails, nothing.</summary>
    /// <inheritdoc cref="AskAsync"/>
    public Task<RedisResult> RunAsync(string script, RedisKey[] keys, params RedisValue[] values) => AskAsync(async redis =>
    {
        try
        {
            return await redis.ScriptEvaluateAsync(script, keys, values);
        }
        catch (RedisServerException exception) when (exception.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            // The library assumed that the server still has the script; nothing was done, and now the library sends it as a whole.
            return await redis.ScriptEvaluateAsync(script, keys, values);
        }
    });

    public async ValueTask DisposeAsync()
    {
        _locator.Moved -= Follow;
        await _stop.CancelAsync();
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Task renewal;
        lock (_gate)
        {
            renewal = _renewal;
        }

        await renewal.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        await (_link?.CloseAsync() ?? Task.CompletedTask);
        if (_locator is IAsyncDisposable locator)
        {
            await locator.DisposeAsync();
        }
    }

    private static async Task<RedisEndpoint?> TryLocateAsync(IRedisLocator locator)
    {
        try
        {
            return await locator.LocateAsync();
        }
        catch (StoreUnavailableException)
        {
            // The next command asks again.
            return null;
        }
    }

    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(PingInterval);
        while (await timer.WaitForNextTickAsync(_stop.Token))
        {
            try
            {
                await AskAsync(redis => redis.PingAsync());
            }
            catch (StoreUnavailableException)
            {
                // It has been reported, and the connection is being renewed if that can help.
                continue;
            }
        }
    }

    // Within a script, Redis 5 and 6 put their own text before the code.
    private static bool IsAboutAValue(string message) =>
        message.Contains("WRONGTYPE", StringComparison.Ordinal) || message.Contains("not an integer", StringComparison.Ordinal);

    // All exceptions that the library is known to throw for a server that is gone, stopping or silent, and for a link that is being replaced.
    private static bool IsOutage(Exception exception) => exception
        is StoreUnavailableException or RedisException or RedisCommandException or TimeoutException or ObjectDisposedException or OperationCanceledException;

    // Reported by the server, or by the library itself, once it has noticed.
    private static bool IsDemotion(Exception exception) =>
        exception is RedisCommandException || (exception is RedisServerException && exception.Message.Contains("READONLY", StringComparison.Ordinal));

    private void OnAnswer(RedisLink link)
    {
        if (Volatile.Read(ref _isMoved))
        {
            Renew(link);
        }

        Volatile.Write(ref _timeouts, 0);
        if (Volatile.Read(ref _isAway) == 1 && Interlocked.Exchange(ref _isAway, 0) == 1)
        {
            Outage?.Invoke(null);
        }
    }

    private StoreUnavailableException OnFailure(Exception exception, RedisLink? link)
    {
        if ((exception is TimeoutException && Interlocked.Increment(ref _timeouts) > 1) || IsDemotion(exception) || _address.Kind is RedisKind.Sentinel)
        {
            Renew(link);
        }

        var failure = new StoreUnavailableException(
            exception is TimeoutException ? $"Redis ({_address}) does not answer" : $"Redis ({_address}) cannot be used now: {exception.Message}",
            exception);
        if (Interlocked.Exchange(ref _isAway, 1) == 0)
        {
            Outage?.Invoke(failure);
        }

        return failure;
    }

    // The server is there, and so is the connection: only changes are refused.
    private StoreUnavailableException OnRefusal(Exception exception)
    {
        var refusal = RedisMemoryWatch.Refusal(_address, exception);
        var last = Volatile.Read(ref _refusedAt);
        if ((last == 0 || Stopwatch.GetElapsedTime(last) > RefusalInterval)
            && Interlocked.CompareExchange(ref _refusedAt, Stopwatch.GetTimestamp(), last) == last)
        {
            OutOfMemory?.Invoke(refusal);
        }

        return refusal;
    }

    private void Follow()
    {
        Volatile.Write(ref _isMoved, true);
        Renew(Volatile.Read(ref _link));
    }

    private void Renew(RedisLink? link)
    {
        lock (_gate)
        {
            if (_link == link && _renewal.IsCompleted && (Volatile.Read(ref _isMoved) || Stopwatch.GetElapsedTime(_renewedAt) >= RenewalInterval))
            {
                _renewedAt = Stopwatch.GetTimestamp();
                _renewal = RenewAsync(link);
            }
        }
    }

    private async Task RenewAsync(RedisLink? old)
    {
        var wasMoved = Interlocked.Exchange(ref _isMoved, false);
        if (await ConnectAsync() is not { } link)
        {
            Volatile.Write(ref _isMoved, wasMoved);
            return;
        }

        lock (_gate)
        {
            _link = link;
        }

        Renewed?.Invoke();

        // Commands that still wait on the old link fail now; their callers have given up already.
        await (old?.CloseAsync() ?? Task.CompletedTask);
    }

    // Until it is connected: the bytes of an attempt may vanish, and the library waits for them longer than a new attempt takes. Null: nobody knows the address.
    private async Task<RedisLink?> ConnectAsync()
    {
        while (await TryLocateAsync(_locator) is { } endpoint)
        {
            var link = await RedisLink.ConnectAsync(_address, endpoint);
            if (link.IsConnected)
            {
                return link;
            }

            await link.CloseAsync();
            await Task.Delay(AttemptDelay, _stop.Token);
        }

        return null;
    }
}
