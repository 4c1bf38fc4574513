using StackExchange.Redis;
using StackExchange.Redis.KeyspaceIsolation;

namespace ClawEvents.Broker.Redis;

/// <summary>One multiplexer of the client library, with the number of questions that wait for an answer on it.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class RedisLink
{
    // Bounds the commands in memory while Redis is silent. An answer takes a tenth of a millisecond, so the limit is not reached otherwise.
    private const int MaxUnanswered = 65_536;

    private readonly ConnectionMultiplexer _multiplexer;
    private int _unanswered;

    private RedisLink(ConnectionMultiplexer multiplexer, RedisAddress address, string keyPrefix)
    {
        _multiplexer = multiplexer;
        Database = multiplexer.GetDatabase(address.Database);
        if (keyPrefix.Length > 0)
        {
            Database = Database.WithKeyPrefix(keyPrefix);
        }
    }

    /// <summary>Returns within a few seconds: connected, or, when the server does not answer, still trying.</summary>
    /// <param name="endpoint">The primary. For Redis Cluster any of its servers: the library finds the others by itself.</param>
    /// <param name="keyPrefix">Put before each key.</param>
    public static async Task<RedisLink> ConnectAsync(RedisAddress address, RedisEndpoint endpoint, string keyPrefix) =>
        new(await ConnectionMultiplexer.ConnectAsync(RedisOptions.Of(address, endpoint)), address, keyPrefix);

    /// <summary>Answers within <see cref="RedisAddress.AnswerLimit"/>, or fails. Continuations run on the pool.</summary>
    public IDatabase Database { get; }

    /// <summary>Whether a server has answered and signed the node in.</summary>
    public bool IsConnected => _multiplexer.IsConnected;

    /// <summary>One of the servers that are connected; another one each time.</summary>
    /// <exception cref="RedisException">None is.</exception>
    public IServer AnyServer() => Array.FindAll(_multiplexer.GetServers(), server => server.IsConnected) is { Length: > 0 } connected
        ? connected[Random.Shared.Next(connected.Length)]
        : throw new RedisException("no server is connected");

    /// <param name="endpoint">Null: the only one.</param>
    /// <exception cref="RedisException">It is not known.</exception>
    public IServer Server(RedisEndpoint? endpoint) => Array.Find(_multiplexer.GetServers(), server => endpoint is null || RedisEndpoint.Of(server.EndPoint) == endpoint)
        ?? throw new RedisException($"{endpoint} is not a server of this Redis");

    /// <summary>Counts a command until the result is disposed of.</summary>
    /// <exception cref="TimeoutException">Too many commands wait already.</exception>
    public Counted Count()
    {
        if (Interlocked.Increment(ref _unanswered) > MaxUnanswered)
        {
            Interlocked.Decrement(ref _unanswered);
            throw new TimeoutException();
        }

        return new(this);
    }

    /// <summary>Closes it immediately: commands that still wait fail, or are forgotten.</summary>
    public async Task CloseAsync()
    {
        await _multiplexer.CloseAsync(allowCommandsToComplete: false);
        _multiplexer.Dispose();
    }

    /// <summary>A command that waits for its answer.</summary>
    public readonly struct Counted(RedisLink link) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref link._unanswered);
    }
}
