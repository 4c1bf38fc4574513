namespace ClawEvents.Broker.Redis;

/// <summary>Who knows where a Redis's primary is.</summary>
internal static class RedisLocators
{
    /// <param name="address">No cluster: that has several.</param>
    /// <param name="logger">Is told when the primary moves.</param>
    public static IRedisLocator Of(RedisAddress address, ILogger logger) =>
        address.Kind is RedisKind.Sentinel ? new SentinelLocator(address, logger) : new FixedLocator(address.Endpoint);
}
