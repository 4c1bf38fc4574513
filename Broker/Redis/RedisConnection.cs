using System.Diagnostics;
using ClawEvents.Broker.Faults;
using StackExchange.Redis;

namespace ClawEvents.Broker.Redis;

/// <summary>The connection for commands to a Redis, a server or a cluster: every command ends in time, and every failure is one of two exceptions.</summary>
/// <remarks>
/// Thread-safe. The library reconnects by itself when the server closes the connection. When the server falls silent without closing (a machine
/// without power), TCP would wait for a quarter of an hour; so a connection without any answer for some seconds is replaced, also one on which nobody
/// asks: a ping each second finds it. So is one to a primary that has become a replica: its name may lead to the new one by now.
/// </remarks>
internal sealed class RedisConnection : IAsyncDisposable
{
    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AbsentPingInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan RefusalInterval = TimeSpan.FromMinutes(1);

    // A command just after a loss waits for the new connection; later ones are refused immediately.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(20);

    private readonly RedisAddress _address;
    private readonly RedisLinks _links;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watching;
    private long _refusedAt;
    private int _timeouts;
    private Absence? _absence;

    private RedisConnection(RedisAddress address, IRedisLocator locator, string keyPrefix)
    {
        _address = address;
        _links = new RedisLinks(address, locator, keyPrefix, OnAbsence);
        KeyPrefix = keyPrefix;
        _watching = WatchAsync();
    }

    /// <summary>Raised once when Redis becomes unavailable, with the first failure, and once when it answers again, with null.</summary>
    public event Action<StoreUnavailableException?>? Outage;

    /// <summary>Raised with the time that each answer took, also those to pings. Handlers do not wait.</summary>
    public event Action<TimeSpan>? Answered;

    /// <summary>Raised when a change is refused because memory is full. Handlers do not wait.</summary>
    public event Action? Refused;

    /// <summary>Raised when a change is refused because memory is full: for the first one, and once a minute as long as it goes on.</summary>
    public event Action<StoreUnavailableException>? OutOfMemory;

    /// <summary>Raised when the server says that it is no longer the primary. Handlers do not wait.</summary>
    public event Action<string>? Demoted;

    /// <summary>Raised when commands use another connection than before, perhaps to another server, and for the first one after <see cref="Start"/>.</summary>
    public event Action? Renewed
    {
        add => _links.Renewed += value;
        remove => _links.Renewed -= value;
    }

    /// <summary>Put before each key.</summary>
    public string KeyPrefix { get; }

    /// <inheritdoc cref="RedisAddress.AnswerLimit"/>
    public TimeSpan AnswerLimit => _address.AnswerLimit;

    /// <summary>Host, port and database.</summary>
    public string Description => _address.ToString();

