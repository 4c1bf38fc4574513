using ClawEvents.Broker.Redis;
using StackExchange.Redis;
using StackExchange.Redis.KeyspaceIsolation;

namespace ClawEvents.Broker.State.Redis;

/// <summary>One connection of the client library, with the number of questions that wait for an answer on it.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class RedisLink
{
    // Bounds the commands in memory while Redis is silent. An answer takes a tenth of a millisecond, so the limit is not reached otherwise.
    private const int MaxUnanswered = 8_192;

    // How long a connection may send nothing. The library also takes it as the time limit of a handshake whose bytes are lost: its own 60 s would keep
    // the store away for a minute after a partition.
    private const int KeepAliveSeconds = 2;

    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan ReconnectDelay = TimeSpan.FromMilliseconds(500);

    private readonly ConnectionMultiplexer _multiplexer;
    private readonly IDatabase _database;
    private int _unanswered;

    private RedisLink(ConnectionMultiplexer multiplexer, RedisAddress address)
    {
        _multiplexer = multiplexer;
        _database = multiplexer.GetDatabase(address.Database);
        if (RedisKeys.PrefixOf(address) is { Length: > 0 } prefix)
        {
            _database = _database.WithKeyPrefix(prefix);
        }
    }

    /// <summary>Returns within a few seconds: connected, or, when the server does not answer, still trying.</summary>
    /// <param name="endpoint">The primary. For Redis Cluster any of its servers: the library finds the others by itself.</param>
    public static async Task<RedisLink> ConnectAsync(RedisAddress address, RedisEndpoint endpoint)
    {
        var options = new ConfigurationOptions
        {
            ClientName = "clawevents-broker",
            Password = address.Password,
            Ssl = address.UsesTls,
            SslHost = address.UsesTls && address.Kind is not RedisKind.Cluster ? endpoint.Host : null,
            AbortOnConnectFail = false,
            ConnectTimeout = (int)ConnectLimit.TotalMilliseconds,
            ConnectRetry = 1,
            KeepAlive = KeepAliveSeconds,

            // The library's own delays are longer, and grow.
            ReconnectRetryPolicy = new LinearRetry((int)ReconnectDelay.TotalMilliseconds),
            DefaultDatabase = address.Database,

            // Features for several servers, which would add keys and a second connection.
            TieBreaker = "",
            ConfigurationChannel = "",
            CommandMap = CommandMap.Create(["SUBSCRIBE"], available: false),
        };
        foreach (var (host, port) in address.Kind is RedisKind.Cluster ? address.Endpoints : [endpoint])
        {
            options.EndPoints.Add(host, port);
        }

        return new RedisLink(await ConnectionMultiplexer.ConnectAsync(options), address);
    }

    /// <summary>Whether a server has answered and signed the node in.</summary>
    public bool IsConnected => _multiplexer.IsConnected;

    /// <remarks>Continues when the caller has given up, so that a command is counted as long as it waits.</remarks>
    /// <exception cref="TimeoutException">Too many commands wait already.</exception>
    public async Task<T> SendAsync<T>(Func<IDatabaseAsync, Task<T>> command)
    {
        try
        {
            if (Interlocked.Increment(ref _unanswered) > MaxUnanswered)
            {
                throw new TimeoutException();
            }

            // The library completes its tasks one after another; a continuation that ran here would delay the answers of others.
            return await command(_database).ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        }
        finally
        {
            Interlocked.Decrement(ref _unanswered);
        }
    }

    /// <summary>Closes it immediately: commands that still wait fail, or are forgotten.</summary>
    public async Task CloseAsync()
    {
        await _multiplexer.CloseAsync(allowCommandsToComplete: false);
        _multiplexer.Dispose();
    }
}
