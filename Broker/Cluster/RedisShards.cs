using System.Collections.Immutable;
using ClawEvents.Broker.Cluster.Bus;
using ClawEvents.Broker.Redis;

namespace ClawEvents.Broker.Cluster;

/// <summary>Makes the shards of the settings.</summary>
internal static class RedisShards
{
    public static IRedisShards Make(
        RedisBusSettings settings, BusSubscriptions subscriptions, BusWorkers workers, RedisChangeFeed feed, ILogger logger)
    {
        if (settings.Addresses is [{ Kind: RedisKind.Cluster } cluster])
        {
            return new ClusterShards(
                cluster,
                (locator, ask) => new(cluster, locator, subscriptions, workers, ask, settings.TrackedPrefixes, logger),
                subscriptions.Reroute,
                feed,
                logger);
        }

        // The first server has the store.
        var shards = settings.Addresses
            .Select((address, i) => new RedisShard(
                address, RedisLocators.Of(address, logger), subscriptions, workers, ask: null, i == 0 ? settings.TrackedPrefixes : [], logger))
            .ToImmutableArray();
        feed.Follow([shards[0].Listener]);
        return new FixedShards(shards);
    }
}
