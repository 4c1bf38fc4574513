using System.Collections.Immutable;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Cluster;

/// <summary>Makes the shards that the settings say.</summary>
internal static class RedisShards
{
    public static IRedisShards Make(
        RedisBusSettings settings, BusSubscriptions subscriptions, BusWorkers workers, RedisChangeFeed feed, ILogger logger)
    {
        if (settings.Addresses is [{ Kind: RedisKind.Cluster } cluster])
        {
            return new ClusterShards(cluster, MakeShard, feed, logger);
        }

        // The store is on the first.
        var shards = settings.Addresses
            .Select((address, i) => MakeShard(address, RedisLocators.Of(address, logger), i == 0 ? settings.TrackedPrefixes : []))
            .ToImmutableArray();
        feed.Follow([shards[0].Listener]);
        return new FixedShards(shards);

        RedisShard MakeShard(RedisAddress address, IRedisLocator locator, IReadOnlyList<string>? tracked) =>
            new(address, locator, subscriptions, workers, tracked ?? settings.TrackedPrefixes, logger);
    }
}
