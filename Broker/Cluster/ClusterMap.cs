using System.Collections.Immutable;
using System.Globalization;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Cluster.Engine;
using ClawEvents.Broker.Redis;

namespace ClawEvents.Broker.Cluster;

/// <summary>Which primary of a cluster has which slot, as far as is known.</summary>
/// <param name="Slots">Who has each slot.</param>
/// <param name="Shards">All of them.</param>
internal sealed record ClusterMap(ImmutableArray<RedisShard> Slots, ImmutableDictionary<RedisEndpoint, RedisShard> Shards)
{
    /// <summary>One is asked for everything: it says where else to go.</summary>
    public static ClusterMap Of(RedisEndpoint endpoint, RedisShard shard) =>
        new([.. Enumerable.Repeat(shard, ChannelHash.Slots)], ImmutableDictionary<RedisEndpoint, RedisShard>.Empty.Add(endpoint, shard));

    public RedisShard Of(ChannelName channel) => Slots[ChannelKeys.SlotOf(channel)];

    /// <summary>The map that a server tells. A slot that nobody has stays where it was, if that one is still there.</summary>
    /// <param name="ranges">At least one.</param>
    /// <param name="make">Makes the connections to a primary that is new.</param>
    public ClusterMap With(IReadOnlyList<ClusterSlots> ranges, Func<RedisEndpoint, RedisShard> make)
    {
        var shards = ranges.Select(range => range.Primary).Distinct()
            .ToImmutableDictionary(primary => primary, primary => Shards.TryGetValue(primary, out var known) ? known : make(primary));
        var present = shards.Values.ToHashSet();
        var slots = Slots.Select(shard => present.Contains(shard) ? shard : shards[ranges[0].Primary]).ToArray();
        foreach (var range in ranges)
        {
            Array.Fill(slots, shards[range.Primary], range.First, range.Last - range.First + 1);
        }

        return new([.. slots], shards);
    }

    /// <summary>Whom a server names in its place: <c>MOVED SLOT HOST:PORT</c> or <c>ASK SLOT HOST:PORT</c>; no host is its own.</summary>
    /// <returns>Null for one that is not known yet, and when none is named.</returns>
    public RedisShard? Find(string redirection, RedisShard from)
    {
        var place = redirection[(redirection.LastIndexOf(' ') + 1)..];
        var colon = Math.Max(0, place.LastIndexOf(':'));
        var host = colon > 0 ? place[..colon] : Shards.FirstOrDefault(known => known.Value == from).Key.Host;
        return host is not null && int.TryParse(place.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? Shards.GetValueOrDefault(new(host, port))
            : null;
    }
}
