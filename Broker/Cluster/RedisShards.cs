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
            var connection = RedisConnection.Start(cluster, new FixedLocator(cluster.Endpoint));
            return new ClusterShards(
                cluster,
                connection,
                (server, ask) => new(cluster, new FixedLocator(server), connection, server, subscriptions, workers, ask, settings.TrackedPrefixes, logger),
                subscriptions.Reroute,
                feed,
                logger);
        }

        // The first server has the store.
        var shards = settings.Addresses.Select((address, i) => Make(address, i == 0 ? settings.TrackedPrefixes : [])).ToImmutableArray();
        feed.Follow([shards[0].Listener]);
        return new FixedShards(shards);

        RedisShard Make(RedisAddress address, IReadOnlyList<string> trackedPrefixes)
        {
            var locator = RedisLocators.Of(address, logger);
            var connection = RedisConnection.Start(address, locator);
            return new(address, locator, connection, server: null, subscriptions, workers, ask: null, trackedPrefixes, logger);
        }
    }
}