    /// <summary>Returns within a few seconds: connected, or, when the server does not answer, still trying.</summary>
    /// <param name="address">Credentials and database.</param>
    /// <param name="locator">Finds the primary; null: it is at the address. Owned by the connection.</param>
    /// <param name="keyPrefix">Put before each key.</param>
    /// <exception cref="StoreRefusedException">The settings are wrong.</exception>
    public static async Task<RedisConnection> OpenAsync(RedisAddress address, IRedisLocator? locator = null, string keyPrefix = "")
    {
        var connection = new RedisConnection(address, locator ?? new FixedLocator(address.Endpoint), keyPrefix);
        try
        {
            await connection._links.OpenAsync();
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Connects in the background, as often as it takes, also when the settings are wrong: an operator may correct them in Redis.</summary>
    /// <inheritdoc cref="OpenAsync"/>
    public static RedisConnection Start(RedisAddress address, IRedisLocator locator)
    {
        var connection = new RedisConnection(address, locator, address.KeyPrefix);
        connection._links.Start();
        return connection;
    }

    /// <summary>Sends a command to Redis and waits for its answer.</summary>
    /// <param name="command">One command, or one script.</param>
    /// <exception cref="StoreUnavailableException">No answer in time, or Redis cannot now. The command may or may not have been carried out.</exception>
    /// <exception cref="InvalidDataException">A key holds a value that neither this broker nor the old API wrote.</exception>
    public Task<T> AskAsync<T>(Func<IDatabaseAsync, Task<T>> command) =>
        AskLinkAsync(command, static (link, command) => command(link.Database));

    /// <inheritdoc cref="AskAsync{T}(Func{IDatabaseAsync, Task{T}})"/>
    public Task<RedisResult> AskAsync(RedisCall command) => AskLinkAsync(command, static (link, command) => command.SendAsync(link.Database));

    /// <summary>Runs a script: all of it, or, when its first command fails, nothing.</summary>
    /// <inheritdoc cref="AskAsync{T}(Func{IDatabaseAsync, Task{T}})"/>
    public Task<RedisResult> RunAsync(RedisScript script, RedisKey[] keys, params RedisValue[] values) =>
        AskAsync(RedisCall.Of(script, keys, values));

    /// <summary>Sends a command to the server of a cluster that has its key, and does not wait while the key is moved.</summary>
    /// <param name="flags">Whether redirections are followed.</param>
    /// <returns>The answer, or what prevented it: then nothing was done.</returns>
    /// <inheritdoc cref="AskAsync{T}(Func{IDatabaseAsync, Task{T}})"/>
    public Task<(RedisResult? Answer, Exception? Move)> TryAskAsync(RedisCall command, CommandFlags flags) =>
        AskLinkAsync((command, flags), static (link, asked) => TryAsync(link.Database, asked.command, asked.flags));

    /// <summary>Asks one server itself.</summary>
    /// <param name="endpoint">One of a cluster; null: the only one.</param>
    /// <inheritdoc cref="AskAsync{T}(Func{IDatabaseAsync, Task{T}})"/>
    public Task<T> AskServerAsync<T>(RedisEndpoint? endpoint, Func<IServer, Task<T>> question) =>
        AskLinkAsync((endpoint, question), static (link, asked) => asked.question(link.Server(asked.endpoint)));

    /// <summary>Asks one of the servers that are connected; another one each time.</summary>
    /// <inheritdoc cref="AskAsync{T}(Func{IDatabaseAsync, Task{T}})"/>
    public Task<T> AskAnyAsync<T>(Func<IServer, Task<T>> question) =>
        AskLinkAsync(question, static (link, question) => question(link.AnyServer()));

    /// <summary>Returns the fault, for the operator; null when the server answers. Takes little more than <see cref="AnswerLimit"/>.</summary>
    /// <param name="endpoint">One of a cluster; null: the only one.</param>
    public async Task<string?> FindFaultAsync(RedisEndpoint? endpoint)
    {
        try
        {
            await AskServerAsync(endpoint, server => server.PingAsync());
            return null;
        }
        catch (Exception exception) when (exception is StoreUnavailableException or InvalidDataException)
        {
            return exception.Message;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _links.DisposeAsync();
        _stop.Dispose();
    }

    private static async Task<(RedisResult? Answer, Exception? Move)> TryAsync(IDatabaseAsync database, RedisCall command, CommandFlags flags)
    {
        try
        {
            return (await command.SendAsync(database, flags), null);
        }
        catch (RedisException exception) when (RedisErrors.IsMove(exception))
        {
            return (null, exception);
        }
    }

    // Hot path: a publication asks with a state and a function that needs no other.
    private async Task<T> AskLinkAsync<TState, T>(TState state, Func<RedisLink, TState, Task<T>> question, bool isProbe = false)
    {
        if (!isProbe)
        {
            ThrowIfAbsent();
        }

        while (true)
        {
            var link = _links.Current;
            try
            {
                link ??= await _links.GetAsync();
                T answer;
                var start = Stopwatch.GetTimestamp();
                using (link.Count())
                {
                    answer = await question(link, state);
                }

                OnAnswer(link);
                Answered?.Invoke(Stopwatch.GetElapsedTime(start));
                return answer;
            }
            catch (RedisConnectionException exception) when (RedisErrors.IsUnsent(exception) && IsJustLost(exception))
            {
                await Task.Delay(RetryDelay);
            }
            catch (RedisServerException exception) when (RedisErrors.IsAboutAValue(exception))
            {
                OnAnswer(link!);
                throw new InvalidDataException($"a key in Redis ({_address}) holds an unexpected value: {exception.Message}", exception);
            }
            catch (RedisServerException exception) when (RedisErrors.IsOutOfMemory(exception))
            {
                OnAnswer(link!);
                throw OnRefusal(exception);
            }
            catch (Exception exception) when (RedisErrors.IsOutage(exception))
            {
                throw OnFailure(exception, link);
            }
        }
    }

    // A command that was not sent, because the connection was just lost, is tried again for a moment.
    private bool IsJustLost(Exception exception)
    {
        if (Volatile.Read(ref _absence) is { } absence)
        {
            return absence.IsRecent;
        }

        OnAbsence(Unavailable(exception));
        return true;
    }

    // In a cluster one server may be away while the others answer.
    private void ThrowIfAbsent()
    {
        if (Volatile.Read(ref _absence) is { } absence && _address.Kind is not RedisKind.Cluster && !absence.IsRecent)
        {
            throw new StoreUnavailableException(absence.Fault.Message, absence.Fault);
        }
    }

    private async Task WatchAsync()
    {
        await _links.First.WaitAsync(_stop.Token);
        while (true)
        {
            await Task.Delay(Volatile.Read(ref _absence) is null ? PingInterval : AbsentPingInterval, _stop.Token);
            try
            {
                await AskLinkAsync(0, static (link, _) => link.Database.PingAsync(), isProbe: true).WaitAsync(_stop.Token);
            }
            catch (StoreUnavailableException)
            {
                // It has been reported, and the connection is being renewed if that can help.
                continue;
            }
        }
    }

    private void OnAnswer(RedisLink link)
    {
        _links.RenewIfMoved(link);
        Volatile.Write(ref _timeouts, 0);
        if (Volatile.Read(ref _absence) is not null && Interlocked.Exchange(ref _absence, null) is not null)
        {
            Outage?.Invoke(null);
        }
    }

    private StoreUnavailableException OnFailure(Exception exception, RedisLink? link)
    {
        var isDemotion = RedisErrors.IsDemotion(exception);
        if ((exception is TimeoutException && Interlocked.Increment(ref _timeouts) > 1) || isDemotion || _address.Kind is RedisKind.Sentinel)
        {
            _links.Renew(link);
        }

        var failure = link is null && Volatile.Read(ref _absence) is { } absence ? new(absence.Fault.Message, absence.Fault) : Unavailable(exception);
        if (isDemotion)
        {
            Demoted?.Invoke(failure.Message);
        }

        // One that has been replaced says nothing about Redis.
        if (link == _links.Current)
        {
            OnAbsence(failure);
        }

        return failure;
    }

    private StoreUnavailableException Unavailable(Exception exception) => new(
        exception is TimeoutException ? $"Redis ({_address}) does not answer" : $"Redis ({_address}) cannot be used now: {exception.Message}",
        exception);

    private void OnAbsence(StoreUnavailableException fault)
    {
        if (Interlocked.CompareExchange(ref _absence, new(fault, Stopwatch.GetTimestamp()), null) is not { } known)
        {
            Outage?.Invoke(fault);
        }
        else if (fault.Message != known.Fault.Message)
        {
            Interlocked.CompareExchange(ref _absence, known with { Fault = fault }, known);
        }
    }

    // The server is there, and so is the connection: only changes are refused.
    private StoreUnavailableException OnRefusal(Exception exception)
    {
        var refusal = RedisMemoryWatch.Refusal(_address, exception);
        Refused?.Invoke();
        var last = Volatile.Read(ref _refusedAt);
        if ((last == 0 || Stopwatch.GetElapsedTime(last) > RefusalInterval)
            && Interlocked.CompareExchange(ref _refusedAt, Stopwatch.GetTimestamp(), last) == last)
        {
            OutOfMemory?.Invoke(refusal);
        }

        return refusal;
    }

    /// <param name="Fault">The last failure.</param>
    /// <param name="Since">Timestamp of the system.</param>
    private sealed record Absence(StoreUnavailableException Fault, long Since)
    {
        public bool IsRecent => Stopwatch.GetElapsedTime(Since) < Patience;
    }
}
