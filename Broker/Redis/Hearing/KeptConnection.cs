using System.Diagnostics;
using ClawEvents.Broker.Faults;

namespace ClawEvents.Broker.Redis.Hearing;

/// <summary>A connection to a Redis that is renewed whenever it is lost, to the current address of that Redis.</summary>
/// <remarks>Thread-safe. Delays between attempts grow to a second and have a random part, so that nodes that lost Redis together do not reconnect together.</remarks>
internal sealed class KeptConnection : IAsyncDisposable
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(1);

    // A caller just after a loss waits for the new connection; later callers are refused immediately.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Func<CancellationToken, Task<RespConnection>> _open;
    private readonly Action? _lost;
    private readonly Action<StoreUnavailableException?>? _outage;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    // Replaced as a whole, by the loop only.
    private Standing _standing = new(null, new(TaskCreationOptions.RunContinuationsAsynchronously), Stopwatch.GetTimestamp(), null);
    private bool _isAway;

    /// <param name="open">Connects and prepares the connection for use.</param>
    /// <param name="lost">Called after each loss, when nothing more arrives from the old connection, and before a new one is opened.</param>
    /// <param name="outage">Called once when Redis becomes unavailable, with the first failure, and once when it is back, with null.</param>
    public KeptConnection(Func<CancellationToken, Task<RespConnection>> open, Action? lost = null, Action<StoreUnavailableException?>? outage = null)
    {
        _open = open;
        _lost = lost;
        _outage = outage;
        _running = RunAsync();
    }

    /// <summary>Null while there is none.</summary>
    public RespConnection? Current => Volatile.Read(ref _standing).Connection;

    /// <summary>Returns the connection; just after a loss, or at the start, waits for it for a moment.</summary>
    /// <exception cref="StoreUnavailableException">There is none.</exception>
    public ValueTask<RespConnection> GetAsync()
    {
        var standing = Volatile.Read(ref _standing);
        return standing.Connection is { } connection ? new(connection) : WaitAsync(standing);
    }

    /// <summary>Closes the connection, if there is one, and opens a new one to the current address of Redis.</summary>
    public void Renew(string fault) => Current?.End(fault);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async ValueTask<RespConnection> WaitAsync(Standing standing)
    {
        try
        {
            var left = Patience - Stopwatch.GetElapsedTime(standing.LostAt);
            return await standing.Arrival.Task.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        }
        catch (TimeoutException exception)
        {
            var fault = Volatile.Read(ref _standing).Fault;
            throw new StoreUnavailableException(fault?.Message ?? "Redis cannot be reached", fault ?? (Exception)exception);
        }
    }

    private async Task RunAsync()
    {
        var delay = FirstDelay;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await using var connection = await _open(_stop.Token);
                delay = FirstDelay;
                await UseUntilLostAsync(connection);
            }
            catch (Exception exception) when (exception is StoreUnavailableException or StoreRefusedException or InvalidDataException)
            {
                OnFault(exception as StoreUnavailableException ?? new StoreUnavailableException(exception.Message, exception));
            }

            await Task.Delay(delay * (0.5 + (Random.Shared.NextDouble() / 2)), _stop.Token);
            delay = 2 * delay < LongestDelay ? 2 * delay : LongestDelay;
        }
    }

    private async Task UseUntilLostAsync(RespConnection connection)
    {
        var arrival = _standing.Arrival;
        Volatile.Write(ref _standing, _standing with { Connection = connection });
        arrival.SetResult(connection);
        if (_isAway)
        {
            _isAway = false;
            _outage?.Invoke(null);
        }

        await connection.Ended.WaitAsync(_stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Volatile.Write(ref _standing, new(null, new(TaskCreationOptions.RunContinuationsAsynchronously), Stopwatch.GetTimestamp(), connection.Fault));
        if (_stop.IsCancellationRequested)
        {
            return;
        }

        _lost?.Invoke();
        OnFault(connection.Fault!);
    }

    private void OnFault(StoreUnavailableException fault)
    {
        Volatile.Write(ref _standing, _standing with { Fault = fault });
        if (!_isAway)
        {
            _isAway = true;
            _outage?.Invoke(fault);
        }
    }

    /// <param name="Connection">Null while there is none.</param>
    /// <param name="Arrival">Completed with the current connection, or the next one.</param>
    /// <param name="LostAt">Timestamp of the last loss, or of the start.</param>
    private sealed record Standing(
        RespConnection? Connection, TaskCompletionSource<RespConnection> Arrival, long LostAt, StoreUnavailableException? Fault);
}
