using System.Collections.Immutable;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Cluster.Engine;
using ClawEvents.Broker.Redis;

namespace ClawEvents.Broker.Cluster;

/// <summary>The primary at which each slot of a cluster is heard, as far as it is known.</summary>
/// <param name="Slots">The primary of each slot.</param>
/// <param name="Shards">All primaries.</param>
internal sealed record ClusterMap(ImmutableArray<RedisShard> Slots, ImmutableDictionary<RedisEndpoint, RedisShard> Shards)
{
    /// <summary>One server counts as the primary of all, until it has told who they are.</summary>
    public static ClusterMap Of(RedisEndpoint endpoint, RedisShard shard) =>
        new([.. Enumerable.Repeat(shard, ChannelHash.Slots)], ImmutableDictionary<RedisEndpoint, RedisShard>.Empty.Add(endpoint, shard));

    public RedisShard Of(ChannelName channel) => Slots[ChannelKeys.SlotOf(channel)];

    /// <summary>The map according to a server. A slot without a primary stays at its old one.</summary>
    /// <param name="make">Makes the shard of a new primary.</param>
    public ClusterMap With(IEnumerable<ClusterSlots> ranges, Func<RedisEndpoint, RedisShard> make)
    {
        var known = Shards.ToBuilder();
        var slots = Slots.ToArray();
        foreach (var (first, last, primary) in ranges)
        {
            if (!known.TryGetValue(primary, out var shard))
            {
                known.Add(primary, shard = make(primary));
            }

            Array.Fill(slots, shard, first, last - first + 1);
        }

        var present = slots.ToHashSet();
        return new([.. slots], known.ToImmutable().RemoveRange(known.Where(shard => !present.Contains(shard.Value)).Select(shard => shard.Key)));
    }
}

/// <summary>A range of slots and the primary that has it.</summary>
internal readonly record struct ClusterSlots(int First, int Last, RedisEndpoint Primary);
