using ClawEvents.Broker.Redis;
using ClawEvents.Broker.State;
using ClawEvents.Broker.State.Redis;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>An empty database of the tests' common redis-server, for one test.</summary>
internal sealed class RedisDatabase : IAsyncDisposable
{
    private RedisDatabase(ConnectionMultiplexer connection, int number)
    {
        Number = number;
        Keys = connection.GetDatabase(number);
    }

    public int Number { get; }

    /// <summary>Keys, for changes by the old API or an operator.</summary>
    public IDatabase Keys { get; }

    public string Url => SharedRedis.Server.Url(Number);

    public RedisAddress Address => SharedRedis.Server.Address(Number);

    public static RedisDatabase Take() => new(SharedRedis.Connection, SharedRedis.NextDatabase());

    /// <summary>A node's store on this database; to be closed before it.</summary>
    /// <param name="time">The system's, if null.</param>
    /// <param name="feed">Null: the store gets no changes, and asks Redis each time.</param>
    public async Task<RedisStateStore> OpenStoreAsync(TimeProvider? time = null, IChangeFeed? feed = null)
    {
        var connection = await RedisConnection.OpenAsync(SharedRedis.Server.Address(Number));
        return new RedisStateStore(connection, feed ?? NoChangeFeed.Instance, time ?? TimeProvider.System, NullLogger<RedisStateStore>.Instance);
    }

    /// <summary>The names of all keys, in ordinal order, but for those that the system timers of a broker make each second.</summary>
    public async Task<string[]> ListAsync() =>
        [.. ((string[])(await Keys.ExecuteAsync("KEYS", "*"))!).Where(key => !IsOfTimers(key)).Order(StringComparer.Ordinal)];

    private static bool IsOfTimers(string key) =>
        key == "clawevents:timer-second" || (key.StartsWith("clawevents:once:", StringComparison.Ordinal) && key.Contains("{channel:system.timer.", StringComparison.Ordinal));

    public async ValueTask DisposeAsync() => await Keys.ExecuteAsync("FLUSHDB");
}
