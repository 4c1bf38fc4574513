using StackExchange.Redis;

namespace ClawEvents.Broker.State;

/// <summary>One connection of the client library, with the number of questions that wait for an answer on it.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class RedisLink
{
    // What waits in memory while Redis is silent. An answer takes a tenth of a millisecond: nobody comes near it otherwise.
    private const int MaxUnanswered = 8_192;

    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(1.5);

    private readonly ConnectionMultiplexer _multiplexer;
    private readonly int _database;
    private int _unanswered;

    private RedisLink(ConnectionMultiplexer multiplexer, int database)
    {
        _multiplexer = multiplexer;
        _database = database;
    }

    /// <summary>Connects, or, when nobody answers, goes on trying; either way within a few seconds.</summary>
    public static async Task<RedisLink> ConnectAsync(RedisAddress address)
    {
        var options = new ConfigurationOptions
        {
            ClientName = "clawevents-broker",
            Password = address.Password,
            Ssl = address.UsesTls,
            SslHost = address.UsesTls ? address.Host : null,
            AbortOnConnectFail = false,
            ConnectTimeout = (int)ConnectLimit.TotalMilliseconds,
            ConnectRetry = 1,
            DefaultDatabase = address.Database,

            // Features for several servers at once, which would add keys and a second connection.
            TieBreaker = "",
            ConfigurationChannel = "",
            CommandMap = CommandMap.Create(["SUBSCRIBE"], available: false),
        };
        options.EndPoints.Add(address.Host, address.Port);
        return new RedisLink(await ConnectionMultiplexer.ConnectAsync(options), address.Database);
    }

    /// <remarks>Goes on when the caller has given up, so that what waits is counted as long as it does.</remarks>
    /// <exception cref="TimeoutException">Too much waits already.</exception>
    public async Task<T> SendAsync<T>(Func<IDatabaseAsync, Task<T>> command)
    {
        try
        {
            if (Interlocked.Increment(ref _unanswered) > MaxUnanswered)
            {
                throw new TimeoutException();
            }

            // The library completes its tasks one after another; what follows here would hold up the others' answers.
            return await command(_multiplexer.GetDatabase(_database)).ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        }
        finally
        {
            Interlocked.Decrement(ref _unanswered);
        }
    }

    /// <summary>Ends it at once: what still waits fails, or is forgotten.</summary>
    public async Task CloseAsync()
    {
        await _multiplexer.CloseAsync(allowCommandsToComplete: false);
        _multiplexer.Dispose();
    }
}
