using System.Collections.Immutable;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Redis.Resp;

namespace ClawEvents.Broker.Cluster;

/// <summary>One server, or several independent ones: each channel is on one of them, by its name.</summary>
/// <remarks>When the list grows by one server, only that server's part of the channels moves. All nodes have the same list in the same order.</remarks>
internal sealed class FixedShards(ImmutableArray<RedisShard> shards) : IRedisShards
{
    public IReadOnlyList<RedisShard> All => shards;

    public void Start()
    {
        // They never change.
    }

    public RedisShard OfOrders => shards[0];

    public RedisShard OfStore => shards[0];

    public RedisShard Of(ChannelName channel) => shards.Length == 1 ? shards[0] : shards[ChannelHash.ShardOf(channel.Value, shards.Length)];

    public ValueTask<RespValue> AskAsync(ChannelName channel, ReadOnlyMemory<byte> command) => Of(channel).Client.AskAsync(command);

    public ValueTask<RespValue> PublishAsync(ChannelName channel, ReadOnlyMemory<byte> command) => AskAsync(channel, command);

    public ValueTask<RespValue> AskAboutOrdersAsync(ReadOnlyMemory<byte> command) => OfOrders.Client.AskAsync(command);

    public async ValueTask DisposeAsync()
    {
        foreach (var shard in shards)
        {
            await shard.DisposeAsync();
        }
    }
}
