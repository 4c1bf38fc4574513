using System.Collections.Immutable;
using System.Globalization;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Cluster.Engine;
using ClawEvents.Broker.Redis;

namespace ClawEvents.Broker.Cluster;

/// <summary>The primary of each slot of a cluster, as far as it is known.</summary>
/// <param name="Slots">The primary of each slot.</param>
/// <param name="Shards">All primaries.</param>
internal sealed record ClusterMap(ImmutableArray<RedisShard> Slots, ImmutableDictionary<RedisEndpoint, RedisShard> Shards)
{
    /// <summary>A single server is asked about everything, and redirects.</summary>
    public static ClusterMap Of(RedisEndpoint endpoint, RedisShard shard) =>
        new([.. Enumerable.Repeat(shard, ChannelHash.Slots)], ImmutableDictionary<RedisEndpoint, RedisShard>.Empty.Add(endpoint, shard));

    public RedisShard Of(ChannelName channel) => Slots[ChannelKeys.SlotOf(channel)];

    /// <summary>The map according to a server. A slot without a primary stays at its old one, if that still exists.</summary>
    /// <param name="ranges">At least one.</param>
    /// <param name="make">Makes the connections to a new primary.</param>
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

    /// <summary>Finds the server that a redirection names: <c>MOVED SLOT HOST:PORT</c> or <c>ASK SLOT HOST:PORT</c>; no host means the server itself.</summary>
    /// <returns>Null when it is not known yet, and when the error names none.</returns>
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
