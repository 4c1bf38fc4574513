namespace ClawEvents.Broker.Redis;

/// <summary>Finds the server that is a Redis's primary now.</summary>
internal interface IRedisLocator
{
    /// <summary>Raised when it has moved: connections to where it was are worth nothing any more. Called on any thread; handlers do not wait.</summary>
    event Action? Moved;

    /// <exception cref="StoreUnavailableException">Nobody knows now.</exception>
    ValueTask<RedisEndpoint> LocateAsync(CancellationToken cancellation = default);
}

/// <summary>A server that is always at one place.</summary>
internal sealed class FixedLocator(RedisEndpoint endpoint) : IRedisLocator
{
    public event Action? Moved
    {
        add { }
        remove { }
    }

    public ValueTask<RedisEndpoint> LocateAsync(CancellationToken cancellation = default) => new(endpoint);
}
