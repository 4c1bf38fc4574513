namespace ClawEvents.Broker.Redis;

/// <summary>Makes the locator for an address.</summary>
internal static class RedisLocators
{
    /// <param name="address">Not a cluster, which has several primaries.</param>
    public static IRedisLocator Of(RedisAddress address, ILogger logger) =>
        address.Kind is RedisKind.Sentinel ? new SentinelLocator(address, logger) : new FixedLocator(address.Endpoint);
}
