using System.Collections.Immutable;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Redis;
using StackExchange.Redis;

namespace ClawEvents.Broker.Cluster;

/// <summary>One server, or several independent ones: each channel is on one of them, by its name.</summary>
/// <remarks>When the list grows by one server, only that server's part of the channels moves. All nodes have the same list in the same order.</remarks>
internal sealed class FixedShards(ImmutableArray<RedisShard> shards) : IRedisShards
{
    public IReadOnlyList<RedisShard> All => shards;

    public IReadOnlyList<RedisShard> KeySpaces => shards;

    public void Start()
    {
        // They never change.
    }

    public RedisShard OfOrders => shards[0];

    public RedisShard OfStore => shards[0];

    public RedisShard Of(ChannelName channel) => shards.Length == 1 ? shards[0] : shards[ChannelHash.ShardOf(channel.Value, shards.Length)];

    public ValueTask<RedisResult> AskAsync(ChannelName channel, RedisCall command) => Of(channel).AskAsync(command);

    public ValueTask<RedisResult> PublishAsync(ChannelName channel, RedisCall command) => AskAsync(channel, command);

    public ValueTask<RedisResult> AskAboutOrdersAsync(RedisCall command) => OfOrders.AskAsync(command);

    public async ValueTask DisposeAsync()
    {
        foreach (var shard in shards)
        {
            await shard.DisposeAsync();
        }
    }
}
