namespace ClawEvents.Broker.Redis;

/// <summary>Finds the server that is the primary of a Redis now.</summary>
internal interface IRedisLocator
{
    /// <summary>Raised when the primary has moved: connections to the old server are useless. Called on any thread; handlers do not wait.</summary>
    event Action? Moved;

    /// <exception cref="Faults.StoreUnavailableException">The primary is not known now.</exception>
    ValueTask<RedisEndpoint> LocateAsync(CancellationToken cancellation = default);
}

/// <summary>A server with a fixed address.</summary>
internal sealed class FixedLocator(RedisEndpoint endpoint) : IRedisLocator
{
    public event Action? Moved
    {
        add { }
        remove { }
    }

    public ValueTask<RedisEndpoint> LocateAsync(CancellationToken cancellation = default) => new(endpoint);
}

/// <summary>Makes the locator for an address.</summary>
internal static class RedisLocators
{
    /// <param name="address">Not a cluster, which has several primaries.</param>
    public static IRedisLocator Of(RedisAddress address, ILogger logger) =>
        address.Kind is RedisKind.Sentinel ? new RedisSentinels(address, logger) : new FixedLocator(address.Endpoint);
}
