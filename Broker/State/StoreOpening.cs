using ClawEvents.Broker.Redis;
using ClawEvents.Broker.State.Embedded;
using ClawEvents.Broker.State.Redis;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClawEvents.Broker.State;

/// <summary>A store that is opened while the rest of the broker is built, so that it does not delay the start.</summary>
internal sealed class StoreOpening
{
    private readonly Task<StateFile>? _file;
    private readonly RedisAddress? _address;
    private readonly Task<RedisConnection>? _redis;

    /// <summary>Starts opening and does not wait.</summary>
    public StoreOpening(StateOptions options)
    {
        if (options.Redis is [var address, ..])
        {
            _address = address;

            // The bus asks the same Sentinels and logs it when the primary moves.
            _redis = Task.Run(() => RedisConnection.OpenAsync(address, RedisLocators.Of(address, NullLogger.Instance), RedisKeys.PrefixOf(address)));
        }
        else
        {
            _file = Task.Run(() => StateFile.Open(options.DataFolder));
        }
    }

    /// <summary>Waits until the store is open. An unavailable Redis is not a fault: it may start later.</summary>
    /// <exception cref="IOException">The data folder or the file in it cannot be used.</exception>
    /// <exception cref="UnauthorizedAccessException">The data folder or a file in it belongs to somebody else.</exception>
    /// <exception cref="Faults.StoreRefusedException">Redis answers and refuses.</exception>
    public IStateStore Finish(IServiceProvider services)
    {
        var time = services.GetRequiredService<TimeProvider>();
        return _redis is null
            ? new SqliteStateStore(_file!.GetAwaiter().GetResult(), time, services.GetRequiredService<ILogger<SqliteStateStore>>())
            : new RedisStateStore(Connect(services), services.GetRequiredService<IChangeFeed>(), time, services.GetRequiredService<ILogger<RedisStateStore>>());
    }

    private RedisConnection Connect(IServiceProvider services)
    {
        var redis = _redis!.GetAwaiter().GetResult();
        services.GetRequiredService<RedisOutages>().Watch(_address!, redis);
        return redis;
    }
}
