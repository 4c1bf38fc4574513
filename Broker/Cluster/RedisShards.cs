using System.Collections.Immutable;
using ClawEvents.Broker.Cluster.Bus;
using ClawEvents.Broker.Redis;

namespace ClawEvents.Broker.Cluster;

/// <summary>Makes the shards of the settings.</summary>
internal static class RedisShards
{
    public static IRedisShards Make(
        RedisBusSettings settings, BusSubscriptions subscriptions, BusWorkers workers, RedisChangeFeed feed, RedisOutages outages, ILogger logger)
    {
        if (settings.Addresses is [{ Kind: RedisKind.Cluster } cluster])
        {
            var connection = Connect(cluster, new FixedLocator(cluster.Endpoint));
            return new ClusterShards(
                cluster,
                connection,
                (server, ask) => new(cluster, new FixedLocator(server), connection, server, subscriptions, workers, ask, settings.TrackedPrefixes, outages, logger),
                subscriptions.Reroute,
                feed,
                logger);
        }

        // The first server has the store.
        var shards = settings.Addresses.Select((address, i) => Make(address, i == 0 ? settings.TrackedPrefixes : [])).ToImmutableArray();
        feed.Follow([shards[0].Listener]);
        return new FixedShards(shards);

        RedisConnection Connect(RedisAddress address, IRedisLocator locator)
        {
            var connection = RedisConnection.Start(address, locator);
            outages.Watch(address, connection);
            return connection;
        }

        RedisShard Make(RedisAddress address, IReadOnlyList<string> trackedPrefixes)
        {
            var locator = RedisLocators.Of(address, logger);
            var connection = Connect(address, locator);
            return new(address, locator, connection, server: null, subscriptions, workers, ask: null, trackedPrefixes, outages, logger);
        }
    }
}
